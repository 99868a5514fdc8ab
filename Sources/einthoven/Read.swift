import ArgumentParser
import ECGData

struct Read: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a raw record's samples as they stand.",
    discussion: """
      Example: einthoven read 00001_hr --channels I,II --from 2.5 --output x.csv

      CSV has a column a channel and nothing where a sample is missing; .npy and
      .safetensors hold [T, channels]: int32 counts (missing is the least int32),
      or float64 in the record's units (missing is NaN).

      What disagrees with the header is told, and the exit code is 1 if it is an
      error. --strict refuses such a record, and every header that breaks the
      specification. --lenient repairs the known breakages of published headers,
      writes what there is of an incomplete record, and exits with 0.

      With --annotations atr the table of RECORD.atr is written instead, as CSV.
      """)

  @Argument(help: "A WFDB record, with or without .hea.", completion: .file(extensions: ["hea"]))
  var record: String

  @Flag(help: "Counts of the converter, or physical units.")
  var kind = Kind.physical

  @Option(help: "Channels by name or by number from 0, separated by commas.")
  var channels: String?

  @Option(help: "Where to begin: seconds, h:m:s, or a sample number such as s5000.")
  var from: String?

  @Option(help: "Where to end, this sample not included.")
  var to: String?

  @Flag(
    help: "One row a frame with the mean of its samples, or one for each sample of the fastest channel.")
  var form = Form.smoothed

  @Option(help: "Write the annotations of this extension, such as atr, instead of samples.")
  var annotations: String?

  @Option(name: .shortAndLong, help: "A .csv, .npy or .safetensors file; CSV on stdout if left out.")
  var output: String?

  @Flag(help: "Refuse a record with any error, or repair and write whatever can be.")
  var mode: Mode?

  @OptionGroup var options: OutputOptions

  enum Kind: String, EnumerableFlag {
    case digital
    case physical
  }

  enum Form: String, EnumerableFlag {
    case smoothed
    case expanded
  }

  enum Mode: String, EnumerableFlag {
    case strict
    case lenient
  }

  func validate() throws {
    if annotations != nil, from != nil || to != nil || channels != nil {
      throw ValidationError("--annotations writes the whole table: leave out --from, --to and --channels.")
    }
  }

  private var readerMode: WFDBMode {
    switch mode {
    case .strict: .strict
    case .lenient: .lenient
    case nil: .standard
    }
  }

  func run() async throws {
    try await Console.run {
      if let annotations { return try writeAnnotations(annotations) }
      let format = try output.map { try RecordingExport.FileFormat(path: $0) } ?? .csv
      let reader = try WFDBReader(record, mode: readerMode)
      let form: WFDBReader.Form = form == .smoothed ? .smoothed : .expanded
      let rows = try range(in: reader, form)
      let chosen = try reader.channels.indices(
        of: channels.map { $0.split(separator: ",").map(String.init) }, record: reader.id)
      let names = chosen.map { reader.channels[$0].name.isEmpty ? "channel_\($0)" : reader.channels[$0].name }
      guard try kind == .physical || reader.hasCounts(rows, channels: chosen, form: form) else {
        throw ECGError(
          .invalidArgument, "has no counts that are common to its segments", record: reader.id,
          advice: "use --physical")
      }
      // All is verified before the first byte is written.
      let blockRows = max(1, (1 << 22) / chosen.count)
      let isSmall = rows.count <= blockRows
      let whole = isSmall ? try reader.read(rows, channels: chosen, form: form) : nil
      let findings =
        try whole.flatMap { $0.isWhole ? $0.findings : nil } ?? reader.verify(rows, form: form)
      report(findings)
      let interruption = Signals.interruption()
      func export(_ put: @escaping ([UInt8]) throws -> Void) throws {
        var export = try RecordingExport(
          format, channels: names, rows: rows, rate: reader.rate(of: form), isDigital: kind == .digital,
          output: put)
        if let whole { return try export.append(whole.recording) }
        try reader.forEachBlock(of: rows, channels: chosen, form: form, rows: blockRows) {
          try interruption.check("nothing is whole that was written")
          try export.append($0)
        }
      }
      if let output {
        try RecordingExport.write(to: output) { try export($0) }
      } else {
        try export { try Console.output(bytes: $0) }
      }
      if options.json {
        try Console.json(
          Summary(
            frames: rows.count, rate_hz: reader.rate(of: form), channels: names, findings: findings,
            repairs: reader.header.repairs.map(\.message)))
      }
      if mode == nil, findings.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }
  }

  private func writeAnnotations(_ annotator: String) throws {
    if let output, try RecordingExport.FileFormat(path: output) != .csv {
      throw ECGError(.invalidArgument, "annotations are written as .csv only", file: output)
    }
    let stem = record.hasSuffix(".hea") ? String(record.dropLast(4)) : record
    let file = try WFDBAnnotationFile(contentsOf: "\(stem).\(annotator)")
    // A file may lie there without its record; its times are samples all the same.
    let rate = try? WFDBHeader(contentsOf: "\(stem).hea", mode: .lenient).rate
    if !options.quiet {
      for note in file.notes { Console.line("einthoven: warning: \(stem).\(annotator): \(note)") }
    }
    if let output {
      try RecordingExport.write(to: output) { try file.csv(rate: rate, to: $0) }
    } else {
      try file.csv(rate: rate) { try Console.output(bytes: $0) }
    }
    if options.json {
      try Console.json(
        AnnotationSummary(
          annotations: file.annotations.count, rate_hz: file.timeResolution ?? rate, notes: file.notes))
    }
  }

  private func range(in reader: WFDBReader, _ form: WFDBReader.Form) throws -> Range<Int> {
    let rate = reader.rate(of: form)
    let start = try from.map { try place($0, "--from", rate) } ?? 0
    let end = try to.map { try place($0, "--to", rate) } ?? reader.rowCount(of: form)
    guard start <= end, end <= reader.rowCount(of: form) else {
      throw ECGError(
        .invalidArgument, "has samples 0 to \(reader.rowCount(of: form)), not \(start) to \(end)",
        record: reader.id, advice: "at \(rate) Hz")
    }
    return start..<end
  }

  private func place(_ text: String, _ option: String, _ rate: Double) throws -> Int {
    if text.hasPrefix("s"), let sample = Int(text.dropFirst()), sample >= 0 { return sample }
    guard let seconds = WFDBHeader.seconds(of: text), let place = Int(exactly: (seconds * rate).rounded())
    else {
      throw ECGError(
        .invalidArgument, "\(option) \"\(text)\" is no time", advice: "write 2.5, 0:01:30 or s5000")
    }
    return place
  }

  private func report(_ findings: [Finding]) {
    guard !options.quiet else { return }
    for finding in findings {
      let severity = mode == .lenient && finding.severity == .error ? Severity.warning : finding.severity
      Console.line("einthoven: \(severity.rawValue): \(record): \(finding.rule.rawValue): \(finding.message)")
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct AnnotationSummary: Encodable {
    var annotations: Int
    var rate_hz: Double?
    var notes: [String]
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Summary: Encodable {
    var frames: Int
    var rate_hz: Double
    var channels: [String]
    var findings: [Finding]
    var repairs: [String]
  }
}
