import ArgumentParser
import ECGData
import Foundation

/// Group `resample`: records of 12 × 5000 samples, time-major, from 500 to 100 Hz, from and to memory.
struct Resample: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Changing the sampling rate, 500 to 100 Hz.")

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.run { duel, emit in
      let python = options.peers ? try PythonPeer(script: "resample.py", python: options.python) : nil
      if let python { say("peers: \(python.versions)") }
      let temporary = try TemporaryFolder()
      // In mV that Float holds.
      let records = (0..<ResampleCase.recordCount).map {
        SimulatedRecord.millivolts(seed: UInt64($0)).map { Double(Float($0)) }
      }
      for (index, record) in records.enumerated() {
        let bytes = record.withUnsafeBytes { Data($0) }
        try bytes.write(to: URL(filePath: "\(temporary.path)/\(index).f64"))
      }
      for item in ResampleCase.all {
        let work = try item.work(records)
        let count = try allocations { _ = try work(false) }
        func compare(_ peer: ResampleCase.Peer?) throws {
          var round: ((Double) throws -> Round)?
          if let python, let peer {
            round = { try python.round(peer.work, folder: temporary.path, seconds: $0) }
          }
          // The first round, which does not count, sums all samples; those that do, one of each record.
          let ours = { (seconds: Double) in
            try timed(records.count, seconds: seconds) { try work(seconds == 0) }
          }
          try emit(
            Row(
              group: "resample", name: item.name, unit: "records", bytes: item.sampleSize * records[0].count,
              allocations: count.map { ($0 + records.count - 1) / records.count }, peerName: peer?.name,
              result: duel.run(ours: ours, peer: round)))
        }
        var peers: [ResampleCase.Peer] = []
        for peer in item.peers where options.peers {
          if let module = peer.module, python?.lacking.contains(module) ?? false {
            say("\(item.name): \(peer.name) is left out, this Python has no \(module)")
          } else {
            peers.append(peer)
          }
        }
        if peers.isEmpty { try compare(nil) }
        for peer in peers { try compare(peer) }
      }
    }
  }
}

/// A way of resampling and who is timed beside it.
private struct ResampleCase: Sendable {
  /// A kind of work of `peers/resample.py`.
  struct Peer: Sendable {
    var work: String
    var name: String
    /// What it needs beyond NumPy and SciPy.
    var module: String?
  }

  var name: String
  var mode: ResamplingMode
  var isFloat = false
  var peers: [Peer]

  var sampleSize: Int { isFloat ? MemoryLayout<Float>.size : MemoryLayout<Double>.size }

  static let all = [
    ResampleCase(
      name: "polyphase f32", mode: .polyphase, isFloat: true,
      peers: [
        Peer(work: "polyphase-f32", name: "scipy resample_poly"),
        Peer(work: "polyphase-f32-taps", name: "the same with the taps given"),
      ]),
    ResampleCase(
      name: "polyphase f64", mode: .polyphase,
      peers: [
        Peer(work: "polyphase-f64", name: "scipy resample_poly"),
        Peer(work: "polyphase-f32", name: "the same in float32"),
      ]),
    ResampleCase(
      name: "fourier f64", mode: .fourier,
      peers: [
        Peer(work: "fourier-f64", name: "scipy resample"),
        Peer(work: "fourier-f32", name: "the same in float32"),
      ]),
    ResampleCase(
      name: "linear f64", mode: .linear, peers: [Peer(work: "linear", name: "numpy.interp of each lead")]),
    ResampleCase(
      name: "p1 f64", mode: .p1, peers: [Peer(work: "p1", name: "skimage resize", module: "skimage")]),
  ]

  static let recordCount = 4

  /// Resamples all records; the sum over them is of the magnitudes of all samples, in 0.1 mV, or of one sample
  /// each, in µV.
  func work(_ records: [[Double]]) throws -> (_ sumsAll: Bool) throws -> Int {
    let resampler = try mode.resampler(from: 500, to: 100)
    if isFloat {
      let records = records.map { $0.map(Float.init) }
      var output: [Float] = []
      return { sumsAll in
        var sum = 0
        for record in records {
          resampler.resample(timeMajor: record, leads: 12, into: &output)
          sum += sumsAll ? Self.sum(output.map(Double.init)) : Self.middle(Double(output[output.count / 2]))
        }
        return sum
      }
    }
    var output: [Double] = []
    return { sumsAll in
      var sum = 0
      for record in records {
        resampler.resample(timeMajor: record, leads: 12, into: &output)
        sum += sumsAll ? Self.sum(output) : Self.middle(output[output.count / 2])
      }
      return sum
    }
  }

  private static func sum(_ samples: [Double]) -> Int {
    Int((samples.reduce(0) { $0 + abs($1) } * 10).rounded())
  }

  private static func middle(_ sample: Double) -> Int {
    Int((sample * 1000).rounded())
  }
}
