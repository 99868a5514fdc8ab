/// The median of a window that moves along a signal.
///
///     let baseline = RunningMedian(width: 301).centered(RunningMedian(width: 101).centered(lead))
///
/// Windows are odd, so that the median is one of the samples. The signal is mirrored at its ends
/// (d c b a | a b c d | d c b a), as in `scipy.ndimage.median_filter(signal, width, mode="reflect")`; zeros
/// there, as `scipy.signal.medfilt` has them, would pull the baseline down.
///
/// Two medians, of 0.2 s, which removes QRS complexes and P waves, and of 0.6 s, which removes T waves, leave
/// the baseline (de Chazal, O'Dwyer and Reilly, IEEE Trans. Biomed. Eng. 51:1196, 2004).
public struct RunningMedian: Sendable, Equatable {
  /// How many samples the window has.
  public let width: Int

  /// Creates a median of an odd number of samples; an even one is made one greater.
  public init(width: Int) {
    self.width = Swift.max(1, width) | 1
  }

  /// The median around each sample.
  ///
  /// The samples are sorted once, and the window is a set of their ranks, kept as bits: of the two samples that a step
  /// exchanges each moves the middle by one bit at most, and that is found within a word or two.
  ///
  /// - Parameter signal: the samples of one lead, none of them NaN.
  /// - Returns: as many samples.
  /// - Complexity: O(samples + width).
  public func centered(_ signal: [Double]) -> [Double] {
    var medians = signal
    medians.withUnsafeMutableBufferPointer { apply(to: $0) }
    return medians
  }

  /// Replaces each sample by the median around it.
  func apply(to signal: UnsafeMutableBufferPointer<Double>) {
    guard width > 1, !signal.isEmpty else { return }
    let half = width / 2
    ScratchMemory.with(signal.count + 2 * half, of: Double.self) { line in
      let period = 2 * signal.count
      for index in line.indices {
        let place = ((index - half) % period + period) % period
        line[index] = signal[place < signal.count ? place : period - 1 - place]
      }
      // Pieces of a signal keep the ranks of a window close together.
      let piece = max(4 * width, 8192)
      for start in stride(from: 0, to: signal.count, by: piece) {
        let count = min(piece, signal.count - start)
        medians(
          of: UnsafeMutableBufferPointer(rebasing: line[start..<(start + count + 2 * half)]),
          into: UnsafeMutableBufferPointer(rebasing: signal[start..<(start + count)]))
      }
    }
  }

  /// The medians of all windows of a line.
  private func medians(
    of line: UnsafeMutableBufferPointer<Double>, into medians: UnsafeMutableBufferPointer<Double>
  ) {
    let half = width / 2
    ScratchMemory.with(2 * line.count, of: UInt32.self) { room in
      let order = UnsafeMutableBufferPointer(rebasing: room[..<line.count])
      let ranks = UnsafeMutableBufferPointer(rebasing: room[line.count...])
      RadixSort.order(of: line, into: order)
      for (rank, place) in order.enumerated() { ranks[Int(place)] = UInt32(truncatingIfNeeded: rank) }
      ScratchMemory.with(line.count / 64 + 1, of: UInt64.self) { words in
        words.initialize(repeating: 0)
        var window = RankSet(words)
        for place in 0..<width { window.insert(Int(ranks[place])) }
        var middle = window.member(half)
        medians[0] = line[Int(order[middle])]
        // How many ranks of the window are below the middle.
        var below = half
        for index in 1..<max(1, medians.count) {
          let (leaving, coming) = (Int(ranks[index - 1]), Int(ranks[index + width - 1]))
          window.remove(leaving)
          window.insert(coming)
          if leaving < middle { below -= 1 }
          if coming < middle { below += 1 }
          if below > half {
            middle = window.member(before: middle)
            below -= 1
          } else if below < half {
            middle = window.member(after: middle)
            below += 1
          } else if leaving == middle {
            middle = window.member(after: middle)
          }
          medians[index] = line[Int(order[middle])]
        }
      }
    }
  }
}

/// A set of small numbers as bits.
private struct RankSet {
  private let words: UnsafeMutableBufferPointer<UInt64>

  init(_ words: UnsafeMutableBufferPointer<UInt64>) { self.words = words }

  mutating func insert(_ rank: Int) { words[rank / 64] |= 1 << UInt64(rank % 64) }
  mutating func remove(_ rank: Int) { words[rank / 64] &= ~(1 << UInt64(rank % 64)) }

  /// The member that so many others are below; there are more than these.
  func member(_ number: Int) -> Int {
    var (left, place) = (number, 0)
    while left >= words[place].nonzeroBitCount {
      left -= words[place].nonzeroBitCount
      place += 1
    }
    var word = words[place]
    for _ in 0..<left { word &= word - 1 }
    return 64 * place + word.trailingZeroBitCount
  }

  /// The next member above a number; there is one.
  func member(after rank: Int) -> Int {
    var place = rank / 64
    var word = words[place] & (~UInt64(1) << UInt64(rank % 64))
    while word == 0 {
      place += 1
      word = words[place]
    }
    return 64 * place + word.trailingZeroBitCount
  }

  /// The next member below a number; there is one.
  func member(before rank: Int) -> Int {
    var place = rank / 64
    var word = words[place] & ((UInt64(1) << UInt64(rank % 64)) - 1)
    while word == 0 {
      place -= 1
      word = words[place]
    }
    return 64 * place + 63 - word.leadingZeroBitCount
  }
}
