import Foundation
import TestSupport

@testable import ECGData

/// Signals that the audits' tests look at.
enum AuditSignals {
  /// Ten seconds of a simulated normal heart in sinus rhythm, with the noise that every recording has and no more.
  static func ecg(seed: UInt64) throws -> SimulatedECG {
    let everyday = SimulatedNoise(shares: [.wander: 0, .powerline: 0, .muscle: 0])
    return try SimulationTests.ecg([], rhythm: .sinus, noise: everyday, seed: seed)
  }

  /// Its samples in whole µV.
  static func simulated(seed: UInt64, rate: Double = 500) throws -> PhysicalSignal {
    let samples = try ecg(seed: seed).samples(rate: rate)
    return signal(samples.map { ($0 * 1000).rounded() }, rate: rate)
  }

  /// Samples in µV, time-major [frames, 12].
  static func signal(_ microvolts: [Double], rate: Double) -> PhysicalSignal {
    PhysicalSignal(
      microvolts: microvolts, rate: rate, mask: .all, leadFlags: [LeadFlags](repeating: [], count: Lead.count)
    )
  }

  /// The frames of an annotation file's beats; the codes are those that WFDB's `isqrs` counts.
  static func beats(_ path: String) throws -> [Int] {
    try WFDBAnnotationFile(contentsOf: path).annotations.filter {
      "NLRBAaJSVrFejnE/fQ?".contains($0.code.symbol)
    }.map(\.sample)
  }

  /// Where the data sets of `../shared/data` are unpacked whole, by its own `unpack.py`; tools/test sets it.
  static let folder = ProcessInfo.processInfo.environment["EINTHOVEN_COLLECTIONS"]

  /// The records of a folder by path, at most `limit` of them spread evenly; records that cannot be read are left out.
  static func real(_ name: String, limit: Int = .max, below root: String? = folder) throws -> [(
    id: String, signal: PhysicalSignal
  )] {
    guard let root else { return [] }
    let names =
      (FileManager.default.enumerator(atPath: "\(root)/\(name)")?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".hea") }.sorted()
    let step = names.isEmpty ? 1 : (names.count - 1) / limit + 1
    let chosen = stride(from: 0, to: names.count, by: step).map { String(names[$0].dropLast(4)) }
    return try Parallel.map(chosen.count, jobs: 2) { index -> (id: String, signal: PhysicalSignal)? in
      guard let reading = try? WFDBReader.read("\(root)/\(name)/\(chosen[index])", mode: .lenient) else {
        return nil
      }
      return (chosen[index], try PhysicalSignal(reading.recording, derive: false))
    }.compactMap { $0 }
  }
}

extension PhysicalSignal {
  /// Changes one lead in place.
  mutating func change(_ lead: Lead, _ edit: (inout [Double]) -> Void) {
    var line = self[lead]
    edit(&line)
    for (frame, value) in line.enumerated() { microvolts[frame * Lead.count + lead.rawValue] = value }
  }

  /// The signal in a wrong unit.
  func scaled(by factor: Double) -> PhysicalSignal {
    var signal = self
    signal.microvolts = microvolts.map { $0 * factor }
    return signal
  }
}

/// A defect that is put into one lead.
enum PlantedDefect: String, CaseIterable, Sendable {
  case zero, constant, nearlyConstant
  case railedForASecond, cutAbove, cutBelow, cutOnBothSides, amplifiedIntoTheRails

  /// Puts the defect into a lead; `draw` gives numbers from 0 to 1.
  func plant(in signal: inout PhysicalSignal, _ lead: Lead, _ draw: () -> Double) {
    let rate = signal.rate
    let (a, b) = (draw(), draw())
    signal.change(lead) { line in
      let present = line.filter { !$0.isNaN }.sorted()
      guard let low = present.first, let high = present.last else { return }
      let middle = present[present.count / 2]
      // Where a converter would cut: between 30 and 70 % of the way from the middle to the extreme.
      let (top, bottom) = (
        middle + (0.3 + 0.4 * a) * (high - middle), middle - (0.3 + 0.4 * b) * (middle - low)
      )
      switch self {
      case .zero: line = line.map { _ in 0 }
      case .constant: line = line.map { _ in (6000 * (a - 0.5)).rounded() }
      case .nearlyConstant: line = line.indices.map { $0 / 40 % 2 == 0 ? 5 : 0 }
      case .railedForASecond:
        let start = Int(a * (Double(line.count) - rate))
        for frame in start..<(start + Int(rate)) { line[frame] = b < 0.5 ? -32767 : 32767 }
      case .cutAbove: line = line.map { min($0, top.rounded()) }
      case .cutBelow: line = line.map { max($0, bottom.rounded()) }
      case .cutOnBothSides: line = line.map { max(min($0, top.rounded()), bottom.rounded()) }
      case .amplifiedIntoTheRails:
        let limit = (0.6 * max(high - middle, middle - low)).rounded()
        line = line.map { max(min(8 * ($0 - middle), 8 * limit), -8 * limit).rounded() }
      }
    }
  }

  /// Whether one end of the range is cut and the other is not.
  var isOneSided: Bool { self == .cutAbove || self == .cutBelow || self == .amplifiedIntoTheRails }

  /// Whether the audit names it.
  func isNamed(by scan: SignalScan, _ lead: Lead) -> Bool {
    switch self {
    case .zero, .constant: scan[lead].isFlat
    case .nearlyConstant: scan.nearlyFlatLeads.contains(lead)
    case .railedForASecond: scan[lead].rail != nil || !scan[lead].dropouts.isEmpty
    default: scan[lead].rail != nil
    }
  }
}
