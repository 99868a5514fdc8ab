import ArgumentParser
import ECGData
import Foundation

/// Group `read`: whole records of 12 × 5000 samples from a warm cache, header and verification included.
struct Read: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Reading WFDB records.")

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.run { duel, emit in
      let python = options.peers ? try PythonPeer(script: "read.py", python: options.python) : nil
      if let python { say("peers: \(python.versions)") }
      let temporary = try TemporaryFolder()
      let signals = (0..<ReadCase.recordCount).map { ReadCase.simulate(seed: UInt64($0)) }
      for item in ReadCase.all {
        let folder = try temporary.folder(item.name)
        for (index, samples) in signals.enumerated() {
          try item.write(String(format: "%05d", index + 1), samples, folder)
        }
        let paths = (1...signals.count).map { "\(folder)/" + String(format: "%05d", $0) }
        let ours = { (seconds: Double) in
          try timed(paths.count, seconds: seconds) { try paths.reduce(0) { try $0 + item.read($1) } }
        }
        func compare(_ peer: ReadCase.Peer?) throws {
          var round: ((Double) throws -> Round)?
          if let python, let peer {
            round = { try python.round(peer.work, folder: folder, seconds: $0) }
          }
          try emit(
            Row(
              group: "read", name: item.name, unit: "records", bytes: 2 * signals[0].count,
              peerName: peer?.name, result: duel.run(ours: ours, peer: round)))
        }
        if options.peers, !item.peers.isEmpty {
          for peer in item.peers { try compare(peer) }
        } else {
          try compare(nil)
        }
      }
    }
  }
}

/// A way of storing records, what is timed on it, and who is timed beside it.
private struct ReadCase: Sendable {
  /// A kind of work of `peers/read.py`.
  struct Peer: Sendable {
    var work: String
    var name: String
  }

  var name: String
  /// Writes a record: name, samples [T, 12], folder.
  var write: @Sendable (String, [Int16], String) throws -> Void
  /// Reads a record by its path; returns the last sample in counts.
  var read: @Sendable (String) throws -> Int
  var peers: [Peer]

  /// All cases; a format is a line here.
  static let all = [
    ReadCase(
      name: "16 digital", write: writeFormat16, read: readDigital,
      peers: [
        Peer(work: "wfdb-digital", name: "wfdb rdrecord(physical=False)"),
        Peer(work: "numpy", name: "NumPy fromfile + scale"),
      ]),
    ReadCase(
      name: "16 physical", write: writeFormat16, read: readPhysical,
      peers: [
        Peer(work: "wfdb-physical", name: "wfdb rdrecord()"),
        Peer(work: "numpy", name: "NumPy fromfile + scale"),
      ]),
  ]

  static let recordCount = 200

  /// Ten simulated seconds at 500 Hz in counts of 1 µV, [5000, 12].
  static func simulate(seed: UInt64) -> [Int16] {
    var generator = SplitMix64("bench", seed)
    let millivolts = SimulatedECG(using: &generator).samples(rate: 500)
    return millivolts.map { Int16(clamping: Int(($0 * 1000).rounded())) }
  }

  @Sendable private static func writeFormat16(_ name: String, _ samples: [Int16], _ folder: String) throws {
    let signals = Lead.names.map { WFDBWriter.Signal(name: $0) }
    try WFDBWriter.write(recordName: name, rate: 500, signals: signals, samples: samples, to: folder)
  }

  @Sendable private static func readDigital(_ path: String) throws -> Int {
    guard case .digital(let samples) = try verified(path).samples else { return 0 }
    return samples.last.map(Int.init) ?? 0
  }

  @Sendable private static func readPhysical(_ path: String) throws -> Int {
    let recording = try verified(path)
    // Each channel is used, so that none can be left out.
    let ends = recording.channels.indices.map { recording.physical(channel: $0).last ?? 0 }
    let sum = ends.dropLast().reduce(0, +)
    return sum.isFinite ? Int(((ends.last ?? 0) * 1000).rounded()) : 0
  }

  /// What is timed reads all right, or the time says nothing.
  private static func verified(_ path: String) throws -> Recording {
    let reading = try WFDBReader.read(path)
    if let finding = reading.findings.first {
      throw ECGError(.mismatch, finding.message, file: path)
    }
    return reading.recording
  }
}
