import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Records with one signal are found whatever its size, offset and rate, and no others.
@Suite struct DuplicatesTests {
  static func signal(seed: Int, rate: Double = 500) -> PhysicalSignal {
    var generator = SplitMix64("duplicates", UInt64(seed))
    let samples = SimulatedECG(using: &generator).samples(rate: rate).map { ($0 * 1000).rounded() }
    return PhysicalSignal(
      microvolts: samples, rate: rate, mask: LeadMask(rawValue: 0x0FFF),
      leadFlags: [LeadFlags](repeating: [], count: Lead.count))
  }

  /// What may become of a copy.
  enum Change: CaseIterable {
    case none, half, thrice, offset, resampled, slow, gap

    func callAsFunction(_ signal: PhysicalSignal) throws -> PhysicalSignal {
      var copy = signal
      switch self {
      case .none: break
      case .half: copy.microvolts = signal.microvolts.map { ($0 / 2).rounded() }
      case .thrice: copy.microvolts = signal.microvolts.map { $0 * 3 }
      case .offset:
        for index in copy.microvolts.indices {
          copy.microvolts[index] += Double(index % Lead.count * 40 - 100)
        }
      case .resampled, .slow:
        copy.rate = self == .slow ? 100 : 400
        let resampler = try PolyphaseResampler(from: 500, to: copy.rate)
        copy.microvolts = resampler.timeMajor(signal.microvolts, leads: Lead.count).map { $0.rounded() }
      case .gap:
        for frame in 100..<140 { copy.microvolts[frame * Lead.count + 7] = .nan }
      }
      return copy
    }
  }

  @Test(arguments: Change.allCases) func findsCopies(change: Change) throws {
    let hearts = (0..<40).map { DuplicatesTests.signal(seed: $0) }
    let copies = try hearts.prefix(20).map { try change($0) }
    let signals = hearts + copies
    var duplicates = Duplicates(try signals.map { try SignalFingerprint($0) }) {
      // The eleventh is in another fold than its copy, the twelfth has other labels.
      Duplicates.Subject(
        name: "r\($0)", fold: $0 == 10 ? 2 : 1, codes: $0 == 11 ? ["scp:AFIB"] : ["scp:NORM"])
    } signal: {
      signals[$0]
    }
    let findings = try duplicates.findings()
    let rule = change == .none ? Rule.signalDuplicate : .signalNearDuplicate
    let found = findings.filter { $0.rule == rule }
    #expect(found.count == 20)
    for index in 0..<20 {
      let (record, other) = change == .none ? (index, index + 40) : (index + 40, index)
      let finding = try #require(found.first { $0.record == "r\(record)" })
      #expect(finding.message.contains("r\(other)"))
      switch change {
      case .half: #expect(finding.message.contains("r\(index) at 0.5 of its size, but"))
      case .thrice: #expect(finding.message.contains("r\(index) at 3.0 of its size, but"))
      case .slow: #expect(finding.message.contains("r\(index), at 100.0 Hz instead of 500.0 Hz, but"))
      default: break
      }
    }
    #expect(findings.filter { $0.rule == .splitDuplicateLeak }.map(\.record) == ["r10"])
    #expect(findings.filter { $0.rule == .labelsDuplicateConflict }.map(\.record) == ["r11"])
    #expect(findings.count == 22)
  }

  /// Signals that never move are no copies of each other unless they are equal.
  @Test func flatSignals() throws {
    var flat = DuplicatesTests.signal(seed: 1)
    let signals = (0..<3).map { height in
      for index in flat.microvolts.indices { flat.microvolts[index] = Double(height / 2) }
      return flat
    }
    var duplicates = Duplicates(try signals.map { try SignalFingerprint($0) }) {
      Duplicates.Subject(name: "\($0)", fold: 0, codes: [])
    } signal: {
      signals[$0]
    }
    #expect(try duplicates.findings().map(\.message) == ["has the same signal as 1"])
  }

  /// One key for all, as of a machine that repeats itself: it ends, and equal ones are found among them.
  @Test func oneKeyForAll() throws {
    let signals = (0..<30).map { DuplicatesTests.signal(seed: $0) }
    let keys = SIMD8<UInt32>(repeating: 7)
    let fingerprints = (0..<200).map { SignalFingerprint(digest: SIMD2(UInt64($0), 0), keys: keys) }
    var duplicates = Duplicates(fingerprints) {
      Duplicates.Subject(name: "\($0)", fold: 0, codes: [])
    } signal: {
      signals[$0 % 10]
    }
    let found = try duplicates.findings()
    #expect(found.count == 190 && found.allSatisfy { $0.rule == .signalNearDuplicate })
  }

  /// The same records raw and as shards at another rate, in one call.
  @Test func comparesRawAndConverted() throws {
    try withDirectory { directory in
      let raw = directory.path("raw")
      try Simulation(layout: "ptb-xl", records: 6, seed: 3).write(to: raw, jobs: 2)
      var recipe = Recipe()
      recipe.rate = .hertz(100)
      recipe.folds = .patient
      _ = try Converter(sources: [Datasets.open(raw)], output: directory.path("shards"), recipe: recipe).run()
      var validation = Validation()
      validation.isDeep = true
      let paths = [raw, directory.path("shards")]
      let report = try validation.report(on: paths)
      #expect(report.parts.map(\.records) == [6, 6])
      let copies = report.comparison.filter { $0.rule == .signalNearDuplicate }
      #expect(copies.count == 6)
      for copy in copies {
        let id = copy.record.prefix { $0 != " " }
        #expect(copy.record == "\(id) of \(paths[1])")
        #expect(copy.message.hasPrefix("has the signal of \(id) of \(raw), at 100.0 Hz instead of 500.0 Hz"))
      }
      // Folds by patient are others than the table's: the patients leak, and so do the signals.
      #expect(report.comparison.contains { $0.rule == .splitPatientLeak })
      #expect(report.comparison.contains { $0.rule == .splitDuplicateLeak })
    }
  }
}
