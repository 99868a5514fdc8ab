import Foundation
import TestSupport
import Testing

@testable import ECGData

/// What a validation tells of a collection's records, against the collection's own tables and signals.
@Suite struct CollectionFiguresTests {
  private static func figures(_ path: String, isDeep: Bool) throws -> [CollectionFigures] {
    var validation = Validation()
    validation.isDeep = isDeep
    return try validation.report(on: path).parts[0].figures
  }

  /// Everything that can be counted in a collection by its adapter.
  private static func expect(_ figures: CollectionFigures, _ dataset: any Dataset, isDeep: Bool) throws {
    let records = Array(dataset.records)
    let ages = records.map(\.age).filter { !$0.isNaN }.sorted()
    #expect(figures.records == records.count && figures.ages.count == ages.count)
    #expect(figures.ages.minimum == ages.first.map { Double($0) })
    #expect(figures.ages.maximum == ages.last.map { Double($0) })
    for sex in [Sex.female, .male, .unknown] {
      #expect(figures.sexes[sex] ?? 0 == records.count { $0.sex == sex })
    }
    #expect(figures.unlabelled == records.count { $0.statements.isEmpty })
    let codes = Set(records.flatMap { $0.statements.map(\.code) })
    #expect(Set(figures.labels.keys) == codes)
    for code in codes {
      #expect(
        figures.labels[code] == records.count { record in record.statements.contains { $0.code == code } })
    }
    for fold in 1...10 {
      #expect(figures.folds[fold] ?? 0 == records.count { $0.fold == UInt8(fold) })
    }
    let signals = try records.map { try PhysicalSignal(dataset.reading(of: $0).recording, derive: false) }
    #expect(figures.durations.count == records.count)
    #expect(figures.durations.maximum == signals.map(\.duration).max())
    #expect(figures.measured == (isDeep ? records.count : 0))
    let amplitudes = isDeep ? signals.compactMap { AmplitudeAudit($0)?.amplitude } : []
    #expect(figures.amplitudes.count == amplitudes.count)
    #expect(figures.amplitudes.maximum == amplitudes.max().map { $0 / 1000 })
    let rates = isDeep ? signals.compactMap { HeartRate($0)?.perMinute } : []
    #expect(figures.heartRates.count == rates.count)
    #expect(figures.heartRates.minimum == rates.min())
    if isDeep { #expect(rates.count > records.count / 2) }
  }

  @Test(arguments: [false, true]) func ofRawCollectionsAndTheirShards(isDeep: Bool) throws {
    try withDirectory { directory in
      let shards = try SimulatedShards(directory)
      for name in ["a", "b"] {
        let raw = try Self.figures(directory.path(name), isDeep: isDeep)
        #expect(raw.count == 1)
        try Self.expect(raw[0], try Datasets.open(directory.path(name)), isDeep: isDeep)
      }
      _ = try shards.converter("a", output: "shards", rate: 250).run()
      try shards.append("b", to: "shards", rate: 250)
      let stored = try Self.figures(directory.path("shards"), isDeep: isDeep)
      #expect(stored.map(\.source) == ["chapman", "ptb-xl"])
      for (name, figures) in zip(["b", "a"], stored) {
        let raw = try Self.figures(directory.path(name), isDeep: isDeep)[0]
        #expect(figures.records == raw.records && figures.ages == raw.ages && figures.sexes == raw.sexes)
        #expect(figures.labels == raw.labels && figures.unlabelled == raw.unlabelled)
        #expect(figures.durations == raw.durations && figures.measured == raw.measured)
        #expect(name == "b" || figures.folds == raw.folds)
        #expect(figures.heartRates.count <= figures.measured && (figures.heartRates.count > 0) == isDeep)
      }
    }
  }

  @Test func recordsThatCannotBeReadHaveNoDuration() throws {
    try withTree { directory in
      try directory.remove("tree/records500/00000/00004_hr.dat")
      let figures = try Self.figures(directory.path("tree"), isDeep: true)[0]
      #expect(figures.records == 12 && figures.durations.count == 11 && figures.measured == 11)
      #expect(figures.durations.quantile(0.5) == 1 && figures.ages.count == 12)
      // Of 500 frames no rhythm can be told.
      #expect(figures.heartRates.count == 0)
    }
  }

  @Test(arguments: [0, 1, 2_000, 2_001, 4_000, 4_001, 1_000_000]) func ofShardsTwoThousandAreMeasured(
    records: Int
  ) {
    let step = ShardValidation.measuredStep(records)
    let measured = stride(from: 0, to: records, by: step).count { _ in true }
    #expect(measured <= 2_000 && measured >= min(records, 1_000))
  }

  @Test func jsonNamesUnits() throws {
    try withTree { directory in
      let figures = try Self.figures(directory.path("tree"), isDeep: false)
      let data = try JSONEncoder().encode(figures)
      let list = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
      #expect(
        Set(list[0].keys) == [
          "source", "records", "measured", "duration_s", "age_years", "heart_rate_per_minute", "amplitude_mv",
          "sexes", "folds", "labels", "unlabelled",
        ])
      let durations = try #require(list[0]["duration_s"] as? [String: Any])
      #expect(durations["count"] as? Int == 12 && durations["median"] as? Double == 1)
      let bins = try #require(durations["bins"] as? [[String: Any]])
      #expect(bins.count == 1 && bins[0]["from"] as? Double == 1 && bins[0]["count"] as? Int == 12)
      #expect(list[0]["sexes"] as? [String: Int] == ["female": 6, "male": 6, "unknown": 0])
    }
  }
}
