/// One shard, open for reading from any thread.
///
/// Opening reads and checks the header and the columns, some hundred bytes a record; samples are read from
/// the file when they are asked for.
final class ShardReader: Sendable {
  let metadata: ShardMetadata
  let columns: ShardColumns
  /// CRC-32 that the metadata states for each column.
  let statedColumnCRC32: [String: UInt32]
  let file: FileHandleForReading
  private let signalOffset: Int

  /// The number of records.
  var count: Int { columns.count }

  /// Samples per lead of all records together.
  var frameCount: Int { Int(columns.recordOffset.last ?? 0) }

  /// Opens a shard and checks all of its header and offsets.
  ///
  /// - Throws: `ECGError` naming the file and what does not fit.
  init(_ path: String) throws {
    file = try FileHandleForReading(path)
    let header = try SafetensorsHeader(file)
    (metadata, statedColumnCRC32) = try ShardMetadata.parse(header.metadata, file: path)
    func malformed(_ message: String) -> ECGError { ECGError(.malformed, message, file: path) }
    guard let signal = header.tensor("signal"), signal.type == .int16, signal.shape.count == 2,
      signal.shape[1] == Lead.count
    else { throw malformed("its tensor signal is not I16 [S, 12]") }
    guard let keys = header.tensor("record_key")?.shape, keys.count == 1,
      let labels = header.tensor("label_code")?.shape, labels.count == 1
    else { throw malformed("its tensors record_key and label_code are not one-dimensional") }
    signalOffset = signal.range.lowerBound
    var columns = ShardColumns()
    for column in ShardColumns.all {
      guard let tensor = header.tensor(column.name), tensor.type == column.type,
        tensor.shape == column.shape(records: keys[0], labels: labels[0])
      else { throw malformed("its tensor \(column.name) is absent or has another type or shape") }
      column.setBytes(&columns, try file.read(at: tensor.range.lowerBound, count: tensor.range.count))
    }
    func isMonotonic(_ offsets: [UInt64], to end: Int) -> Bool {
      offsets.first == 0 && offsets.last == UInt64(end)
        && zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
    }
    guard isMonotonic(columns.recordOffset, to: signal.shape[0]) else {
      throw malformed("its record_offset is not monotonic up to the signal's end")
    }
    guard isMonotonic(columns.labelOffset, to: labels[0]) else {
      throw malformed("its label_offset is not monotonic up to the labels' end")
    }
    let sourceCount = metadata.sources.count
    let codeCount = metadata.codes.count
    guard columns.source.allSatisfy({ $0 < sourceCount }) else {
      throw malformed("its source has values beyond the table of sources")
    }
    guard columns.labelCode.allSatisfy({ $0 < codeCount }) else {
      throw malformed("its label_code has values beyond the table of codes")
    }
    guard columns.rate.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw malformed("its rate_hz has values that are no rate")
    }
    guard columns.scale.allSatisfy({ $0.isNormal }) else {
      throw malformed("its scale_uv has values that are no scale")
    }
    self.columns = columns
  }

  /// Samples per lead of a record.
  func frameCount(of record: Int) -> Int {
    Int(columns.recordOffset[record + 1] - columns.recordOffset[record])
  }

  /// A record's id.
  func id(of record: Int) -> String {
    let bytes = columns.recordID[(record * 64)..<(record * 64 + 64)]
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A record's labels, as its source states them.
  func statements(of record: Int) -> [Statement] {
    let range = Int(columns.labelOffset[record])..<Int(columns.labelOffset[record + 1])
    return range.map {
      Statement(code: metadata.codes[Int(columns.labelCode[$0])], value: columns.labelValue[$0])
    }
  }

  /// Reads frames of a record into a buffer of [frames, 12] counts.
  func read(record: Int, from frame: Int, into buffer: UnsafeMutableBufferPointer<Int16>) throws {
    try file.read(at: byteOffset(of: record, frame: frame), into: UnsafeMutableRawBufferPointer(buffer))
  }

  /// Where a frame of a record is in the file.
  func byteOffset(of record: Int, frame: Int) -> Int {
    signalOffset + (Int(columns.recordOffset[record]) + frame) * Lead.count * MemoryLayout<Int16>.size
  }

  /// A record's counts, [frames, 12].
  func counts(of record: Int) throws -> [Int16] {
    let total = frameCount(of: record) * Lead.count
    return try [Int16](unsafeUninitializedCapacity: total) { buffer, initialized in
      try read(record: record, from: 0, into: UnsafeMutableBufferPointer(rebasing: buffer[..<total]))
      initialized = total
    }
  }

  /// A record's sampling rate in Hz: the shortest number that is the Float32, 500.2 and not 500.2000122.
  func rate(of record: Int) -> Double {
    Double(columns.rate[record].description) ?? Double(columns.rate[record])
  }

  /// A record's counts, or some frames of it, in µV.
  func physicalSignal(_ counts: [Int16], of record: Int) -> PhysicalSignal {
    let leads = (record * Lead.count)..<((record + 1) * Lead.count)
    let scale = columns.scale[leads].map { Double($0) }
    return PhysicalSignal(
      microvolts: counts.enumerated().map {
        $1 == Quantizer.missing ? .nan : Double($1) * scale[$0 % Lead.count]
      },
      rate: rate(of: record), mask: LeadMask(rawValue: columns.leadMask[record]),
      leadFlags: columns.leadFlags[leads].map { LeadFlags(rawValue: $0) })
  }

  /// The columns whose bytes do not have the CRC-32 that the metadata states.
  func damagedColumns() -> [String] {
    ShardColumns.all.filter { column in
      var found: UInt32 = 0
      try? column.withBytes(columns) { found = $0.isEmpty ? 0 : Digest.crc32($0) }
      return statedColumnCRC32[column.name] != found
    }.map(\.name)
  }
}
