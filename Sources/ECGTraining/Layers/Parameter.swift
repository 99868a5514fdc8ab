internal import COneDNN
internal import ECGData

/// What the weights of a layer are drawn from.
public enum WeightDistribution: Sendable {
  /// Uniform within ±1/√inputs: PyTorch's default.
  case uniform
  /// Normal with variance 2 / inputs (He et al., 2015), for layers before a ReLU.
  case kaimingNormal
}

/// A trainable tensor: a value that optimisers change in place, with a gradient unless it is frozen.
@ComputeActor public final class Parameter {
  /// The value, row-major, as operations take it.
  public let tensor: Tensor
  /// Whether weight decay makes sense for it; false for biases and the affine part of normalisations.
  public let isDecayable: Bool

  /// Makes a parameter of row-major values.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if their number does not fit the shape.
  public convenience init(_ values: [Float], shape: [Int], isDecayable: Bool = true) throws {
    self.init(try Tensor(values, shape: shape), isDecayable: isDecayable)
  }

  /// Takes over a row-major tensor, which nothing else holds.
  init(_ tensor: Tensor, isDecayable: Bool) {
    self.tensor = tensor
    self.isDecayable = isDecayable
    tensor.slot = GradientSlot(of: tensor, isRowMajor: true)
  }

  private static var isDrawn = true

  /// Makes a network whose drawn elements are not written, as all are to be loaded: its shapes are known, and memory that
  /// they do not need is not touched.
  static func withoutDrawing<Result>(_ make: () throws -> Result) rethrows -> Result {
    isDrawn = false
    defer { isDrawn = true }
    return try make()
  }

  /// Draws one element after another.
  private convenience init(shape: [Int], isDecayable: Bool, draw: () -> Double) throws {
    let tensor = try Tensor(shape: shape)
    if Self.isDrawn {
      for index in 0..<tensor.count { tensor.storage.floats[index] = Float(draw()) }
    }
    self.init(tensor, isDecayable: isDecayable)
  }

  /// Draws every element uniformly from −bound … bound.
  convenience init(
    uniform bound: Double, shape: [Int], isDecayable: Bool = true, generator: inout SplitMix64
  ) throws {
    try self.init(shape: shape, isDecayable: isDecayable) { (2 * generator.uniform() - 1) * bound }
  }

  /// Draws a layer's weights, each result of which is a sum of `inputs` terms.
  convenience init(
    _ weights: WeightDistribution, inputs: Int, shape: [Int], isDecayable: Bool = true,
    generator: inout SplitMix64
  ) throws {
    switch weights {
    case .uniform:
      try self.init(
        uniform: 1 / Double(inputs).squareRoot(), shape: shape, isDecayable: isDecayable,
        generator: &generator)
    case .kaimingNormal:
      let deviation = (2 / Double(inputs)).squareRoot()
      try self.init(shape: shape, isDecayable: isDecayable) { generator.normal() * deviation }
    }
  }

  /// A frozen parameter takes no gradient, and nothing is computed on its behalf.
  public var isFrozen: Bool {
    get { tensor.slot == nil }
    set {
      if newValue != isFrozen { tensor.slot = newValue ? nil : GradientSlot(of: tensor, isRowMajor: true) }
    }
  }

  /// The gradient gathered since it was last cleared.
  public var gradient: Tensor? { tensor.gradient }

  /// Forgets the gradient.
  public func clearGradient() { tensor.slot?.value = nil }

  /// Replaces the value.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the number of values differs.
  public func set(_ values: [Float]) throws { try tensor.overwrite(values) }
}

extension Tensor {
  /// Replaces the values of a row-major tensor that is a parameter or buffer.
  func overwrite(_ values: [Float]) throws {
    guard values.count == count else {
      throw ECGError(.invalidArgument, "\(values.count) values do not fill a tensor of shape \(shape)")
    }
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.floats.update(from: base, count: source.count) }
    }
  }
}
