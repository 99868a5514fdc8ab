import Foundation

/// One batch of crops.
///
/// The values are the stream's own memory, which is filled anew once nobody holds the batch any more: a batch that is kept
/// stays as it is, and costs the stream new memory.
public struct Batch: Sendable {
  let storage: BatchStorage

  /// The epoch, from 0.
  public var epoch: Int { storage.epoch }
  /// Rows that are a record's; the rows behind them, which only a masked tail has, are zero.
  public var count: Int { storage.records.count }
  /// Record of each row, an index into the shard set; [count].
  public var records: [Int] { storage.records }
  /// T.
  public var frames: Int { storage.shape.frames }
  /// Crops of each row.
  public var views: Int { storage.shape.views }
  /// How the values lie.
  public var layout: BatchLayout { storage.shape.layout }
  /// First frame of each crop in its record; [views · count], a view after the other.
  public var starts: [Int] { perView(storage.starts) }
  /// Frames of each crop that are the record's, behind which is padding; [views · count], a view after the other.
  public var validFrames: [Int] { perView(storage.validFrames) }
  /// The values, Float32: views · B crops as ``layout`` says, a view after the other.
  ///
  /// Copied; see ``withValues(_:)``.
  public var values: [Float] { withValues { Array($0) } }
  /// 1 for each value that was measured, of the same shape; nil unless the stream masks what is missing.
  ///
  /// Copied.
  public var mask: [UInt8]? { storage.mask.map { Array(UnsafeBufferPointer($0)) } }

  /// The values where they are: views · B crops as ``layout`` says, a view after the other.
  public func withValues<Result, Failure>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(storage.values))
  }

  private func perView(_ crops: UnsafeMutablePointer<Int>) -> [Int] {
    (0..<views).flatMap { UnsafeBufferPointer(start: crops + $0 * storage.shape.rows, count: count) }
  }
}

/// The memory of one batch.
///
/// Reading threads fill rows of their own, between the planning of the batch and its delivery; nobody else has it then.
final class BatchStorage: @unchecked Sendable {
  /// What all batches of a stream have in common.
  struct Shape: Equatable {
    /// This rank's part of the batch.
    var rows: Int
    var views: Int
    var frames: Int
    var layout: BatchLayout
    var isMasked: Bool

    /// Numbers of one crop.
    var cropSize: Int { frames * layout.width }
    /// What a crop takes: its values, their mask, its place, and what its row is known by.
    var bytesPerCrop: Int { cropSize * (MemoryLayout<Float>.size + (isMasked ? 1 : 0)) + 32 }
    /// Crops of all views.
    var crops: Int { rows * views }
  }

  let shape: Shape
  let values: UnsafeMutableBufferPointer<Float>
  let mask: UnsafeMutableBufferPointer<UInt8>?
  var epoch = 0
  var records: [Int] = []
  /// [views · rows], as is `validFrames`.
  let starts: UnsafeMutablePointer<Int>
  let validFrames: UnsafeMutablePointer<Int>
  private let memory: UnsafeMutableRawPointer

  /// - Throws: `ECGError.Code.inputOutput` if there is no memory.
  init(_ shape: Shape) throws {
    self.shape = shape
    let count = shape.crops * shape.cropSize
    let bytes = max(1, count * (MemoryLayout<Float>.size + (shape.isMasked ? 1 : 0)))
    // In large pages where the system has them: a batch is written in twelve places at once.
    let page = bytes >= 1 << 18 ? 1 << 21 : 4096
    let size = (bytes + page - 1) & ~(page - 1)
    var block: UnsafeMutableRawPointer?
    guard posix_memalign(&block, page, size) == 0, let pages = block else {
      throw ECGError(
        .inputOutput, "there is no memory for a batch of \(size) bytes",
        advice: "choose smaller batches or crops")
    }
    if page > 4096 { madvise(pages, size, MADV_HUGEPAGE) }
    memory = pages
    values = UnsafeMutableBufferPointer(
      start: pages.bindMemory(to: Float.self, capacity: count), count: count)
    mask =
      shape.isMasked
      ? UnsafeMutableBufferPointer(
        start: (pages + count * MemoryLayout<Float>.size).bindMemory(to: UInt8.self, capacity: count),
        count: count)
      : nil
    starts = .allocate(capacity: shape.crops)
    starts.initialize(repeating: 0, count: shape.crops)
    validFrames = .allocate(capacity: shape.crops)
    validFrames.initialize(repeating: 0, count: shape.crops)
    records.reserveCapacity(shape.rows)
  }

  deinit {
    free(memory)
    starts.deallocate()
    validFrames.deallocate()
  }

  /// Empties the batch for an epoch's items.
  func begin(epoch: Int) {
    self.epoch = epoch
    records.removeAll(keepingCapacity: true)
  }

  /// Zeroes the rows from one on, in all views.
  func clear(from row: Int) {
    guard row < shape.rows else { return }
    for view in 0..<shape.views {
      let (place, count) = (view * shape.rows + row, (shape.rows - row) * shape.cropSize)
      crop(place).update(repeating: 0, count: count)
      cropMask(place)?.update(repeating: 0, count: count)
    }
  }

  /// Where a crop's values go; `place` is view · rows + row.
  func crop(_ place: Int) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Float.self) + place * shape.cropSize
  }

  /// Where its mask goes.
  func cropMask(_ place: Int) -> UnsafeMutablePointer<UInt8>? {
    mask?.baseAddress.map { $0 + place * shape.cropSize }
  }
}
