public import ECGData

/// Masked completion: parts of a signal are zeroed on all leads, and a network is to fill them in.
///
/// After Gedon et al. (2021): blocks of 64 samples, aligned to 64, about a quarter of those that carry signal; the loss is
/// the mean squared error on the masked samples.
///
/// The paper leaves open how blocks are chosen. Here a block carries signal if at least one of its samples is valid; each
/// such block is masked with the probability `share`, independently, in the order of time; if none is, one of them is
/// drawn, each as likely. So n blocks have share · n + (1 − share)ⁿ masked ones on average. Only what was measured
/// counts in the loss: absent leads, gaps and the padding of a block that reaches beyond the signal do not.
public struct MaskedCompletion: Codable, Sendable, Equatable {
  /// Samples of a block.
  public var block: Int
  /// The probability that a block is masked.
  public var share: Double

  /// The paper's blocks, unless told otherwise.
  public init(block: Int = 64, share: Double = 0.25) {
    self.block = block
    self.share = share
  }

  /// Signals with gaps.
  @ComputeActor public struct Masked {
    /// The signals [B, C, T], zero where they are masked.
    public let signals: Tensor
    /// Row-major over [B, C, T]: 1 where a measured sample is masked, else 0.
    public let mask: [UInt8]
  }

  /// Masks signals [B, C, T].
  ///
  /// - Parameters:
  ///   - signals: What to mask.
  ///   - valid: The samples of each that are signal, not padding; all if left out.
  ///   - measured: [B, C, T], 0 where a sample is no measurement; all are if left out.
  ///   - generator: Draws signal by signal.
  /// - Returns: The masked signals.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape has other axes, if there is not one range of at
  ///   least one sample in 0 ..< T a signal, or for settings that make no mask.
  @ComputeActor public func mask(
    _ signals: Tensor, valid: [Range<Int>]? = nil, measured: Tensor? = nil, generator: inout SplitMix64
  ) throws -> Masked {
    guard block > 0, (0...1).contains(share) else {
      throw ECGError(
        .invalidArgument, "a share of \(share) of blocks of \(block) samples makes no mask",
        advice: "choose a share of 0 to 1, of blocks of 1 sample or more")
    }
    guard signals.shape.count == 3 else {
      throw ECGError(.invalidArgument, "signals have the axes [B, C, T], not the shape \(signals.shape)")
    }
    let (batch, channels, steps) = (signals.shape[0], signals.shape[1], signals.shape[2])
    let valid = valid ?? Array(repeating: 0..<steps, count: batch)
    guard valid.count == batch,
      valid.allSatisfy({ !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= steps })
    else {
      throw ECGError(
        .invalidArgument,
        "\(valid.count) ranges of valid samples do not fit signals of shape \(signals.shape)",
        advice: "give each signal a range of one sample or more")
    }
    guard measured == nil || measured?.shape == signals.shape else {
      throw ECGError(
        .invalidArgument, "what was measured of signals of shape \(signals.shape) has another shape")
    }
    let present = try measured?.values
    var values = try signals.values
    var mask = [UInt8](repeating: 0, count: values.count)
    for (index, range) in valid.enumerated() {
      for chosen in blocks(of: range, &generator) {
        let masked = chosen * block..<min((chosen + 1) * block, steps)
        for channel in 0..<channels {
          let row = (index * channels + channel) * steps
          for step in masked {
            values[row + step] = 0
            mask[row + step] = range.contains(step) && present?[row + step] != 0 ? 1 : 0
          }
        }
      }
    }
    return Masked(signals: try Tensor(values, shape: signals.shape), mask: mask)
  }

  /// The numbers of the blocks to mask of a signal.
  private func blocks(of valid: Range<Int>, _ generator: inout SplitMix64) -> [Int] {
    let carrying = valid.lowerBound / block...(valid.upperBound - 1) / block
    let chosen = carrying.filter { _ in generator.uniform() < share }
    return chosen.isEmpty ? [carrying.lowerBound + generator.index(below: carrying.count)] : chosen
  }

  /// The mean squared error of completed signals [B, C, T] against the original ones, over the masked samples; a scalar of
  /// shape [1].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ.
  @ComputeActor public func loss(
    completed: Tensor, signals: Tensor, mask: [UInt8], tape: Tape? = nil
  ) throws -> Tensor {
    try completed.meanSquaredError(targets: signals, mask: mask, tape: tape)
  }
}
