/// Records of a validated path that are looked up again by the ids in findings, to be drawn.
struct PicturedRecords {
  private enum Source {
    case raw(any Dataset)
    case shards(ShardSet)
  }

  private let source: Source
  /// The records' numbers by id.
  private var numbers: [String: Int] = [:]

  /// Opens a path once more.
  ///
  /// - Parameters:
  ///   - path: a raw collection or a shard directory.
  ///   - validation: how it was opened before.
  ///   - ids: what to look up; what is no record's id, or that of several sources' records, is not found.
  /// - Throws: ``ECGError`` if the path cannot be opened, which broken shards cannot.
  init(_ path: String, as validation: Validation, ids: Set<String>) throws {
    if Inspection.isShards(path) {
      let shards = try ShardSet(path)
      source = .shards(shards)
      var repeated: Set<String> = []
      for record in 0..<shards.count {
        let id = shards.id(record)
        guard ids.contains(id) else { continue }
        if numbers.updateValue(record, forKey: id) != nil { repeated.insert(id) }
      }
      for id in repeated { numbers[id] = nil }
    } else {
      let dataset = try Datasets.open(path, as: validation.dataset, options: validation.source)
      source = .raw(dataset)
      for (record, id) in dataset.records.ids.enumerated() where ids.contains(id) && numbers[id] == nil {
        numbers[id] = record
      }
    }
  }

  /// Whether an id is a record's.
  func has(_ id: String) -> Bool { numbers[id] != nil }

  /// Ten seconds of a record with what was found in it marked: the first ten, or those of the first mark that has a time.
  ///
  /// - Parameters:
  ///   - id: the record.
  ///   - findings: what to mark.
  /// - Returns: the picture.
  /// - Throws: ``ECGError`` if the record cannot be read.
  func picture(of id: String, _ findings: [Finding]) throws -> RecordPicture {
    guard let number = numbers[id] else { throw ECGError(.notFound, "has no such record", record: id) }
    let signal: PhysicalSignal
    let name: String
    switch source {
    case .raw(let dataset):
      let recording = try dataset.reading(of: dataset.records[number]).recording
      signal = try PhysicalSignal(recording, derive: true)
      name = type(of: dataset).name
    case .shards(let shards):
      // As it is stored, even if its CRC-32 does not agree: that is what there is to see.
      let (shard, row) = shards.location(number)
      signal = shard.physicalSignal(try shard.counts(of: row), of: row)
      name = shards.source(number)
    }
    let marks = RecordPicture.Mark.marks(of: findings, in: signal)
    let first = marks.compactMap { $0.seconds?.lowerBound }.min() ?? 0
    let latest = max(0, signal.duration - RecordPicture.seconds)
    return try RecordPicture(
      signal, title: "\(name) \(id)", marks: marks,
      from: first < RecordPicture.seconds ? 0 : min(first - 1, latest))
  }
}
