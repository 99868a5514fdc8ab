internal import ECGData

/// The windows by which records are tested.
///
/// One every `stride` from the beginning, and one more at the end if these do not reach it. A record shorter than a
/// window is one padded window.
struct Windows: Sendable {
  /// Record and first frame of each window, records in order.
  private(set) var items: [(record: Int, start: Int)] = []
  /// The windows of the i-th record.
  private(set) var ranges: [Range<Int>] = []

  init(records: [Int], frameCount: (Int) -> Int, frames: Int, stride: Int) {
    for record in records {
      let first = items.count
      let last = max(0, frameCount(record) - frames)
      items += Swift.stride(from: 0, through: last, by: stride).map { (record, $0) }
      if items[items.count - 1].start < last { items.append((record, last)) }
      ranges.append(first..<items.count)
    }
  }
}
