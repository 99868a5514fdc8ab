import ArgumentParser
import ECGData

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a simulated collection in its true layout.",
    discussion: "Example: einthoven simulate --layout ptb-xl --records 200 --seed 1 simulated")

  @Option(help: "The collection's layout: ptb-xl.")
  var layout: String

  @Option(help: "The number of records.")
  var records: Int

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @Option(help: "Threads.")
  var jobs = 2

  @Argument(help: "The directory to write, empty or new.", completion: .directory)
  var directory: String

  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1.") }
    guard records >= 1 else { throw ValidationError("--records must be at least 1.") }
  }

  func run() async throws {
    try await Console.run {
      guard layout == PTBXL.name else {
        throw ECGError(.invalidArgument, "there is no layout \"\(layout)\"", advice: "there is \(PTBXL.name)")
      }
      let progress = Progress("records", total: records, quiet: options.quiet)
      try PTBXLSimulation(records: records, seed: seed).write(to: directory, jobs: jobs) { _ in
        progress.advance()
      }
      progress.end()
      if !options.quiet { Console.line("\(directory): \(records) simulated records") }
      if options.json { try Console.json(["records": records]) }
    }
  }
}
