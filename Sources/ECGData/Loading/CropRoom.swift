/// What a thread needs to make crops: asked for once, so that making one asks for nothing.
final class CropRoom {
  /// Counts that were read, at the beginning of a page.
  private(set) var counts: UnsafeMutablePointer<Int16>
  /// The factors of the twelve leads, then their offsets, then what a millivolt is of each.
  let factors: UnsafeMutablePointer<Float>
  /// The crop while it is augmented.
  let rows = CropRows(capacity: 0)
  /// What was read and checked since the last ``take()``.
  private var tally = StreamTally()
  private var capacity = 0

  init() {
    counts = CropRoom.pages(0)
    factors = .allocate(capacity: 3 * Lead.count)
    factors.initialize(repeating: 0, count: 3 * Lead.count)
  }

  deinit {
    counts.deallocate()
    factors.deallocate()
  }

  /// Where each lead's offset is.
  var offsets: UnsafeMutablePointer<Float> { factors + Lead.count }

  /// Where is what a millivolt of each lead becomes.
  var valuesPerMillivolt: UnsafeMutablePointer<Float> { factors + 2 * Lead.count }

  /// Room for frames of twelve counts.
  func reserve(frames: Int) -> UnsafeMutableBufferPointer<Int16> {
    if frames > capacity {
      counts.deallocate()
      counts = CropRoom.pages(frames)
      capacity = frames
    }
    return UnsafeMutableBufferPointer(start: counts, count: frames * Lead.count)
  }

  func countRead(_ bytes: Int) { tally.readBytes += bytes }

  func countVerified() { tally.verifiedRecords += 1 }

  /// What was counted, from which on nothing is.
  func take() -> StreamTally {
    defer { tally = StreamTally() }
    return tally
  }

  private static func pages(_ frames: Int) -> UnsafeMutablePointer<Int16> {
    UnsafeMutableRawPointer.allocate(byteCount: frames * Lead.count * 2 + 64, alignment: 4096)
      .assumingMemoryBound(to: Int16.self)
  }
}

/// What reading threads have done.
struct StreamTally: Sendable {
  var readBytes = 0
  var verifiedRecords = 0

  static func += (left: inout StreamTally, right: StreamTally) {
    left.readBytes += right.readBytes
    left.verifiedRecords += right.verifiedRecords
  }
}
