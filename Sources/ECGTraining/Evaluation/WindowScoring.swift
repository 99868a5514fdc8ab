internal import ECGData

/// What becomes of the scores of a record's windows.
public enum WindowAggregation: String, Codable, Sendable, CaseIterable {
  /// Their mean.
  case mean
  /// The highest of each class.
  case max
}

/// Scores records by windows of the length that a classifier was trained on.
///
/// Every window is a crop, one each `stride` frames and one more at the end if these do not reach it; its scores are the sigmoids
/// of the classifier's logits.
@ComputeActor struct WindowScoring {
  let classifier: Classifier
  let reader: CropReader
  /// Frames of a window.
  let frames: Int
  /// Frames from a window to the next.
  let stride: Int
  /// Windows that are computed together.
  let batch: Int
  let aggregation: WindowAggregation
  /// What is told of work that is interrupted.
  let interruptionAdvice: String

  /// - Parameters:
  ///   - classifier: What scores.
  ///   - reader: The records, normalised as those that it was trained on.
  ///   - frames: Those of a window, which are `crop` seconds.
  ///   - crop: Seconds.
  ///   - stride: Seconds from a window to the next.
  ///   - batch: Windows that are computed together.
  ///   - aggregation: What becomes of their scores.
  ///   - interruptionAdvice: What is told of work that is interrupted.
  init(
    _ classifier: Classifier, _ reader: CropReader, frames: Int, crop: Double, stride: Double, batch: Int,
    _ aggregation: WindowAggregation, interruptionAdvice: String
  ) {
    (self.classifier, self.reader, self.frames, self.batch) = (classifier, reader, frames, batch)
    (self.aggregation, self.interruptionAdvice) = (aggregation, interruptionAdvice)
    self.stride = max(1, Int((stride * Double(frames) / crop).rounded()))
  }

  /// Scores of records whose features are known.
  ///
  /// - Parameters:
  ///   - records: Places in the reader's shards.
  ///   - features: Theirs, of a frozen encoder.
  /// - Returns: [records, classes].
  /// - Throws: `ECGError` for features that do not fit the classifier.
  func scores(of records: [Int], features: [Tensor]) throws -> [[Float]] {
    var room = Aggregate(windows(of: records), aggregation, width: classifier.classCount)
    for batch in features { room.add(try classifier.logits(features: batch).sigmoid().values) }
    return room.rows
  }

  /// Scores of records; memory is for one batch of their features.
  ///
  /// - Returns: [records, classes].
  /// - Throws: `ECGError` for corrupt samples, or when interrupted.
  func scores(of records: [Int], _ interruption: Interruption) throws -> [[Float]] {
    var room = Aggregate(windows(of: records), aggregation, width: classifier.classCount)
    try forEachBatch(of: windows(of: records), interruption) {
      room.add(try classifier.logits(features: $0).sigmoid().values)
    }
    return room.rows
  }

  /// The features of all windows, batch by batch.
  ///
  /// - Returns: [windows, F], in parts.
  /// - Throws: `ECGError` for corrupt samples, or when interrupted.
  func features(of records: [Int], _ interruption: Interruption) throws -> [Tensor] {
    var batches: [Tensor] = []
    try forEachBatch(of: windows(of: records), interruption) { batches.append($0) }
    return batches
  }

  /// The mean of the features of each record's windows.
  ///
  /// - Returns: [records, F].
  /// - Throws: `ECGError` for corrupt samples, or when interrupted.
  func meanFeatures(of records: [Int], _ interruption: Interruption) throws -> [[Float]] {
    var room = Aggregate(windows(of: records), .mean, width: classifier.encoder.featureCount)
    try forEachBatch(of: windows(of: records), interruption) { room.add(try $0.rowMajor().values) }
    return room.rows
  }

  private func windows(of records: [Int]) -> RecordWindows {
    RecordWindows(
      records: records, frameCount: reader.shards.frameCount, frames: frames, stride: stride)
  }

  private func forEachBatch(
    of windows: RecordWindows, _ interruption: Interruption, _ body: (Tensor) throws -> Void
  ) throws {
    for start in Swift.stride(from: 0, to: windows.count, by: batch) {
      try interruption.check(interruptionAdvice)
      let items = (start..<min(start + batch, windows.count)).map { windows[$0] }
      let crops = try items.map { try reader.crop(record: $0.record, start: $0.start, frames: frames) }
      let signals = try Tensor(crops.flatMap(\.values), shape: [items.count, Lead.count, frames])
      try body(classifier.features(signals, valid: crops.map(\.valid)))
    }
  }

  /// Gathers rows of numbers, one of each window in their order, to one of each record.
  private struct Aggregate {
    private let windows: RecordWindows
    private let aggregation: WindowAggregation
    private let width: Int
    /// The next window, and the record that it is of.
    private var window = 0
    private var index = 0
    private(set) var rows: [[Float]] = []

    init(_ windows: RecordWindows, _ aggregation: WindowAggregation, width: Int) {
      (self.windows, self.aggregation, self.width) = (windows, aggregation, width)
      rows.reserveCapacity(windows.records.count)
    }

    /// Adds those of whole windows, row-major [windows, width].
    mutating func add(_ values: [Float]) {
      for start in Swift.stride(from: 0, to: values.count, by: max(1, width)) {
        let range = windows.windows(of: index)
        let row = values[start..<start + width]
        if window == range.lowerBound {
          rows.append(Array(row))
        } else {
          for (column, value) in row.enumerated() {
            switch aggregation {
            case .mean: rows[index][column] += value
            case .max: rows[index][column] = max(rows[index][column], value)
            }
          }
        }
        window += 1
        guard window == range.upperBound else { continue }
        if aggregation == .mean {
          for column in 0..<width { rows[index][column] /= Float(range.count) }
        }
        index += 1
      }
    }
  }
}
