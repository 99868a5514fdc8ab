/// A recording's samples as CSV, NumPy's .npy or safetensors, for other programs.
public struct RecordingExport: Sendable {
  /// The names of the chosen channels.
  public let names: [String]
  private let rate: Double
  private let frameCount: Int
  private let values: Values

  /// Time-major [frames, channels].
  private enum Values: Sendable {
    case digital([Int32])
    case physical([Double])
  }

  /// Chooses channels by name (whatever the case) or by number from 0; nil means all.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` for a channel that the recording lacks or that has no digital
  ///   samples.
  public init(_ recording: Recording, channels: [String]?, isDigital: Bool) throws {
    let all = recording.channels.map(\.name)
    let indices =
      try channels?.map { try RecordingExport.index(of: $0, among: all, id: recording.id) }
      ?? Array(all.indices)
    guard !indices.isEmpty else {
      throw ECGError(.invalidArgument, "no channels are chosen", record: recording.id)
    }
    names = indices.map { all[$0].isEmpty ? "channel_\($0)" : all[$0] }
    rate = recording.rate
    frameCount = recording.frameCount
    let width = indices.count
    if isDigital {
      guard case .digital(let samples) = recording.samples else {
        throw ECGError(
          .invalidArgument, "has no digital samples", record: recording.id, advice: "use --physical")
      }
      values = .digital(
        (0..<(frameCount * width)).map { samples[$0 / width * all.count + indices[$0 % width]] })
    } else {
      let columns = indices.map { recording.physical(channel: $0) }
      values = .physical((0..<(frameCount * width)).map { columns[$0 % width][$0 / width] })
    }
  }

  private static func index(of text: String, among names: [String], id: String) throws -> Int {
    let matches = names.indices.filter { names[$0].lowercased() == text.lowercased() }
    if matches.count == 1 { return matches[0] }
    guard matches.isEmpty, let number = Int(text), names.indices.contains(number) else {
      throw ECGError(
        .invalidArgument, matches.isEmpty ? "has no channel \"\(text)\"" : "has several channels \"\(text)\"",
        record: id,
        advice: "its channels are \(names.enumerated().map { "\($0) \($1)" }.joined(separator: ", "))")
    }
    return number
  }

  /// A header line `sample,<channels>` and a line a frame; an empty field is a missing sample.
  public var csv: String {
    var text = (["sample"] + names.map(RecordingExport.quoted)).joined(separator: ",") + "\n"
    let width = names.count
    for frame in 0..<frameCount {
      text += "\(frame)"
      for channel in 0..<width {
        text += ","
        switch values {
        case .digital(let samples):
          let value = samples[frame * width + channel]
          if value != Recording.missing { text += "\(value)" }
        case .physical(let samples):
          let value = samples[frame * width + channel]
          if !value.isNaN { text += "\(value)" }
        }
      }
      text += "\n"
    }
    return text
  }

  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { ",\"\n\r".contains($0) }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  /// Writes the form that the file's extension names.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` for another extension.
  public func write(to path: String) throws {
    let bytes: [UInt8]
    let name = File.name(of: path)
    switch name.lastIndex(of: ".").map({ name[name.index(after: $0)...].lowercased() }) {
    case "csv": bytes = Array(csv.utf8)
    case "npy": bytes = npy
    case "safetensors": bytes = safetensors
    default:
      throw ECGError(.invalidArgument, "ends in none of .csv, .npy and .safetensors", file: path)
    }
    try File.write(bytes, to: path)
  }

  private var payload: [UInt8] {
    switch values {
    case .digital(let samples): samples.withUnsafeBytes { Array($0) }
    case .physical(let samples): samples.withUnsafeBytes { Array($0) }
    }
  }

  private var isDigital: Bool {
    if case .digital = values { true } else { false }
  }

  /// NumPy's format 1.0: magic, version, length, a Python dictionary padded to 64 bytes, then the array in C
  /// order.
  private var npy: [UInt8] {
    let type = isDigital ? "<i4" : "<f8"
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(frameCount), \(names.count)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return [0x93] + "NUMPY".utf8 + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + header.utf8 + payload
  }

  private var safetensors: [UInt8] {
    SafetensorsHeader.encode(
      [("signal", isDigital ? .int32 : .float64, [frameCount, names.count])],
      metadata: [("rate_hz", "\(rate)"), ("channels", names.joined(separator: ","))], alignment: 8) + payload
  }
}
