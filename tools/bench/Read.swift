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
      let signals = (0..<ReadCase.recordCount).map { SimulatedRecord.counts(seed: UInt64($0)) }
      for item in ReadCase.all {
        let folder = try temporary.folder(item.name)
        for (index, samples) in signals.enumerated() {
          try item.write(String(format: "%05d", index + 1), samples, folder)
        }
        let paths = (1...signals.count).map { "\(folder)/" + String(format: "%05d", $0) }
        let ours = { (seconds: Double) in
          try timed(paths.count, seconds: seconds) { try paths.reduce(0) { try $0 + item.read($1) } }
        }
        let count = try allocations { _ = try ours(0) }
        func compare(_ peer: ReadCase.Peer?) throws {
          var round: ((Double) throws -> Round)?
          if let python, let peer {
            round = { try python.round(peer.work, folder: folder, seconds: $0) }
          }
          try emit(
            Row(
              group: "read", name: item.name, unit: "records", bytes: 2 * signals[0].count,
              allocations: count.map { ($0 + paths.count - 1) / paths.count },
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
  var write: @Sendable (String, [Int32], String) throws -> Void
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
    ReadCase(
      name: "16+24 digital", write: writeContainer, read: readDigital,
      peers: [Peer(work: "wfdb-digital", name: "wfdb rdrecord(physical=False)")]),
    ReadCase(
      name: "212 digital", write: writeFormat212, read: readDigital,
      peers: [Peer(work: "wfdb-digital", name: "wfdb rdrecord(physical=False)")]),
  ]

  static let recordCount = 200

  private static let signals = Lead.names.map { WFDBWriter.Signal(name: $0) }

  @Sendable private static func writeFormat16(_ name: String, _ samples: [Int32], _ folder: String) throws {
    try WFDBWriter.write(recordName: name, rate: 500, signals: signals, samples: samples, to: folder)
  }

  /// In counts of 5 µV, which fit 12 bits.
  @Sendable private static func writeFormat212(_ name: String, _ samples: [Int32], _ folder: String) throws {
    let counts = samples.map { min(max($0 / 5, -2047), 2047) }
    try WFDBWriter.write(
      recordName: name, rate: 500, signals: signals, samples: counts, format: .packed12, to: folder)
  }

  /// As the challenges publish them: format 16 behind the header of a MATLAB v4 file.
  @Sendable private static func writeContainer(_ name: String, _ samples: [Int32], _ folder: String) throws {
    let files = try WFDBWriter.encode(recordName: name, rate: 500, signals: signals, samples: samples)
    let prolog = [30, 12, UInt32(samples.count / 12), 0, 4].flatMap { word in
      withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
    let header = String(decoding: files.header, as: UTF8.self).replacingOccurrences(
      of: ".dat 16 ", with: ".mat 16+24 ")
    try header.write(toFile: "\(folder)/\(name).hea", atomically: false, encoding: .utf8)
    try Data(prolog + Array("val\0".utf8) + files.data).write(to: URL(filePath: "\(folder)/\(name).mat"))
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
