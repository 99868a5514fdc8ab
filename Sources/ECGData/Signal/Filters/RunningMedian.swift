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
  /// The line is cut into blocks as long as the window, each sorted once; a window is the end of one block
  /// and the begin of the next, both kept as linked lists in sorted order from which one sample a step leaves
  /// or to which one comes back (Suomela, Median Filtering is Equivalent to Sorting, arXiv:1406.1717, 2014).
  ///
  /// - Parameter signal: the samples of one lead, none of them NaN.
  /// - Returns: as many samples.
  /// - Complexity: O((samples + width) · log width).
  public func centered(_ signal: [Double]) -> [Double] {
    if width == 1 || signal.isEmpty { return signal }
    let half = width / 2
    let blocks = (signal.count + 2 * half + width - 1) / width
    var line = signal.mirrored(by: half)
    // The samples that fill up the last block are in no window that is asked for.
    line += [Double](repeating: 0, count: blocks * width - line.count)
    var medians: [Double] = []
    medians.reserveCapacity(blocks * width)
    var leaving = SortedBlock(line[..<width], smaller: half)
    medians.append(leaving.sample)
    for block in 1..<max(blocks, 1) {
      var coming = SortedBlock(line[(block * width)..<((block + 1) * width)], smaller: 0)
      coming.removeAll()
      for index in 0..<width {
        leaving.remove(index)
        coming.insert(index)
        if leaving.smaller + coming.smaller < half {
          if coming.isAtEnd || (!leaving.isAtEnd && leaving.sample <= coming.sample) {
            leaving.advance()
          } else {
            coming.advance()
          }
        }
        let takesLeaving = coming.isAtEnd || (!leaving.isAtEnd && leaving.sample <= coming.sample)
        medians.append(takesLeaving ? leaving.sample : coming.sample)
      }
      leaving = coming
    }
    return Array(medians.prefix(signal.count))
  }
}

/// Some samples of a block in sorted order, with a mark among them.
private struct SortedBlock {
  private let samples: [Double]
  /// The place of each sample in sorted order.
  private let ranks: [Int]
  /// Neighbours in sorted order; the last entry is the end of the list as well as its begin.
  private var next: [Int]
  private var previous: [Int]
  private var mark: Int
  /// How many samples of the list are before the mark.
  private(set) var smaller: Int

  private var end: Int { samples.count }
  var isAtEnd: Bool { mark == end }
  /// The sample at the mark, which is not at the end.
  var sample: Double { samples[mark] }

  /// A list of all samples, whose mark has so many before it.
  init(_ slice: ArraySlice<Double>, smaller: Int) {
    let samples = Array(slice)
    let order = samples.indices.sorted {
      samples[$0] < samples[$1] || (samples[$0] == samples[$1] && $0 < $1)
    }
    var ranks = [Int](repeating: samples.count, count: samples.count + 1)
    var (next, previous) = (ranks, ranks)
    var last = samples.count
    for (rank, index) in order.enumerated() {
      ranks[index] = rank
      next[last] = index
      previous[index] = last
      last = index
    }
    next[last] = samples.count
    previous[samples.count] = last
    self.samples = samples
    self.ranks = ranks
    self.next = next
    self.previous = previous
    self.smaller = smaller
    mark = order[smaller]
  }

  /// Takes all samples out, the last of the signal first, so that ``insert(_:)`` can put them back.
  mutating func removeAll() {
    for index in stride(from: end - 1, through: 0, by: -1) { unlink(index) }
    mark = end
    smaller = 0
  }

  mutating func remove(_ index: Int) {
    unlink(index)
    if ranks[index] < ranks[mark] {
      smaller -= 1
      return
    }
    if mark == index { mark = next[mark] }
    if smaller > 0 {
      mark = previous[mark]
      smaller -= 1
    }
  }

  /// Puts back the sample that was taken out last of those that are out.
  mutating func insert(_ index: Int) {
    next[previous[index]] = index
    previous[next[index]] = index
    if ranks[index] < ranks[mark] { mark = previous[mark] }
  }

  mutating func advance() {
    mark = next[mark]
    smaller += 1
  }

  private mutating func unlink(_ index: Int) {
    next[previous[index]] = next[index]
    previous[next[index]] = previous[index]
  }
}
