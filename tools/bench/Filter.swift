import ArgumentParser
import ECGData
import Foundation

/// Group `filter`: banks over whole records of 12 × 5000 samples at 500 Hz, in memory, designed beforehand.
struct Filter: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Filtering records with zero phase.")

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.run { duel, emit in
      let python = options.peers ? try PythonPeer(script: "filter.py", python: options.python) : nil
      if let python { say("peers: \(python.versions)") }
      let temporary = try TemporaryFolder()
      let folder = try temporary.folder("signals")
      let records = (0..<20).map { SimulatedRecord.microvolts(seed: UInt64($0)) }
      for (index, record) in records.enumerated() {
        let data = record.withUnsafeBytes { Data($0) }
        try data.write(to: URL(filePath: "\(folder)/" + String(format: "%03d.f64", index)))
      }
      for item in FilterCase.all {
        let bank = try item.bank.design(rate: 500)
        var buffer = records[0]
        func work(_ record: [Double]) -> Int {
          // The same memory again and again, as a worker has it.
          buffer.withUnsafeMutableBufferPointer { _ = $0.update(from: record) }
          bank.apply(timeMajor: &buffer, leads: 12)
          return SimulatedRecord.checksum(buffer)
        }
        let count = allocations { _ = work(records[0]) }
        let ours = { (seconds: Double) in
          timed(records.count, seconds: seconds) { records.reduce(0) { $0 + work($1) } }
        }
        var peer: ((Double) throws -> Round)?
        if let python { peer = { try python.round(item.name, folder: folder, seconds: $0) } }
        try emit(
          Row(
            group: "filter", name: item.name, unit: "records", bytes: 8 * records[0].count,
            allocations: count, peerName: item.peer, result: duel.run(ours: ours, peer: peer)))
      }
    }
  }
}

/// A bank, and what SciPy has for it in `peers/filter.py`.
private struct FilterCase {
  var name: String
  var bank: FilterBank
  var peer: String

  static let all = [
    FilterCase(
      name: "bandpass", bank: [.recursive(.bandpass(low: 0.5, high: 40))], peer: "SciPy sosfiltfilt"),
    FilterCase(name: "notch", bank: [.notch(frequency: 50)], peer: "SciPy sosfiltfilt"),
    FilterCase(name: "comb", bank: [.comb(frequency: 50)], peer: "SciPy filtfilt"),
    FilterCase(name: "fir", bank: [.windowed(.lowpass(40), seconds: 0.2)], peer: "SciPy oaconvolve"),
    FilterCase(name: "median baseline", bank: [.medianBaseline()], peer: "SciPy median_filter"),
  ]
}
