/// Checks a raw collection: tables, pairing, headers, samples and patients.
struct RawValidation {
  let path: String
  let dataset: any Dataset
  let jobs: Int
  let isDeep: Bool
  /// Where the findings are kept until all are there, and the number of the path in it.
  let journal: ValidationJournal?
  let number: Int

  /// Records that are one part of the journal.
  private static let partSize = 64

  func report(_ interruption: Interruption, _ progress: @Sendable (Validation.Progress) -> Void) throws
    -> (Validation.Report.Part, ComparedRecords)
  {
    let records = dataset.records
    let size = RawValidation.partSize
    let parts = (records.count + size - 1) / size
    progress(.total(records.count))
    let outcomes = try ValidationJournal.map(journal, path: number, parts: parts, jobs: jobs) { part in
      key(of: records[(part * size)..<min(records.count, (part + 1) * size)])
    } known: { part in
      for _ in (part * size)..<min(records.count, (part + 1) * size) { progress(.record) }
    } _: { part in
      try ((part * size)..<min(records.count, (part + 1) * size)).map { index in
        try interruption.check(Validation.interrupted(journal))
        defer { progress(.record) }
        return check(records[index])
      }
    }.flatMap { $0 }
    var report = Validation.Report.Part(path: path, records: records.count)
    report.collection = "\(type(of: dataset).name) \(dataset.version)".trimmingSpaces()
    report.figures = [figures(outcomes)]
    report.findings = outcomes.flatMap(\.findings) + (try collectionFindings(outcomes, interruption))
    return (report, compared(outcomes))
  }

  /// What the outcomes of records depend on: which they are, and what their files are.
  private func key(of records: SourceRecords.SubSequence) -> String {
    let texts = records.flatMap { record in
      [record.id] + record.files.map { FileStamp(of: File.join(dataset.root, $0))?.text ?? "none" }
    }
    return Digest.sha256(texts.joined(separator: "\n").utf8)
  }

  private func figures(_ outcomes: [Outcome]) -> CollectionFigures {
    var figures = CollectionFigures(source: type(of: dataset).name)
    for (record, outcome) in zip(dataset.records, outcomes) where record.exclusion == nil {
      figures.add(
        age: record.age, sex: record.sex, fold: record.fold, statements: record.statements,
        duration: outcome.duration, measures: outcome.measures)
    }
    return figures
  }

  private func compared(_ outcomes: [Outcome]) -> ComparedRecords {
    let name = type(of: dataset).name
    let isGeneric = [WFDBCollection.name, HDF5Collection.name, CSVCollection.name].contains(name)
    return ComparedRecords(
      path: path, root: isGeneric ? File.resolved(path) ?? path : nil, count: dataset.records.count,
      record: { [dataset] index in
        let record = dataset.records[index]
        return ComparedRecords.Record(
          id: record.id, key: RecordKey.key(source: name, id: record.id),
          patient: RecordKey.patient(source: name, id: record.patient), fold: record.fold,
          statements: record.statements)
      },
      fingerprints: outcomes.enumerated().compactMap { index, outcome in
        outcome.fingerprint.map { (index, $0) }
      },
      signal: { [dataset] index in
        let recording = try dataset.reading(of: dataset.records[index]).recording
        return try PhysicalSignal(recording, derive: false)
      })
  }

  /// What was found in one record; fingerprint and amplitude are a deep validation's, for comparing records.
  struct Outcome: Codable {
    var findings: [Finding] = []
    var fingerprint: SignalFingerprint?
    var amplitude: AmplitudeAudit?
    /// In Hz and seconds; nil if the record cannot be read.
    var rate: Double?
    var duration: Double?
    var measures: CollectionFigures.Measures?
  }

  private func check(_ record: SourceRecord) -> Outcome {
    if let exclusion = record.exclusion { return Outcome(findings: record.findings + [exclusion]) }
    var findings = record.findings
    if isDeep { findings += digestFindings(record) }
    var (rate, duration): (Double?, Double?)
    do {
      let (recording, disagreements, _) = try dataset.reading(of: record)
      findings += disagreements
      (rate, duration) = (recording.rate, Double(recording.frameCount) / recording.rate)
      let nominal = dataset.nominal(of: record)
      if let rate = nominal.rate, rate != recording.rate {
        findings.append(
          Finding(record: record.id, rule: .recordRate, "\(recording.rate) Hz instead of \(rate)"))
      }
      if let seconds = nominal.duration {
        let duration = Double(recording.frameCount) / recording.rate
        if abs(duration - seconds) > 0.5 / recording.rate {
          findings.append(
            Finding(
              record: record.id, rule: .recordDuration,
              "\((duration * 1000).rounded() / 1000) s instead of \(seconds)"))
        }
      }
      try recording.checkExtent()
      let normalizer = try LeadNormalizer(recording, derive: false)
      let physical = try PhysicalSignal(recording, normalizer)
      // What no shard could hold.
      for range in SampleRange.ofLeads(in: physical.microvolts) { _ = try Quantizer.scale(peak: range.peak) }
      findings += SignalAudit.findings(in: physical, of: recording, normalizer)
      guard isDeep else { return Outcome(findings: findings, rate: rate, duration: duration) }
      let deep = SignalAudit.deepFindings(in: physical, record: recording.id)
      findings += deep.findings
      findings += SignalAudit.electrodeFindings(in: physical, after: findings, record: recording.id)
      return Outcome(
        findings: findings, fingerprint: try SignalFingerprint(physical), amplitude: deep.amplitude,
        rate: rate, duration: duration,
        measures: CollectionFigures.Measures(
          heartRate: deep.heartRate, amplitude: deep.amplitude?.amplitude))
    } catch {
      let error = error as? ECGError ?? ECGError(.inputOutput, "\(error)")
      let rule = error.rule ?? (error.code == .notFound ? .pairingMissingFile : .recordUnreadable)
      var unnamed = error
      unnamed.record = nil
      // What the reader has told already ends the record here.
      if !findings.contains(where: { $0.rule == rule }) {
        findings.append(Finding(record: record.id, rule: rule, unnamed.description, severity: .error))
      }
      return Outcome(findings: findings, rate: rate, duration: duration)
    }
  }

  private func digestFindings(_ record: SourceRecord) -> [Finding] {
    record.files.compactMap { path in
      guard let stated = dataset.publishedDigests[path],
        let file = try? FileHandleForReading(File.join(dataset.root, path))
      else { return nil }
      do {
        guard try Digest.sha256(file: file) != stated else { return nil }
        return Finding(record: record.id, rule: .fileSHA256, "\(path) does not have its published SHA-256")
      } catch {
        return Finding(record: record.id, rule: .fileSHA256, "\(path) cannot be read to its end")
      }
    }
  }
}
