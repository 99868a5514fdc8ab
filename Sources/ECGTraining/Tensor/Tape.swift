internal import COneDNN
internal import ECGData

/// Where the gradient of a tensor gathers; apart from the tensor, so that a tape keeps no values alive by it.
@ComputeActor final class GradientSlot {
  var value: Tensor?
  /// A parameter's gradient is row-major, as its value is.
  private let isRowMajor: Bool
  /// The layout of the tensor, in which contributions of several layouts are added.
  private let layout: Layout

  init(of tensor: Tensor, isRowMajor: Bool = false) {
    self.isRowMajor = isRowMajor
    layout = tensor.layout
  }

  /// Adds a contribution.
  ///
  /// The tensors themselves never change, as several slots may share one.
  func add(_ contribution: Tensor) throws {
    let contribution = isRowMajor ? try contribution.rowMajor() : contribution
    guard let value else {
      value = contribution
      return
    }
    self.value =
      value.layout == contribution.layout
      ? try value.adding(contribution)
      : try value.laidOut(as: layout).adding(contribution.laidOut(as: layout))
  }
}

/// A record of operations, from which gradients are computed in reverse (reverse-mode differentiation).
///
/// Operations take a tape as an argument; without one they record nothing and keep nothing: inference.
///
///     let tape = Tape()
///     let loss = try layer(x, tape: tape).binaryCrossEntropy(targets: y, tape: tape)
///     try tape.backward(from: loss)
///
/// A tape serves once: its memory is freed as the gradients pass, and with the tape at the latest.
@ComputeActor public final class Tape {
  private var steps: [(slot: GradientSlot, backward: @ComputeActor (Tensor) throws -> Void)] = []

  /// Whether the same is computed once more, so that layers must not count it in their running statistics.
  let isRehearsal: Bool

  /// Creates an empty tape.
  public init() { isRehearsal = false }

  /// Creates a tape for a computation that is repeated later.
  init(isRehearsal: Bool) { self.isRehearsal = isRehearsal }

  /// Computes the gradient of a scalar with respect to every parameter and input that asks for one.
  ///
  /// Gradients add up over tapes until they are cleared, as by ``Optimizer/clearGradients()``.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the tensor is no scalar or depends on
  ///   nothing that takes a gradient.
  public func backward(from loss: Tensor) throws {
    guard loss.count == 1 else {
      throw ECGError(.invalidArgument, "gradients start from a scalar, not from shape \(loss.shape)")
    }
    try backward(from: loss, gradient: Tensor(repeating: 1, shape: loss.shape))
  }

  /// Computes the product of a tensor's Jacobian, transposed, with a gradient of the tensor's shape.
  public func backward(from result: Tensor, gradient: Tensor) throws {
    guard let slot = result.slot else {
      throw ECGError(.invalidArgument, "nothing that the result depends on takes a gradient")
    }
    guard gradient.shape == result.shape else {
      throw ECGError(
        .invalidArgument, "a gradient of shape \(gradient.shape) for a tensor of shape \(result.shape)")
    }
    try slot.add(gradient)
    while let step = steps.popLast() {
      guard let gradient = step.slot.value else { continue }
      step.slot.value = nil
      try step.backward(gradient)
    }
  }

  func record(_ result: Tensor, _ backward: @escaping @ComputeActor (Tensor) throws -> Void) {
    let slot = GradientSlot(of: result)
    result.slot = slot
    steps.append((slot, backward))
  }
}

extension Tensor {
  /// Records how a gradient of this tensor passes on to its inputs, if there is a tape and an input wants it.
  func recorded(
    on tape: Tape?, from inputs: [Tensor], _ backward: @escaping @ComputeActor (Tensor) throws -> Void
  ) -> Tensor {
    if let tape, inputs.contains(where: \.requiresGradient) { tape.record(self, backward) }
    return self
  }
}
