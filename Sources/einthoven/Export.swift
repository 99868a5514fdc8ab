import ArgumentParser
import ECGData

struct ExportRecords: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write shards as WFDB, NumPy or HDF5 files.",
    discussion: """
      Example: einthoven export --wfdb shards --output exported
               einthoven export --npy shards:42 --source ptb-xl --output one

      Each record lies in records/SOURCE/ID; records.csv tells of all. --wfdb writes
      the counts, channels, gains and baselines that were recorded where the shards
      still have them: where no filter, change of rate or quantisation came between.
      The others are written as stored, counted and named with the reason. --npy and
      --hdf5 write Float32 [T, 12] in mV, NaN where missing: a file a record, or one
      records.hdf5.

      Every record is checked by its CRC-32. What is stopped leaves nothing.
      """)

  @Argument(
    help: "A shard directory, or one record of it as SHARDS:ID.", completion: .directory)
  var shards: String

  @Flag(help: "What to write.")
  var format: Format

  @Option(name: .shortAndLong, help: "The directory to make, new or empty.", completion: .directory)
  var output: String

  @Option(help: "Only records of this source, by its adapter's name.")
  var source: String?

  @Option(help: "Only the first N records.")
  var limit: Int?

  @Option(help: "Threads.")
  var jobs = 2

  @OptionGroup var options: OutputOptions

  enum Format: String, EnumerableFlag {
    case wfdb
    case npy
    case hdf5

    var fileFormat: Export.FileFormat {
      switch self {
      case .wfdb: .wfdb
      case .npy: .npy
      case .hdf5: .hdf5
      }
    }
  }

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1.") }
    guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be at least 1.") }
  }

  func run() async throws {
    try await Console.run {
      let (directory, record) = RecordPlace.parse(shards)
      var export = Export(try ShardSet(directory), as: format.fileFormat)
      export.source = source
      export.record = record
      export.limit = limit
      export.jobs = jobs
      let progress = Progress("records", total: try export.count, quiet: options.quiet)
      let report = try export.run(to: output, interruption: Signals.interruption()) {
        progress.advance(to: $0)
      }
      progress.end()
      if !options.quiet { tell(report) }
      if options.json { try Console.json(Summary(report, isWFDB: format == .wfdb, progress.seconds)) }
    }
  }

  private func tell(_ report: Export.Report) {
    Console.line("\(output): \(report.records) records, \(report.frames) frames, \(report.bytes) bytes")
    guard format == .wfdb else { return }
    let stored = Export.Departure.allCases.compactMap { departure in
      report.asStored[departure].map { "\($0) \(departure.rawValue)" }
    }
    Console.line(
      "\(output): \(report.asRecorded) as they were recorded, \(report.identical) of their signal files byte for byte"
        + (stored.isEmpty ? "" : "; as they are stored \(stored.joined(separator: ", "))"))
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Summary: Encodable {
    var records, frames, bytes: Int
    var seconds: Double
    var as_recorded, identical: Int?
    var as_stored: [String: Int]?

    init(_ report: Export.Report, isWFDB: Bool, _ seconds: Double) {
      (records, frames, bytes, self.seconds) = (report.records, report.frames, report.bytes, seconds)
      guard isWFDB else { return }
      (as_recorded, identical) = (report.asRecorded, report.identical)
      as_stored = Dictionary(uniqueKeysWithValues: report.asStored.map { ($0.key.rawValue, $0.value) })
    }
  }
}
