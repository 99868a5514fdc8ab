/// The maximum over windows, [B, C, T] → [B, C, T′]: PyTorch's `MaxPool1d`.
@ComputeActor public final class MaxPool1d: Layer {
  /// Samples of a window.
  public let size: Int
  /// Samples from one window to the next.
  public let stride: Int
  /// Samples that are no maximum, on either side of the signal.
  public let padding: Int
  /// Whether a last window that the signal does not fill counts.
  public let ceil: Bool

  /// Windows of a size, one behind the other unless a stride is given.
  public init(size: Int, stride: Int? = nil, padding: Int = 0, ceil: Bool = false) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
    self.ceil = ceil
  }

  /// Applies it.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(x.maxPool1d(size: size, stride: stride, padding: padding, ceil: ceil, tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    let result = [shape[0], Tensor.windows(in: shape[1], size, stride, padding, ceil: ceil)]
    summary.add("MaxPool1d", self, result, multiplications: 0)
    return result
  }
}

/// The mean over windows, [B, C, T] → [B, C, T′]: PyTorch's `AvgPool1d` without padding.
@ComputeActor public final class AveragePool1d: Layer {
  /// Samples of a window.
  public let size: Int
  /// Samples from one window to the next.
  public let stride: Int
  /// Whether a last window that the signal does not fill counts.
  public let ceil: Bool

  /// Windows of a size, one behind the other unless a stride is given.
  public init(size: Int, stride: Int? = nil, ceil: Bool = false) {
    self.size = size
    self.stride = stride ?? size
    self.ceil = ceil
  }

  /// Applies it.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(x.averagePool1d(size: size, stride: stride, ceil: ceil, tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    let result = [shape[0], Tensor.windows(in: shape[1], size, stride, 0, ceil: ceil)]
    summary.add("AvgPool1d", self, result, multiplications: 0)
    return result
  }
}
