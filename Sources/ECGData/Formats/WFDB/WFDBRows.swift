/// Gathers decoded frames as rows of chosen signals.
struct WFDBRows {
  /// The samples [rows, signals] so far.
  private(set) var samples: [Int32] = []
  private let selection: WFDBSegment.Selection
  private let frames: Range<Int>
  private let isKept: Bool
  /// The columns of each signal.
  private let columns: [Int: [Int]]
  private var width: Int { selection.signals.count }

  /// - Parameters:
  ///   - selection: what to keep; nil keeps nothing.
  ///   - frames: the frames that are asked for.
  init(_ selection: WFDBSegment.Selection?, frames: Range<Int>) {
    let kept = selection ?? WFDBSegment.Selection(signals: [], rows: 1, isSmoothed: true)
    isKept = selection != nil
    self.selection = kept
    self.frames = frames
    columns = Dictionary(grouping: kept.signals.indices) { kept.signals[$0] }
  }

  /// Takes the memory at once where files are known to hold all that is asked for.
  mutating func reserve(_ isBacked: Bool) {
    if isBacked { samples.reserveCapacity(frames.count * selection.rows * width) }
  }

  /// Whether a file's frames are the rows as they stand.
  func takesDirectly(_ files: [WFDBSignalFile]) -> Bool {
    guard files.count == 1, let file = files.first, file.handle != nil, selection.rows == 1 else {
      return false
    }
    return file.frameSize == width && selection.signals.elementsEqual(file.signals)
      && file.skews.allSatisfy { $0 == 0 }
  }

  /// Appends rows that `body` fills.
  mutating func append(_ rows: Int, _ body: (UnsafeMutableBufferPointer<Int32>) throws -> Void) throws {
    let count = rows * width
    try samples.append(addingCapacity: count) { (output: inout OutputSpan<Int32>) throws in
      try output.withUnsafeMutableBufferPointer { buffer, initialized in
        try body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      }
    }
  }

  /// Appends the rows of frames, all missing so far.
  mutating func appendMissing(_ frames: Int) {
    guard isKept, frames > 0 else { return }
    samples.append(contentsOf: repeatElement(Recording.missing, count: frames * selection.rows * width))
  }

  /// Puts a file's frames into their rows and columns; signals that are late go to the row where they belong.
  mutating func distribute(
    _ decoded: UnsafeBufferPointer<Int32>, frames part: Range<Int>, of file: WFDBSignalFile
  ) {
    guard isKept else { return }
    let stride = width
    let rows = selection.rows
    let first = frames.lowerBound
    let count = frames.count
    var places = [0]
    for width in file.widths { places.append(places[places.count - 1] + width) }
    for (index, signal) in file.signals.enumerated() {
      guard let columns = columns[signal] else { continue }
      let width = file.widths[index]
      let shift = part.lowerBound - file.skews[index] - first
      let taken = max(0, -shift)..<max(max(0, -shift), min(part.count, count - shift))
      samples.withUnsafeMutableBufferPointer { samples in
        for frame in taken {
          let source = UnsafeBufferPointer(
            rebasing: decoded[(frame * file.frameSize + places[index])...].prefix(width))
          let row = (frame + shift) * rows
          let mean = selection.isSmoothed && width > 1 ? WFDBRows.mean(source) : source[0]
          for column in columns {
            if rows == 1 {
              samples[row * stride + column] = mean
            } else {
              for step in 0..<rows { samples[(row + step) * stride + column] = source[step * width / rows] }
            }
          }
        }
      }
    }
  }

  /// The mean of the samples that are not missing, its fraction cut off as by the WFDB library.
  private static func mean(_ samples: UnsafeBufferPointer<Int32>) -> Int32 {
    var sum = 0
    var count = 0
    for sample in samples where sample != Recording.missing {
      sum += Int(sample)
      count += 1
    }
    return count == 0 ? Recording.missing : Int32(truncatingIfNeeded: sum / count)
  }
}
