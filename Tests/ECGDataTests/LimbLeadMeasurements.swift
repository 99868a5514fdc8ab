import Foundation
import TestSupport
import Testing

@testable import ECGData

/// What the limb-lead audits reach on published recordings, with faults planted on their integer samples.
///
/// Always on a part of what lies beside the repository; on whole collections (some minutes) where the environment
/// names the folder that they are unpacked in: `EINTHOVEN_COLLECTIONS` (see tools/test --collections). Figures are
/// printed.
@Suite(.serialized) struct LimbLeadMeasurements {
  static let root = ProcessInfo.processInfo.environment["EINTHOVEN_COLLECTIONS"]

  /// Headers of a collection's records that have a signal, by name.
  static func headers(_ collection: String, below root: String) -> [String] {
    let folder = "\(root)/\(collection)"
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      name.hasSuffix(".hea")
        && ["mat", "dat"].contains {
          FileManager.default.fileExists(atPath: "\(folder)/\(name.dropLast(3))\($0)")
        }
    }.sorted().map { "\(folder)/\($0)" }
  }

  struct Collection: Decodable {
    var records: Int
    var held: Int
    var residuals: [String: [[Double]]]
  }

  /// Each collection's figures by NumPy (tools/golden/limb_laws.py).
  static let golden: [String: Collection] = {
    let url = Repository.root.appending(path: "Fixtures/golden/limb_laws.json")
    guard let data = try? Data(contentsOf: url) else { return [:] }
    return (try? JSONDecoder().decode([String: Collection].self, from: data)) ?? [:]
  }()

  struct Tally {
    var records = 0
    var lawful = 0
    var silent = 0
    var microseconds: [Double] = []
    var outcomes: [String: [PlantedLimbFault.Outcome: Int]] = [:]
    var failures: [String] = []

    /// The share of planted faults of all kinds with an outcome.
    func share(_ outcome: PlantedLimbFault.Outcome, of kinds: [String]? = nil) -> Double {
      let counts = outcomes.filter { kinds?.contains($0.key) ?? true }.map(\.value)
      let all = counts.reduce(0) { $0 + $1.values.reduce(0, +) }
      return Double(counts.reduce(0) { $0 + ($1[outcome] ?? 0) }) / Double(max(1, all))
    }
  }

  /// Audits records as they are and with every fault.
  ///
  /// - Parameters:
  ///   - paths: the records' headers.
  ///   - mending: put right what the whole collection has wrong before a fault is planted.
  /// - Returns: the outcomes; with `mending`, a record is as expected if the audit names that.
  /// - Throws: what reading throws.
  static func tally(_ paths: [String], mending: PlantedLimbFault? = nil) throws -> Tally {
    let parts = try Parallel.map(paths.count, jobs: 2) { index -> Tally in
      var tally = Tally(records: 1)
      var recording = try WFDBReader.read(paths[index]).recording
      let signal = try PhysicalSignal(recording, derive: false)
      let start = ContinuousClock.now
      let untouched = LimbLeadAudit(signal)
      tally.microseconds = [(ContinuousClock.now - start) / .microseconds(1)]
      if let mending {
        let isMended = untouched.map { !$0.isLawful && mending.outcome($0) == .named } ?? true
        tally.lawful = isMended ? 1 : 0
        guard let mended = try mending.planted(in: recording) else { return tally }
        recording = try Recording(
          id: recording.id, rate: recording.rate,
          channels: recording.channels.map {
            Recording.Channel(name: $0.name, unit: "uV", gain: 1)
          },
          samples: .digital(
            mended.microvolts.map { $0.isNaN ? Recording.missing : Int32($0.rounded()) }))
      } else {
        tally.lawful = untouched?.isLawful == false ? 0 : 1
      }
      if tally.lawful == 0 {
        tally.failures.append(
          "\(recording.id): \(untouched?.explanations.first?.fault.description ?? "unexplained")"
            + " \(untouched?.residual ?? 0)")
      }
      // A record without beats in its limb leads has nothing to exchange.
      let isSilent =
        LimbLaws.leads.contains { signal.leadFlags[$0.rawValue].contains(.flat) }
        || (untouched?.level ?? 0) < 10
      guard !isSilent else {
        tally.silent = 1
        return tally
      }
      // Some records have no precordial leads, from which a foreign lead is taken.
      let hasDonor = !signal.leadFlags[Lead.V2.rawValue].contains(.flat)
      for fault in PlantedLimbFault.all where hasDonor || fault.kind != "foreign" {
        guard let planted = try fault.planted(in: recording) else { continue }
        let audit = LimbLeadAudit(planted)
        let outcome = fault.outcome(audit)
        tally.outcomes[fault.kind, default: [:]][outcome, default: 0] += 1
        if outcome != .named {
          let found = audit?.explanations.map(\.fault.description).joined(separator: " | ") ?? "none"
          tally.failures.append("\(recording.id): \(fault.faults.first?.description ?? "") -> \(found)")
        }
      }
      return tally
    }
    return parts.reduce(into: Tally()) { sum, part in
      sum.records += part.records
      sum.lawful += part.lawful
      sum.silent += part.silent
      sum.microseconds += part.microseconds
      sum.failures += part.failures
      for (kind, outcomes) in part.outcomes { sum.outcomes[kind, default: [:]].merge(outcomes) { $0 + $1 } }
    }
  }

  static func show(_ name: String, _ tally: Tally) {
    func percent(_ part: Int, _ whole: Int) -> String {
      String(format: "%.2f %%", 100 * Double(part) / Double(max(1, whole)))
    }
    let time = tally.microseconds.sorted()
    print(
      "\(name): \(tally.records) records, as they are \(percent(tally.lawful, tally.records)) as expected,",
      "\(tally.silent) without limb leads to change, \(time.isEmpty ? 0 : Int(time[time.count / 2])) µs each"
    )
    for (kind, outcomes) in tally.outcomes.sorted(by: { $0.key < $1.key }) {
      let all = outcomes.values.reduce(0, +)
      let shares = PlantedLimbFault.Outcome.allCases.map { "\($0) \(percent(outcomes[$0] ?? 0, all))" }
      print("  \(kind) (\(all)): \(shares.joined(separator: ", "))")
    }
    for failure in tally.failures.prefix(15) { print("    \(failure)") }
  }

  /// The residuals are those of NumPy's least squares, and the laws hold in as many records.
  @Test(.enabled(if: SharedVectors.collections != nil || root != nil, "needs ../shared/data"))
  func agreesWithNumPy() throws {
    let root = try #require(LimbLeadMeasurements.root ?? SharedVectors.collections)
    var compared = 0
    for (collection, figures) in LimbLeadMeasurements.golden {
      // The packed collections lie in one folder and are few.
      let isWhole = LimbLeadMeasurements.root != nil
      let paths = LimbLeadMeasurements.headers(isWhole ? collection : "", below: root).filter {
        isWhole || figures.residuals[String(File.name(of: $0).dropLast(4))] != nil
      }
      let audits = try Parallel.map(paths.count, jobs: 2) { index in
        LimbLeadAudit(try PhysicalSignal(WFDBReader.read(paths[index]).recording, derive: false))
      }
      if isWhole {
        #expect(paths.count == figures.records, "\(collection)")
        #expect(audits.count { $0?.isLawful ?? true } >= figures.held, "\(collection)")
      }
      for (path, audit) in zip(paths, audits) {
        guard let golden = figures.residuals[String(File.name(of: path).dropLast(4))],
          let audit, audit.residuals.count == 6
        else { continue }
        for (residual, expected) in zip(audit.residuals, golden) {
          #expect(abs(residual.rms - expected[0]) < 1e-6 * max(1, expected[0]), "\(path)")
          #expect(abs(residual.maximum - expected[1]) < 1e-6 * max(1, expected[1]), "\(path)")
        }
        compared += 1
      }
    }
    #expect(compared >= (LimbLeadMeasurements.root == nil ? 20 : 60))
  }

  /// One record in twelve of the challenge's sources and CODE-15.
  @Test(.enabled(if: SharedVectors.collections != nil, "needs ../shared/data"))
  func namesPlantedFaultsInAFewRecords() throws {
    let all = LimbLeadMeasurements.headers("", below: try #require(SharedVectors.collections)).filter {
      path in
      // Records without any lead.
      !["bw", "em", "ma"].contains(String(File.name(of: path).dropLast(4)))
        && !["aux", "noise", "four_leads", "six_leads", "two_leads", "three_leads", "nstdb"].contains {
          path.contains($0)
        }
    }
    let paths = all.indices.filter { $0 % 12 == 0 }.map { all[$0] }
    let tally = try LimbLeadMeasurements.tally(paths)
    #expect(tally.records > 20 && tally.lawful == tally.records)
    #expect(tally.share(.named) >= 0.99, "\(tally.failures)")
  }

  @Test(.enabled(if: root != nil, "EINTHOVEN_COLLECTIONS names no folder"))
  func namesPlantedFaultsInWholeCollections() throws {
    let root = try #require(LimbLeadMeasurements.root)
    for collection in LimbLeadMeasurements.golden.keys.sorted() {
      // CinC 2011's columns aVL and aVF are exchanged throughout.
      let mending =
        collection.hasPrefix("quality2011")
        ? PlantedLimbFault.all.first { $0.faults == [.exchanged(.aVL, .aVF)] } : nil
      let paths = LimbLeadMeasurements.headers(collection, below: root)
      let tally = try LimbLeadMeasurements.tally(paths, mending: mending)
      LimbLeadMeasurements.show(collection, tally)
      #expect(!paths.isEmpty)
      // Half the records of CinC 2011 are chosen for bad electrodes.
      guard mending == nil else { continue }
      #expect(Double(tally.records - tally.lawful) <= 0.001 * Double(tally.records), "\(collection)")
      #expect(tally.share(.named) >= 0.99, "\(collection)")
      if collection.hasPrefix("ptbxl") {
        for kind in tally.outcomes.keys { #expect(tally.share(.named, of: [kind]) >= 0.99, "\(kind)") }
      }
    }
  }
}
