internal import ECGData

extension Optimizer {
  /// Takes a step of a run: loss, gradients and update.
  ///
  /// - Parameters:
  ///   - number: the step, from 1.
  ///   - network: what is trained.
  ///   - input: the step's signals.
  ///   - file: where the run is.
  ///   - loss: computes the loss on a tape, and the same if it is called again.
  /// - Returns: the loss.
  /// - Throws: `ECGError` with code `unsupported` if loss or gradients are not finite; it names where that begins.
  func step(
    _ number: Int, of network: any Module, input: [Float], file: String, loss: (Tape) throws -> Tensor
  ) throws -> Float {
    let tape = Tape()
    let result = try loss(tape)
    let value = try result.scalar
    func divergence(_ what: String) throws -> ECGError {
      let origin = try Divergence.origin(in: network, input: input) { _ = try loss(Tape()) }
      return ECGError(
        .unsupported, "\(what) at step \(number)\(origin.map { ", beginning with \($0)" } ?? "")", file: file,
        advice: "lower optimizer.learning_rate")
    }
    guard value.isFinite else { throw try divergence("the loss is no longer a number") }
    clearGradients()
    try tape.backward(from: result)
    do { try step() } catch let error as ECGError where error.code == .unsupported {
      throw try divergence(error.message)
    }
    return value
  }
}

/// Where numbers cease to be finite.
@ComputeActor enum Divergence {
  /// Looks for the beginning.
  ///
  /// - Parameters:
  ///   - network: what is trained.
  ///   - input: its signals.
  ///   - again: the computation once more.
  /// - Returns: the parameter, the input or the layer, in this order, that is the first not to be finite; `nil` if all are.
  /// - Throws: `ECGError` if there is no memory to look.
  static func origin(in network: any Module, input: [Float], again: () throws -> Void) throws -> String? {
    if let name = try network.parameters.first(where: { !(try $0.parameter.tensor.values.isFinite) })?.name {
      return name
    }
    guard input.isFinite else { return "the signals" }
    var first: String?
    // Whether all of it succeeds does not matter any more.
    try? Inspection.of(network, during: again) { layer, result in
      if first == nil, try !result.values.isFinite { first = layer }
    }
    return first
  }
}

extension [Float] {
  fileprivate var isFinite: Bool { allSatisfy(\.isFinite) }
}
