public import ECGData

/// A module that makes one tensor of one: what a ``Sequential`` consists of.
@ComputeActor public protocol Layer: Module {
  /// The layer's result.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  func callAsFunction(_ x: Tensor, tape: Tape?) throws -> Tensor
  /// Adds the layer to a summary.
  ///
  /// - Parameters:
  ///   - shape: that of one input without the batch, [C, T] or [C].
  ///   - summary: What to add to.
  /// - Returns: the shape of the result.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int]
}

extension Layer {
  /// The steps of a result that has `count` of a signal's samples.
  ///
  /// - Parameters:
  ///   - shape: that of one signal, [C, T].
  ///   - channels: C; any if left out.
  ///   - count: the steps of a number of samples, nil if there are none.
  /// - Returns: the steps.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  func steps(over shape: [Int], channels: Int? = nil, _ count: (Int) -> Int?) throws -> Int {
    guard shape.count == 2, shape[0] == channels ?? shape[0], let steps = count(shape[1]) else {
      throw ECGError(.invalidArgument, "\(type(of: self)) does not apply to a signal of shape \(shape)")
    }
    return steps
  }
}

/// Layers one after another, named by their places: PyTorch's `Sequential`.
@ComputeActor public final class Sequential: Layer {
  /// The layers.
  public let layers: [any Layer]

  /// Joins layers.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The layers by place.
  public var children: [(name: String, module: any Module)] {
    layers.enumerated().map { (name: "\($0)", module: $1) }
  }

  /// Applies one layer after another.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try layers.reduce(x) { try $1($0, tape: tape) }
  }

  /// Adds the layers to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    var shape = shape
    for (index, layer) in layers.enumerated() {
      shape = try summary.within("\(index)") { try layer.summarize(shape, into: &$0) }
    }
    return shape
  }
}

/// ReLU, max(0, x).
@ComputeActor public final class ReLU: Layer {
  /// The layer, which has no parameters.
  public init() {}

  /// Applies it.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(x.relu(tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    try summary.add("ReLU", self, shape)
  }
}

/// Dropout while a tape records, nothing otherwise: PyTorch's `Dropout`.
@ComputeActor public final class Dropout: Layer {
  /// The probability of a zero.
  public let rate: Float
  private var generator: SplitMix64

  /// Dropout at a rate in 0 ..< 1, which draws its seed.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for another rate.
  public init(rate: Float, generator: inout SplitMix64) throws {
    guard (0..<1).contains(rate) else {
      throw ECGError(.invalidArgument, "a dropout rate of \(rate)", advice: "choose one from 0, below 1")
    }
    self.rate = rate
    self.generator = SplitMix64(state: generator.next())
  }

  /// Draws the seed of the next calls.
  public func reseed(_ generator: inout SplitMix64) { self.generator = SplitMix64(state: generator.next()) }

  /// Applies it; every call drops others.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    guard let tape, rate > 0 else { return x }
    return try delivered(x.dropout(rate: rate, seed: generator.next(), tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    try summary.add("Dropout", self, shape)
  }
}
