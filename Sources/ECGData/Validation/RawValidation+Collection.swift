/// What no record shows by itself.
extension RawValidation {
  /// Findings on the collection: tables and files without records, patients, rates that few records have, published digests.
  func collectionFindings(_ outcomes: [Outcome], _ interruption: Interruption) throws -> [Finding] {
    var findings = dataset.findings
    if dataset.patientCount == 0 {
      findings.append(
        Finding(
          record: type(of: dataset).name, rule: .patientNone,
          "no patient is named: no split by patient is possible"))
    }
    findings += dataset.unlistedFiles().map {
      Finding(record: $0, rule: .pairingUnlisted, "is on disk, but no table or header names it")
    }
    findings += ageFindings(outcomes)
    findings += rateFindings(outcomes)
    guard isDeep else { return findings }
    var amplitudes = CollectionAmplitude()
    for amplitude in outcomes.compactMap(\.amplitude) { amplitudes.add(amplitude) }
    return try findings + SignalAudit.findings(in: amplitudes, of: type(of: dataset).name)
      + digestFindings(interruption)
  }

  /// Records without an age in a collection that tells ages; what could not be read may have one in its file.
  private func ageFindings(_ outcomes: [Outcome]) -> [Finding] {
    var findings: [Finding] = []
    var hasAges = false
    for (record, outcome) in zip(dataset.records, outcomes) {
      hasAges = hasAges || !record.age.isNaN
      let isTold = outcome.rate == nil || record.findings.contains { $0.rule == .patientAge }
      if record.age.isNaN, !isTold {
        findings.append(Finding(record: record.id, rule: .patientAge, "no age is given", severity: .note))
      }
    }
    return hasAges ? findings : []
  }

  /// Records at another rate than nine of ten in a collection that fixes none.
  private func rateFindings(_ outcomes: [Outcome]) -> [Finding] {
    let rated = dataset.records.indices.filter { index in
      outcomes[index].rate != nil && dataset.nominal(of: dataset.records[index]).rate == nil
    }
    let counts = Dictionary(grouping: rated) { outcomes[$0].rate ?? 0 }.mapValues(\.count)
    guard let usual = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), rated.count >= 20,
      10 * usual.value >= 9 * rated.count
    else { return [] }
    return rated.filter { outcomes[$0].rate != usual.key }.map { index in
      Finding(
        record: dataset.records[index].id, rule: .recordRate,
        "\(outcomes[index].rate ?? 0) Hz; \(usual.value) of \(rated.count) records have \(usual.key)",
        severity: .note)
    }
  }

  /// Files of the published list that belong to no record: tables, lists, other forms of the records.
  private func digestFindings(_ interruption: Interruption) throws -> [Finding] {
    guard !dataset.publishedDigests.isEmpty else { return [] }
    var others = Set(dataset.publishedDigests.keys)
    for record in dataset.records { others.subtract(record.files) }
    let paths = others.sorted()
    let checked = try Parallel.map(paths.count, jobs: jobs) { index -> (isHere: Bool, finding: Finding?) in
      try interruption.check(Validation.interrupted(journal))
      let path = paths[index]
      guard let file = try? FileHandleForReading(File.join(dataset.root, path)) else { return (false, nil) }
      do {
        let found = try Digest.sha256(file: file, until: interruption)
        guard found != dataset.publishedDigests[path] else { return (true, nil) }
        return (
          true, Finding(record: path, rule: .fileSHA256, "\(path) does not have its published SHA-256")
        )
      } catch let error as ECGError where error.code != .interrupted {
        return (true, Finding(record: path, rule: .fileSHA256, "\(path) \(error.message)"))
      }
    }
    var findings = checked.compactMap(\.finding)
    let missing = zip(paths, checked).filter { !$1.isHere }.map(\.0)
    if !missing.isEmpty {
      let names = missing.prefix(3).joined(separator: " ") + (missing.count > 3 ? " …" : "")
      findings.append(
        Finding(
          record: SHA256Sums.fileName, rule: .pairingMissingFile,
          "\(missing.count) of the files that it lists, and no table names, are not here: \(names)",
          severity: .note))
    }
    return findings
  }
}
