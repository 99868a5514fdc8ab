import ArgumentParser
import ECGData

struct Read: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a raw record's samples as they stand.",
    discussion: """
      Example: einthoven read records500/00000/00001_hr --physical --channels I,II --output lead.csv

      CSV has a column a channel and nothing where a sample is missing; .npy and .safetensors hold [T, channels]: int32
      counts (missing is the least int32), or float64 in the record's units (missing is NaN).
      A record that disagrees with its header is refused; --lenient writes what is there and warns.
      """)

  @Argument(help: "A WFDB record, with or without .hea.", completion: .file(extensions: ["hea"]))
  var record: String

  @Flag(help: "Counts of the converter, or physical units.")
  var kind = Kind.physical

  @Option(help: "Channels by name or by number from 0, separated by commas.")
  var channels: String?

  @Option(name: .shortAndLong, help: "A .csv, .npy or .safetensors file; CSV on stdout if left out.")
  var output: String?

  @Flag(help: "Write a record that disagrees with its header all the same.")
  var lenient = false

  @OptionGroup var options: OutputOptions

  enum Kind: String, EnumerableFlag {
    case digital
    case physical
  }

  func run() async throws {
    try await Console.run {
      let reading = try WFDBReader.read(record)
      for finding in reading.findings {
        let text = "\(record): \(finding.rule.rawValue): \(finding.message)"
        guard lenient || finding.severity < .error else {
          throw ECGError(
            .mismatch, text, advice: "fetch the record again, or read what is there with --lenient")
        }
        if !options.quiet { Console.line("einthoven: \(finding.severity.rawValue): \(text)") }
      }
      let export = try RecordingExport(
        reading.recording, channels: channels.map { $0.split(separator: ",").map(String.init) },
        isDigital: kind == .digital)
      if let output {
        try export.write(to: output)
      } else {
        Console.output(export.csv.dropLast().description)
      }
      if options.json {
        try Console.json(
          Summary(
            frames: reading.recording.frameCount, rate_hz: reading.recording.rate, channels: export.names))
      }
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Summary: Encodable {
    var frames: Int
    var rate_hz: Double
    var channels: [String]
  }
}
