/// Writes samples as CSV, NumPy's .npy or safetensors, for other programs, block by block.
///
/// CSV has a header line `sample,<channels>` and a line a row; an empty field is a missing sample. The other two
/// hold [rows, channels]: Int32 counts, of which the least is a missing sample, or Float64 in each channel's
/// unit, where NaN is.
public struct RecordingExport {
  /// The file formats, by their extensions.
  public enum FileFormat: String, Sendable, CaseIterable {
    case csv
    case npy
    case safetensors

    /// The format of a path's extension.
    ///
    /// - Throws: `ECGError.Code.invalidArgument` for another extension.
    public init(path: String) throws {
      let name = File.name(of: path)
      guard let dot = name.lastIndex(of: "."),
        let format = FileFormat(rawValue: name[name.index(after: dot)...].lowercased())
      else { throw ECGError(.invalidArgument, "ends in none of .csv, .npy and .safetensors", file: path) }
      self = format
    }
  }

  private let format: FileFormat
  private let names: [String]
  private let isDigital: Bool
  private let output: ([UInt8]) throws -> Void
  private var next: Int

  /// Begins with what stands before the samples.
  ///
  /// - Parameters:
  ///   - format: the file's format.
  ///   - channels: the channels' names; one without a name is called by its number.
  ///   - rows: the number of the first row, and the number after the last.
  ///   - rate: rows a second.
  ///   - isDigital: counts instead of physical values.
  ///   - output: takes the bytes in order.
  /// - Throws: what `output` throws.
  public init(
    _ format: FileFormat, channels: [String], rows: Range<Int>, rate: Double, isDigital: Bool,
    output: @escaping ([UInt8]) throws -> Void
  ) throws {
    self.format = format
    self.isDigital = isDigital
    self.output = output
    names = channels
    next = rows.lowerBound
    switch format {
    case .csv:
      try output(Array((["sample"] + names.map(CSVTable.quoted)).joined(separator: ",").utf8) + [0x0A])
    case .npy:
      try output(
        RecordingExport.npyHeader(shape: [rows.count, names.count], type: isDigital ? "<i4" : "<f8"))
    case .safetensors:
      try output(
        SafetensorsHeader.encode(
          [("signal", isDigital ? .int32 : .float64, [rows.count, names.count])],
          metadata: [("rate_hz", "\(rate)"), ("channels", names.joined(separator: ","))], alignment: 8))
    }
  }

  /// Begins a file, runs `body` with it, and gives it its name only when all is written.
  public static func write<Result>(
    to path: String, _ body: (_ output: @escaping ([UInt8]) throws -> Void) throws -> Result
  ) throws -> Result {
    let file = try AtomicFile(path)
    let result = try body { try file.append($0) }
    try file.commit()
    return result
  }

  /// Appends rows.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` if counts are wanted of a recording that has none, and what the
  ///   output throws.
  public mutating func append(_ recording: Recording) throws {
    switch recording.samples {
    case .digital(let samples) where isDigital: try append(digital: samples, recording)
    case .physical where isDigital:
      throw ECGError(
        .invalidArgument, "has no counts that are common to its segments", record: recording.id,
        advice: "use --physical")
    default:
      let columns = recording.channels.indices.map { recording.physical(channel: $0) }
      try append(columns, recording)
    }
    next += recording.frameCount
  }

  private func append(digital samples: [Int32], _ recording: Recording) throws {
    guard format == .csv else { return try output(samples.withUnsafeBytes { Array($0) }) }
    var text = ""
    for row in 0..<recording.frameCount {
      text += "\(next + row)"
      for sample in samples[(row * names.count)..<((row + 1) * names.count)] {
        text += sample == Recording.missing ? "," : ",\(sample)"
      }
      text += "\n"
    }
    try output(Array(text.utf8))
  }

  private func append(_ columns: [[Double]], _ recording: Recording) throws {
    guard format == .csv else {
      let rows = (0..<recording.frameCount).flatMap { row in columns.map { $0[row] } }
      return try output(rows.withUnsafeBytes { Array($0) })
    }
    var text = ""
    for row in 0..<recording.frameCount {
      text += "\(next + row)"
      for column in columns { text += column[row].isNaN ? "," : ",\(column[row])" }
      text += "\n"
    }
    try output(Array(text.utf8))
  }

  /// NumPy's format 1.0: magic, version, length, a Python dictionary padded to 64 bytes; the array follows in C
  /// order.
  static func npyHeader(shape: [Int], type: String) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape[0]), \(shape[1])), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return [0x93] + "NUMPY".utf8 + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + header.utf8
  }
}

extension [Recording.Channel] {
  /// Channels by name (whatever the case) or by number from 0; nil means all.
  ///
  /// - Returns: indices in the order asked for.
  /// - Throws: `ECGError.Code.invalidArgument` for a channel that is not there, or a name that several have.
  public func indices(of chosen: [String]?, record: String) throws -> [Int] {
    guard let chosen else { return [Int](indices) }
    guard !chosen.isEmpty else { throw ECGError(.invalidArgument, "no channels are chosen", record: record) }
    return try chosen.map { text in
      let matches = indices.filter { self[$0].name.lowercased() == text.lowercased() }
      if matches.count == 1 { return matches[0] }
      guard matches.isEmpty, let number = Int(text), indices.contains(number) else {
        let all = enumerated().map { "\($0) \($1.name)" }.joined(separator: ", ")
        throw ECGError(
          .invalidArgument,
          matches.isEmpty ? "has no channel \"\(text)\"" : "has several channels \"\(text)\"",
          record: record, advice: "its channels are \(all)")
      }
      return number
    }
  }
}
