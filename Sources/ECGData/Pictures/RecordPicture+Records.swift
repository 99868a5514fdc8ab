extension RecordPicture {
  /// Draws a part of a WFDB record as it stands; of an incomplete record what there is.
  ///
  /// Only the part is read, with all samples of a frame, and absent limb leads are derived.
  ///
  /// - Parameters:
  ///   - path: the header's path, with or without `.hea`.
  ///   - seconds: where to begin.
  ///   - layout: see ``init(_:title:marks:layout:from:)``.
  ///   - isMarked: whether what disagrees with the header, and what an audit of the part finds, is marked.
  /// - Throws: ``ECGError`` if the record cannot be read, has none of the twelve leads, or ends before.
  public init(record path: String, from seconds: Double = 0, layout: Layout? = nil, isMarked: Bool = true)
    throws
  {
    let reader = try WFDBReader(path, mode: .lenient)
    let rate = reader.rate(of: .expanded)
    do {
      let rows = try RecordPicture.frames(from: seconds, rate: rate, of: reader.rowCount(of: .expanded))
      let reading = try reader.read(rows, form: .expanded)
      try self.init(
        reading.recording, reading.findings, title: reader.id, layout: layout, isMarked: isMarked,
        origin: Double(rows.lowerBound) / rate, duration: Double(reader.rowCount(of: .expanded)) / rate)
    } catch let error as ECGError {
      throw error.located(file: path)
    }
  }

  /// Draws a part of a record of a raw collection, corrected by the published errata unless the collection was opened without.
  ///
  /// - Parameters:
  ///   - dataset: the collection.
  ///   - id: the record's id in it.
  ///   - seconds: where to begin.
  ///   - layout: see ``init(_:title:marks:layout:from:)``.
  ///   - isMarked: whether what reading and an audit of the part find is marked.
  /// - Throws: ``ECGError`` if there is no such record, it cannot be read, or it ends before.
  public init(
    _ dataset: any Dataset, record id: String, from seconds: Double = 0, layout: Layout? = nil,
    isMarked: Bool = true
  ) throws {
    let records = dataset.records
    do {
      guard let index = records.ids.firstIndex(of: id) else {
        throw ECGError(.notFound, "has no such record")
      }
      let (recording, findings, _) = try dataset.reading(of: records[index])
      let frames = try RecordPicture.frames(from: seconds, rate: recording.rate, of: recording.frameCount)
      try self.init(
        recording.frames(frames), records[index].findings + findings,
        title: "\(type(of: dataset).name) \(id)", layout: layout, isMarked: isMarked,
        origin: Double(frames.lowerBound) / recording.rate,
        duration: Double(recording.frameCount) / recording.rate)
    } catch let error as ECGError {
      throw error.located(file: dataset.root, record: id)
    }
  }

  /// Draws a part of a stored record.
  ///
  /// - Parameters:
  ///   - shards: the directory.
  ///   - id: the record's id in its collection.
  ///   - source: the collection's adapter by name; nil if only one has such a record.
  ///   - seconds: where to begin.
  ///   - layout: see ``init(_:title:marks:layout:from:)``.
  ///   - isMarked: whether what an audit of the part finds is marked.
  /// - Throws: ``ECGError`` if there is no such record, its CRC-32 does not agree, or it ends before.
  public init(
    _ shards: ShardSet, record id: String, source: String? = nil, from seconds: Double = 0,
    layout: Layout? = nil, isMarked: Bool = true
  ) throws {
    let record = try shards.record(id: id, source: source)
    do {
      let (shard, row) = shards.location(record)
      let rate = shard.rate(of: row)
      let count = shards.frameCount(record)
      let frames = try RecordPicture.frames(from: seconds, rate: rate, of: count)
      let counts = try shards.counts(record, from: frames.lowerBound, count: frames.count)
      let signal = shard.physicalSignal(counts, of: row)
      let findings = isMarked ? SignalAudit.findings(in: signal, record: id) : []
      try self.init(
        signal, findings, title: "\(shards.source(record)) \(id)", layout: layout, isMarked: isMarked,
        origin: Double(frames.lowerBound) / rate, duration: Double(count) / rate)
    } catch let error as ECGError {
      throw error.located(file: shards.directory, record: id)
    }
  }

  /// Draws a part of one record of a directory: of shards, or of a raw collection.
  ///
  /// - Parameters:
  ///   - directory: either.
  ///   - id: the record's id in its collection.
  ///   - source: of shards, the collection's adapter by name; nil if only one has such a record.
  ///   - dataset: the adapter that a raw collection is opened with, or `auto`.
  ///   - options: what the user tells of a raw collection.
  ///   - seconds: where to begin.
  ///   - layout: see ``init(_:title:marks:layout:from:)``.
  ///   - isMarked: whether what reading and an audit of the part find is marked.
  /// - Throws: ``ECGError`` if the directory is neither, there is no such record, it cannot be read, or it ends before.
  public init(
    directory: String, record id: String, source: String? = nil, as dataset: String = "auto",
    options: SourceOptions = SourceOptions(), from seconds: Double = 0, layout: Layout? = nil,
    isMarked: Bool = true
  ) throws {
    if Inspection.isShards(directory) {
      try self.init(
        ShardSet(directory), record: id, source: source, from: seconds, layout: layout, isMarked: isMarked)
    } else {
      try self.init(
        Inspection.dataset(directory, as: dataset, options), record: id, from: seconds, layout: layout,
        isMarked: isMarked)
    }
  }

  /// A part of a recording, and what reading it found.
  private init(
    _ recording: Recording, _ findings: [Finding], title: String, layout: Layout?, isMarked: Bool,
    origin: Double, duration: Double
  ) throws {
    let normalizer = try LeadNormalizer(recording, derive: true)
    let signal = try PhysicalSignal(recording, normalizer)
    let audit = isMarked ? SignalAudit.findings(in: signal, of: recording, normalizer) : []
    try self.init(
      signal, findings + audit, title: title, layout: layout, isMarked: isMarked, origin: origin,
      duration: duration)
  }

  /// A part of a record with what was found in it; more is looked for that takes spectra and beats.
  private init(
    _ signal: PhysicalSignal, _ findings: [Finding], title: String, layout: Layout?, isMarked: Bool,
    origin: Double, duration: Double
  ) throws {
    var marks: [Mark] = []
    if isMarked {
      var all = findings + SignalAudit.deepFindings(in: signal, record: title).findings
      all += SignalAudit.electrodeFindings(in: signal, after: all, record: title)
      marks = Mark.marks(of: all, in: signal, from: origin)
    }
    try self.init(
      signal, title: title, marks: marks, layout: layout, frames: 0..<signal.frameCount, origin: origin,
      duration: duration)
  }
}
