import ArgumentParser
import ECGData

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a simulated collection in its true layout.",
    discussion: """
      Example: einthoven simulate --layout ptb-xl --records 200 --seed 1 simulated

      Layouts: \(Simulation.layouts.joined(separator: ", ")).
      Kinds of noise: \(SimulatedNoise.Kind.allCases.map(\.rawValue).joined(separator: ", ")).
      Kinds of defects: \(SimulatedDefect.Kind.allCases.map(\.rawValue).joined(separator: ", ")).
      The truth about every record is in simulation/records.csv, what disturbs it in simulation/artefacts.csv, and planted
      defects in simulation/defects.json.
      What is stopped leaves nothing.
      """)

  @Option(help: "The collection's layout, by the name of its adapter.")
  var layout: String

  @Option(help: "The number of records.")
  var records: Int

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @Option(
    help: """
      What disturbs the records: standard, none, all, or kinds joined by commas, each in every record or in the share \
      behind an "=": wander,powerline=0.1.
      """)
  var noise = "standard"

  @Option(
    defaultAsFlag: "", parsing: .next,
    help: ArgumentHelp(
      "Plant published defects, as often as real collections have them or in these shares of the records.",
      discussion:
        "KIND=SHARE joined by commas, with all for every kind that the layout can have: all=0.01,duplicate=0.05.",
      valueName: "rates"))
  var defects: String?

  @Option(help: "Threads.")
  var jobs = 2

  @Argument(help: "The directory to write, empty or new.", completion: .directory)
  var paths: [String] = []

  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1.") }
    guard records >= 1 else { throw ValidationError("--records must be at least 1.") }
    guard places.count == 1 else { throw ValidationError("Name one directory to write.") }
  }

  /// The directories named; rates have an equals sign, so that `--defects DIRECTORY` is a flag and a directory.
  private var places: [String] { (isDirectory(defects) ? [defects ?? ""] : []) + paths }

  private func isDirectory(_ text: String?) -> Bool {
    text.map { !$0.isEmpty && !$0.contains("=") } ?? false
  }

  func run() async throws {
    try await Console.run {
      let directory = places.joined()
      let rates = try defects.map { $0.isEmpty || isDirectory($0) ? DefectRates() : try DefectRates($0) }
      var simulation = try Simulation(layout: layout, records: records, seed: seed, defects: rates)
      simulation.noise = try SimulatedNoise(noise)
      let progress = Progress("records", total: records, quiet: options.quiet)
      try simulation.write(to: directory, jobs: jobs, interruption: Signals.interruption()) { done in
        progress.advance(to: done)
      }
      progress.end()
      if !options.quiet { Console.line("\(directory): \(records) simulated records of layout \(layout)") }
      if options.json {
        try Console.json(Summary(layout: layout, records: records, seed: seed, seconds: progress.seconds))
      }
    }
  }

  private struct Summary: Encodable {
    var layout: String
    var records: Int
    var seed: UInt64
    var seconds: Double
  }
}
