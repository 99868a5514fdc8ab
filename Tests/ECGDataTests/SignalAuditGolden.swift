import Foundation
import Testing

@testable import ECGData

/// `Fixtures/golden/signal_audit.json`, which `tools/golden/signal_audit.py` writes with SciPy and wfdb-python.
struct SignalAuditGolden: Decodable, Sendable {
  var rate: Double
  var leads: Int
  /// Time-major [frames, leads], in µV.
  var signal: [Double]
  var amplitude: [Double]
  var ecg: [Double]
  var wander: [Double]
  var noise: [Double]
  var agreement: [Double]
  /// XQRS's heart rate in lead II, by the record's path in the unpacked data.
  var rates: [String: Double]

  static func load() throws -> SignalAuditGolden {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let data = try Data(contentsOf: root.appending(path: "Fixtures/golden/signal_audit.json"))
    return try JSONDecoder().decode(SignalAuditGolden.self, from: data)
  }

  /// The signal in the first leads, the others absent.
  var physical: PhysicalSignal {
    let frames = signal.count / leads
    var samples = [Double](repeating: .nan, count: frames * Lead.count)
    for frame in 0..<frames {
      for lead in 0..<leads { samples[frame * Lead.count + lead] = signal[frame * leads + lead] }
    }
    var physical = AuditSignals.signal(samples, rate: rate)
    physical.mask = LeadMask(rawValue: 1 << UInt16(leads) - 1)
    return physical
  }
}
