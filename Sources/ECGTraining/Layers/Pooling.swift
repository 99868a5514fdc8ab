internal import ECGData

/// The maximum over windows, [B, C, T] → [B, C, T′]: PyTorch's `MaxPool1d`.
@ComputeActor public final class MaxPool1d: Layer {
  /// Samples of a window.
  public var size: Int { window.size }
  /// Samples from one window to the next.
  public var stride: Int { window.stride }
  /// Samples that are no maximum, on either side of the signal.
  public var padding: Int { window.padding }
  /// Whether a last window that the signal does not fill counts.
  public let ceil: Bool
  private let window: SlidingWindow

  /// Windows of a size, one behind the other unless a stride is given.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for windows that are none.
  public init(size: Int, stride: Int? = nil, padding: Int = 0, ceil: Bool = false) throws {
    window = try SlidingWindow(size: size, stride: stride ?? size, padding: padding)
    self.ceil = ceil
  }

  /// Applies it.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(x.maxPool1d(size: size, stride: stride, padding: padding, ceil: ceil, tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    let steps = try steps(over: shape) { window.places(in: $0, ceil: ceil) }
    return try summary.add("MaxPool1d", self, [shape[0], steps])
  }
}

/// The mean over windows, [B, C, T] → [B, C, T′]: PyTorch's `AvgPool1d` without padding.
@ComputeActor public final class AveragePool1d: Layer {
  /// Samples of a window.
  public var size: Int { window.size }
  /// Samples from one window to the next.
  public var stride: Int { window.stride }
  /// Whether a last window that the signal does not fill counts.
  public let ceil: Bool
  private let window: SlidingWindow

  /// Windows of a size, one behind the other unless a stride is given.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for windows that are none.
  public init(size: Int, stride: Int? = nil, ceil: Bool = false) throws {
    window = try SlidingWindow(size: size, stride: stride ?? size, padding: 0)
    self.ceil = ceil
  }

  /// Applies it.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(x.averagePool1d(size: size, stride: stride, ceil: ceil, tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    let steps = try steps(over: shape) { window.places(in: $0, ceil: ceil) }
    return try summary.add("AvgPool1d", self, [shape[0], steps])
  }
}
