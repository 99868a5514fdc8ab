import ArgumentParser
import ECGTraining
import Foundation

/// Options of every subcommand that trains something into a run's directory.
struct RunOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The run's directory.", completion: .directory)
  var output: String

  @Option(help: "End after this many epochs.")
  var epochs: Int?

  @Option(help: "Crops a step.")
  var batch: Int?

  @Option(help: "Seed of everything random.")
  var seed: UInt64?

  @Option(help: "Threads; all cores unless told.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "The numbers to compute in: \(Precision.names).")
  var precision: String?

  @Flag(help: "Throw away an earlier run in the directory.")
  var restart = false
}
