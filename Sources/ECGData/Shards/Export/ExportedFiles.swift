/// Writes the files of single records, from any thread.
struct ExportedFiles: Sendable {
  /// What was written of one record.
  struct Written: Sendable {
    /// Bytes of its own files.
    var bytes = 0
    /// Samples for a file that all share.
    var millivolts: [Float] = []
    /// Why it is as stored, of WFDB.
    var departure: Export.Departure?
    /// Whether its signal file is the original's.
    var isIdentical = false
  }

  private let format: Export.FileFormat
  private let tree: TreeFiles

  init(_ format: Export.FileFormat, in directory: String) {
    self.format = format
    tree = TreeFiles(in: directory)
  }

  /// Writes a record's own files.
  func write(_ record: ExportedRecord, counts: [Int16]) throws -> Written {
    do {
      switch format {
      case .wfdb: return try writeWFDB(record, counts)
      case .npy:
        let header = RecordingExport.npyHeader(shape: [record.frames, Lead.count], type: "<f4")
        let bytes = header + record.millivolts(counts).withUnsafeBytes { Array($0) }
        try tree.write(bytes, to: "\(record.path).npy")
        return Written(bytes: bytes.count)
      case .hdf5: return Written(millivolts: record.millivolts(counts))
      }
    } catch let error as ECGError {
      throw error.located(record: record.entry.id)
    }
  }

  private func writeWFDB(_ record: ExportedRecord, _ counts: [Int16]) throws -> Written {
    let (signals, departure) = try WFDBSignals.of(record, counts)
    let name = File.name(of: record.path)
    let encoded = try WFDBWriter.encode(
      recordName: name, rate: signals.rate, signals: signals.signals, samples: signals.samples,
      format: signals.format, comments: record.comments(name: name))
    try tree.write(encoded.data, to: "\(record.path).dat")
    try tree.write(encoded.header, to: "\(record.path).hea")
    return Written(
      bytes: encoded.data.count + encoded.header.count, departure: departure,
      isIdentical: try departure == nil && signals.format == .int16
        && record.entry.hasSignalFile(encoded.data, channels: signals.signals.count))
  }
}

extension LedgerEntry {
  /// Whether one of the record's files was, by its SHA-256, these samples of format 16, or these as the matrix `val` of a
  /// MATLAB v4 file.
  fileprivate func hasSignalFile(_ data: [UInt8], channels: Int) throws -> Bool {
    try files.dropFirst().contains { file in
      if file.bytes == data.count { return file.sha256 == Digest.sha256(data) }
      guard file.path.hasSuffix(".mat"), let bytes = file.bytes,
        (data.count...data.count + 64).contains(bytes)
      else { return false }
      let samples = data.withUnsafeBytes { data in
        stride(from: 0, to: data.count - 1, by: 2).map {
          Int16(littleEndian: data.loadUnaligned(fromByteOffset: $0, as: Int16.self))
        }
      }
      let matrix = MATArray(dimensions: [channels, samples.count / channels], .int16(samples))
      let container = try MATWriter.level4([MATFile.Variable(name: "val", value: .numeric(matrix))])
      return file.sha256 == Digest.sha256(container)
    }
  }
}
