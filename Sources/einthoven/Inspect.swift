import ArgumentParser
import ECGData

struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a raw collection, a shard directory, a shard or a record's header is.",
    discussion: """
      Example: einthoven inspect shards
               einthoven inspect records500/00000/00001_hr.hea --json
      """)

  @Argument(help: "A raw collection, a shard directory, a shard, or a WFDB record.", completion: .file())
  var path: String

  @OptionGroup(title: "Raw sources") var source: SourceArguments

  @OptionGroup var options: OutputOptions

  func run() async throws {
    try await Console.run {
      let inspection = try Inspection(of: path, as: source.dataset, source: source.options())
      if options.json {
        try Console.json(inspection.values)
      } else {
        for line in inspection.lines { try Console.output(line) }
      }
    }
  }
}
