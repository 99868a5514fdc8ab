/// The mean of a window that moves along a signal.
///
///     let smooth = MovingAverage(width: 15).centered(lead)
///
/// Windows are odd, so that they have a middle.
public struct MovingAverage: Sendable, Equatable {
  /// How many samples the window has.
  public let width: Int

  /// Creates an average of an odd number of samples; an even one is made one greater.
  public init(width: Int) {
    self.width = Swift.max(1, width) | 1
  }

  /// The average around each sample, the signal being mirrored at its ends (d c b a | a b c d | d c b a).
  ///
  /// It is `scipy.ndimage.uniform_filter1d(signal, width, mode="reflect")`.
  ///
  /// - Parameter signal: the samples of one lead.
  /// - Returns: as many samples.
  /// - Complexity: O(samples + width).
  public func centered(_ signal: [Double]) -> [Double] {
    means(signal.mirrored(by: width / 2))
  }

  /// The average of each sample and those before it, the first sample being held before the signal.
  ///
  /// - Parameter signal: the samples of one lead.
  /// - Returns: as many samples.
  /// - Complexity: O(samples + width).
  public func causal(_ signal: [Double]) -> [Double] {
    signal.isEmpty ? [] : means([Double](repeating: signal[0], count: width - 1) + signal)
  }

  /// Averages the next part of a signal; all parts together equal the whole to the last bit.
  ///
  /// The history begins where one of the blocks of ``means(_:)`` does.
  func causal(_ part: [Double], carrying history: inout [Double]) -> [Double] {
    let line = history + part
    let result = means(line).dropFirst(history.count - (width - 1))
    history = Array(line[((line.count - (width - 1)) / width * width)...])
    return Array(result)
  }

  /// The gain of ``centered(_:)``, negative where the phase is turned.
  ///
  /// - Parameters:
  ///   - frequencies: in Hz.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: one value a frequency.
  public func gain(at frequencies: [Double], rate: Double) -> [Double] {
    frequencies.map { frequency in
      let below = PortableMath.sinPi(frequency / rate)
      if below == 0 { return 1 }
      return PortableMath.sinPi(Double(width) * frequency / rate) / (Double(width) * below)
    }
  }

  /// The means of all windows of a line.
  ///
  /// A running sum would keep the rounding of all that has left it. Here the line is cut into blocks as long
  /// as the window, and each window is the end of one block and the begin of the next: two sums that start
  /// anew with every block.
  private func means(_ line: [Double]) -> [Double] {
    guard line.count >= width else { return [] }
    var tails = line
    var heads = line
    for index in line.indices {
      if !index.isMultiple(of: width) { heads[index] += heads[index - 1] }
      let mirror = line.count - 1 - index
      if !(mirror + 1).isMultiple(of: width), mirror + 1 < line.count { tails[mirror] += tails[mirror + 1] }
    }
    return (0...(line.count - width)).map { start in
      let sum =
        start.isMultiple(of: width) ? heads[start + width - 1] : tails[start] + heads[start + width - 1]
      return sum / Double(width)
    }
  }
}

extension [Double] {
  /// The signal mirrored at its ends, edge samples twice, as often as it takes.
  func mirrored(by padding: Int) -> [Double] {
    if isEmpty { return [] }
    return (-padding..<(count + padding)).map { index in
      let place = ((index % (2 * count)) + 2 * count) % (2 * count)
      return self[place < count ? place : 2 * count - 1 - place]
    }
  }
}
