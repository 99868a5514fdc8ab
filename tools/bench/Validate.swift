import ArgumentParser
import ECGData
import Foundation

/// Group `validate`: every check of a raw collection of 500 Hz records, from a warm cache, on all cores, beside
/// wfdb-python merely reading the records with as many processes.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Validating raw collections, on all cores.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Records of the simulated collection.")
  var records = 1024

  @Option(help: "A collection in the layout of PTB-XL instead of a simulated one.", completion: .directory)
  var collection: String?

  func validate() throws {
    guard records > 0 else { throw ValidationError("records have to be positive") }
  }

  func run() throws {
    try options.run { duel, emit in
      let python = options.peers ? try PythonPeer(script: "validate.py", python: options.python) : nil
      if let python { say("peers: \(python.versions)") }
      let temporary = try TemporaryFolder()
      let folder = collection ?? "\(temporary.path)/ptb-xl"
      let jobs = ProcessInfo.processInfo.activeProcessorCount
      if collection == nil {
        try Simulation(layout: "ptb-xl", records: records, seed: 1).write(to: folder, jobs: jobs)
      }
      for (name, isDeep) in [("deep", true), ("shallow", false)] {
        var validation = Validation()
        (validation.jobs, validation.isDeep) = (jobs, isDeep)
        let count = try validation.report(on: folder).records
        let ours = { (seconds: Double) in
          try timed(count, seconds: seconds) { try validation.report(on: folder).records }
        }
        let peer = python.map { python in
          { (seconds: Double) in try python.round("wfdb-read", folder: folder, seconds: seconds) }
        }
        try emit(
          Row(
            group: "validate", name: "PTB-XL 500 Hz, \(name)", unit: "records", bytes: 5000 * 12 * 2,
            allocations: nil, peerName: peer == nil ? nil : "wfdb-python reading",
            result: duel.run(ours: ours, peer: peer)))
      }
    }
  }
}
