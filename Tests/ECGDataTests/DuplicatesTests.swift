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

  /// Records that never move are equal and no copies; those of a beat or less have no shape of their own.
  @Test func nothingIsNoCopy() throws {
    var flat = DuplicatesTests.signal(seed: 1)
    for index in flat.microvolts.indices { flat.microvolts[index] = Double(index % Lead.count) }
    #expect(try !SignalFingerprint(flat).moves && SignalFingerprint(flat).keys == nil)
    var short = DuplicatesTests.signal(seed: 1)
    short.microvolts.removeLast(short.microvolts.count - 500 * Lead.count)
    #expect(try SignalFingerprint(short).moves && SignalFingerprint(short).keys == nil)
    // One drift under different waves.
    let drifting = [3.0, 5].map { frequency in
      var signal = flat
      for frame in 0..<signal.frameCount {
        let time = Double(frame) / 500
        for lead in 0..<Lead.count {
          signal.microvolts[frame * Lead.count + lead] =
            3000 * exp(-time / 2) + 40 * sin(2 * .pi * frequency * time + Double(lead))
        }
      }
      return signal
    }
    #expect(SignalFingerprint.scale(of: drifting[1], asCopyOf: drifting[0]) == nil)
  }

  /// The same signals raw, and under other names as shards at another rate, in one call.
  @Test func comparesRawAndConverted() throws {
    try withDirectory { directory in
      let raw = directory.path("raw")
      try Simulation(layout: "ptb-xl", records: 6, seed: 3).write(to: raw, jobs: 2)
      var recipe = Recipe()
      recipe.rate = .hertz(100)
      recipe.folds = .patient
      let others = try Datasets.open(directory.path("raw/records500"), as: "wfdb")
      _ = try Converter(sources: [others], output: directory.path("others"), recipe: recipe).run()
      _ = try Converter(sources: [Datasets.open(raw)], output: directory.path("own"), recipe: recipe).run()
      var validation = Validation()
      validation.isDeep = true
      let paths = [raw, directory.path("others"), directory.path("own")]
      let report = try validation.report(on: paths)
      #expect(report.parts.map(\.records) == [6, 6, 6])
      let copies = report.comparison.filter { $0.rule == .signalNearDuplicate }
      #expect(copies.count == 6 && Set(copies.map(\.record)).count == 6)
      for copy in copies {
        #expect(copy.record.hasSuffix(" of \(paths[1])"))
        #expect(copy.message.contains(" of \(raw), at 100.0 Hz instead of 500.0 Hz"))
      }
      // A collection's own shards have its records, in other folds by another recipe: that is no leak.
      let notes = report.comparison.filter { $0.rule == .recordRepeatedID }
      #expect(notes.map(\.record) == [paths[2]] && notes.allSatisfy { $0.severity == .note })
      #expect(notes.allSatisfy { $0.message.hasPrefix("6 of its records") })
      #expect(report.count(of: .error) == 0)
    }
  }

  /// A million records, of which few are copies.
  @Test func findsCopiesAmongAMillion() throws {
    let (count, copies) = (1_000_000, 500)
    var generator = SplitMix64("fingerprints", 1)
    var fingerprints: [SignalFingerprint] = []
    fingerprints.reserveCapacity(count)
    for _ in 0..<(count - 2 * copies) {
      var keys = SIMD8<UInt32>()
      for table in 0..<8 { keys[table] = UInt32(truncatingIfNeeded: generator.next()) }
      fingerprints.append(
        SignalFingerprint(digest: SIMD2(generator.next(), generator.next()), keys: keys))
    }
    let heart = DuplicatesTests.signal(seed: 1)
    for index in 0..<(2 * copies) {
      // Half are copies to the bit; of the others one key of eight agrees.
      let original = fingerprints[index * 997]
      var keys = original.keys ?? SIMD8()
      for table in 1..<8 where index >= copies { keys[table] = UInt32(truncatingIfNeeded: generator.next()) }
      fingerprints.append(
        SignalFingerprint(
          digest: index < copies ? original.digest : SIMD2(generator.next(), generator.next()), keys: keys))
    }
    var duplicates = Duplicates(fingerprints) {
      Duplicates.Subject(name: "r\($0)", fold: 1, codes: ["scp:NORM"])
    } signal: { place in
      // Keys that agree by chance belong to records that are not copies.
      let isOriginal = place % 997 == 0 && (copies..<(2 * copies)).contains(place / 997)
      guard isOriginal || place >= count - copies else { throw ECGError(.notFound, "no copy") }
      return heart
    }
    let findings = try duplicates.findings()
    #expect(findings.count { $0.rule == .signalDuplicate } == copies)
    #expect(findings.count { $0.rule == .signalNearDuplicate } == copies)
    #expect(findings.count == 2 * copies)
  }
}
