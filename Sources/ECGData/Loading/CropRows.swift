/// The rows of one crop while it is made, and room beside them: one a thread, so that making a crop asks for no memory.
///
/// A row is sixteen values of one frame: the twelve leads in canonical order, normalised, then four zeros, which stay
/// zeros. Rows lie behind one another at 64-byte boundaries.
final class CropRows {
  /// Values of a row.
  static let width = 16
  /// Rows behind the capacity, for vectors that read beyond the last number they use.
  private static let slack = 4
  private static let alignment = 64

  /// Rows that there is room for.
  private(set) var capacity: Int
  /// The crop, ``count`` rows.
  private(set) var rows: UnsafeMutablePointer<Float>
  /// As much room again: what is written here becomes the crop by ``exchange()``.
  private(set) var spare: UnsafeMutablePointer<Float>
  /// The rows that are the record's.
  var count = 0
  /// For each row a place among others, and what of the way to the next it lies beyond.
  private(set) var places: UnsafeMutablePointer<Int32>
  /// See ``places``.
  private(set) var weights: UnsafeMutablePointer<Float>
  /// Places of some of the rows.
  private(set) var taken: UnsafeMutablePointer<Int32>
  /// A row of factors or summands, whose last four are 0.
  let factors: UnsafeMutablePointer<Float>
  /// A few numbers, ``numberCount``.
  let numbers: UnsafeMutablePointer<Double>
  /// The size of ``numbers``.
  static let numberCount = 128

  /// Room for crops of up to so many frames.
  init(capacity: Int) {
    self.capacity = max(0, capacity)
    rows = Self.zeros(Self.width * (self.capacity + Self.slack))
    spare = Self.zeros(Self.width * (self.capacity + Self.slack))
    places = Self.zeros(self.capacity + Self.slack)
    weights = Self.zeros(self.capacity + Self.slack)
    taken = Self.zeros(self.capacity + Self.slack)
    factors = Self.zeros(Self.width)
    numbers = Self.zeros(Self.numberCount)
  }

  deinit {
    release()
    factors.deallocate()
    numbers.deallocate()
  }

  /// Makes room for crops of so many frames; where there was less, what the rows held is lost, and `count` is 0.
  func reserve(_ frames: Int) {
    guard frames > capacity else { return }
    release()
    capacity = frames
    count = 0
    rows = Self.zeros(Self.width * (frames + Self.slack))
    spare = Self.zeros(Self.width * (frames + Self.slack))
    places = Self.zeros(frames + Self.slack)
    weights = Self.zeros(frames + Self.slack)
    taken = Self.zeros(frames + Self.slack)
  }

  /// Makes the spare rows the crop, and the crop spare.
  func exchange() { swap(&rows, &spare) }

  private func release() {
    rows.deallocate()
    spare.deallocate()
    places.deallocate()
    weights.deallocate()
    taken.deallocate()
  }

  private static func zeros<Number: Numeric>(_ count: Int) -> UnsafeMutablePointer<Number> {
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Number>.stride, alignment: alignment)
    let numbers = block.bindMemory(to: Number.self, capacity: count)
    numbers.initialize(repeating: 0, count: count)
    return numbers
  }
}
