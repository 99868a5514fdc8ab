/// Checks a raw collection: tables, pairing, headers, samples and patients.
struct RawValidation {
  let path: String
  let dataset: any Dataset
  let jobs: Int
  let isDeep: Bool

  func report(_ interruption: Interruption, _ progress: @Sendable (Validation.Progress) -> Void) throws
    -> (Validation.Report.Part, ComparedRecords)
  {
    let records = dataset.records
    progress(.total(records.count))
    let outcomes = try Parallel.map(records.count, jobs: jobs) { index in
      try interruption.check("nothing is told")
      defer { progress(.record) }
      return check(records[index])
    }
    var report = Validation.Report.Part(path: path, records: records.count)
    report.findings += outcomes.flatMap(\.findings)
    report.findings += dataset.findings
    if dataset.patientCount == 0 {
      report.findings.append(
        Finding(
          record: type(of: dataset).name, rule: .patientNone,
          "no patient is named: no split by patient is possible"))
    }
    report.findings += dataset.unlistedFiles().map {
      Finding(record: $0, rule: .pairingUnlisted, "is on disk, but in no row of the table")
    }
    if isDeep {
      var amplitudes = CollectionAmplitude()
      for amplitude in outcomes.compactMap(\.amplitude) { amplitudes.add(amplitude) }
      report.findings += SignalAudit.findings(in: amplitudes, of: type(of: dataset).name)
    }
    return (report, compared(outcomes))
  }

  private func compared(_ outcomes: [Outcome]) -> ComparedRecords {
    let name = type(of: dataset).name
    return ComparedRecords(
      path: path, count: dataset.records.count,
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
  private struct Outcome {
    var findings: [Finding] = []
    var fingerprint: SignalFingerprint?
    var amplitude: AmplitudeAudit?
  }

  private func check(_ record: SourceRecord) -> Outcome {
    if let exclusion = record.exclusion { return Outcome(findings: record.findings + [exclusion]) }
    var findings = record.findings
    if isDeep { findings += digestFindings(record) }
    do {
      let (recording, disagreements, _) = try dataset.reading(of: record)
      findings += disagreements
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
      let normalizer = try LeadNormalizer(recording, derive: false)
      let physical = try PhysicalSignal(recording, normalizer)
      findings += SignalAudit.findings(in: physical, of: recording, normalizer)
      guard isDeep else { return Outcome(findings: findings) }
      let deep = SignalAudit.deepFindings(in: physical, record: recording.id)
      findings += deep.findings
      findings += SignalAudit.electrodeFindings(in: physical, after: findings, record: recording.id)
      return Outcome(
        findings: findings, fingerprint: try SignalFingerprint(physical), amplitude: deep.amplitude)
    } catch {
      let error = error as? ECGError ?? ECGError(.inputOutput, "\(error)")
      let rule = error.rule ?? (error.code == .notFound ? .pairingMissingFile : .recordUnreadable)
      var unnamed = error
      unnamed.record = nil
      // What the reader has told already ends the record here.
      if !findings.contains(where: { $0.rule == rule }) {
        findings.append(Finding(record: record.id, rule: rule, unnamed.description, severity: .error))
      }
      return Outcome(findings: findings)
    }
  }

  private func digestFindings(_ record: SourceRecord) -> [Finding] {
    record.files.compactMap { path in
      guard let stated = dataset.publishedDigests[path],
        let file = try? FileHandleForReading(File.join(dataset.root, path)),
        let found = try? Digest.sha256(file: file), found != stated
      else { return nil }
      return Finding(record: record.id, rule: .fileSHA256, "\(path) does not have its published SHA-256")
    }
  }
}
