import Synchronization

/// Takes one record from its files to what a shard stores, and tells its fate.
struct RecordConverter: Sendable {
  let recipe: Recipe
  private let processings: SignalProcessingCache
  private let normalizers: LeadNormalizers
  private let files = SourceFiles()
  /// Sources that have folds of their own: none is made up for a record that lacks it.
  private let foldedSources: Set<String>

  init(_ recipe: Recipe, sources: [any Dataset]) {
    self.recipe = recipe
    processings = SignalProcessingCache(recipe)
    normalizers = LeadNormalizers(derive: recipe.leads.derive)
    foldedSources = Set(sources.filter(\.records.hasFolds).map { type(of: $0).name })
  }

  /// Reads, checks, normalises, filters and resamples one record.
  ///
  /// Whatever is wrong with it ends in the ledger's entry, never in an error. The entry of a record that shares its file
  /// with others is yet to be completed by ``complete(_:of:in:)``.
  func convert(_ record: SourceRecord, of dataset: any Dataset) -> (stored: StoredRecord?, entry: LedgerEntry)
  {
    let source = type(of: dataset).name
    var entry = LedgerEntry(
      source: source, id: record.id, patient: record.patient, files: [], fate: .stored, repairs: [],
      findings: [],
      errata: [], flags: LedgerEntry.Flags(record: [], leads: [:]), channels: [],
      attributes: record.attributes)
    do {
      for file in record.files where record.row != nil {
        files.begin(file, below: dataset.root, opened: dataset.stamp(ofShared: file))
      }
      let stamps = FileStamp.ofOwnFiles(of: record, below: dataset.root)
      if record.row == nil || !dataset.publishedDigests.isEmpty {
        entry.files = describe(record.files, of: dataset)
      }
      entry.findings += RecordConverter.digestFindings(entry.files, record, dataset)
      entry.findings += record.findings
      let (recording, findings, errata) = try dataset.reading(of: record)
      try checkDigests(entry.files, of: record, in: dataset)
      let after = FileStamp.ofOwnFiles(of: record, below: dataset.root)
      if let changed = record.files.indices.first(where: { record.row == nil && stamps[$0] != after[$0] }) {
        throw ECGError(
          .mismatch, "changed while it was read", file: record.files[changed], rule: .recordUnreadable)
      }
      entry.findings += findings
      entry.errata = errata
      entry.rate = recording.rate
      entry.channels = recording.channels.map {
        LedgerEntry.Channel(name: $0.name, unit: $0.unit, gain: $0.gain, baseline: $0.baseline)
      }
      try recording.checkExtent()
      let normalizer = try normalizers.normalizer(of: recording)
      let physical = try PhysicalSignal(recording, normalizer)
      entry.findings += SignalAudit.findings(in: physical, of: recording, normalizer)
      let signal =
        if let processing = try processings.processing(rate: recording.rate) {
          try TwelveLeadSignal(processing(physical), step: recipe.quantization.step)
        } else {
          try TwelveLeadSignal(
            physical, of: recording, normalizer, step: recipe.quantization.step)
        }
      if let cause = entry.findings.first(where: { recipe.exclude.contains($0.rule) }) {
        entry.fate = .excluded
        entry.rule = cause.rule
        entry.reason = cause.message
        return (nil, entry)
      }
      let flags = flags(of: record, recording, entry.findings)
      entry.repairs = repairs(signal, entry.findings)
      entry.fate = entry.repairs.isEmpty ? .stored : .repaired
      entry.flags.record = flags.names(of: RecordFlags.names)
      for lead in Lead.allCases where !signal.leadFlags[lead.rawValue].isEmpty {
        entry.flags.leads[lead.name] = signal.leadFlags[lead.rawValue].names(of: LeadFlags.names)
      }
      let fold = fold(of: record, source)
      // What the ledger has need not wait in memory for the shard.
      var record = record
      (record.files, record.attributes, record.findings) = ([], [:], [])
      return (
        StoredRecord(
          signal: signal, checksum: Digest.crc32(signal.counts), source: source, record: record, flags: flags,
          fold: fold), entry
      )
    } catch {
      let error = error as? ECGError ?? ECGError(.inputOutput, "\(error)")
      entry.fate = .excluded
      entry.rule = error.rule ?? (error.code == .notFound ? .pairingMissingFile : .recordUnreadable)
      entry.reason = RecordConverter.reason(error, below: dataset.root)
      return (nil, entry)
    }
  }

  /// The line of a record with its files; those that many records share are awaited only here.
  ///
  /// - Throws: `mismatch` if one of these has changed since it was opened, `inputOutput` if it could not
  ///   be hashed.
  func complete(_ draft: LedgerDraft, of record: SourceRecord, in dataset: any Dataset) throws -> [UInt8] {
    if record.row != nil {
      for file in record.files { try files.checkUnchanged(file, below: dataset.root) }
    }
    guard draft.lacksFiles else { return draft.bytes }
    let described = describe(record.files, of: dataset)
    if draft.fate != .excluded { try checkDigests(described, of: record, in: dataset) }
    return draft.line(with: described)
  }

  /// Refuses to store what no digest tells the origin of: a file that is there, but could not be read to be hashed.
  private func checkDigests(
    _ described: [LedgerEntry.SourceFile], of record: SourceRecord, in dataset: any Dataset
  ) throws {
    for file in described where file.sha256 == nil && File.exists(File.join(dataset.root, file.path)) {
      throw ECGError(
        .inputOutput, "could not be read for its SHA-256", file: file.path, record: record.id,
        rule: .recordUnreadable)
    }
  }

  private func describe(_ paths: [String], of dataset: any Dataset) -> [LedgerEntry.SourceFile] {
    paths.map { files.describe($0, below: dataset.root) }
  }

  private func fold(of record: SourceRecord, _ source: String) -> UInt8 {
    let assigned = record.patient.map { RecordKey.fold(patient: $0) } ?? 0
    let isFolded = record.fold > 0 || foldedSources.contains(source)
    return switch recipe.folds {
    case .source: isFolded ? record.fold : assigned
    case .patient: assigned
    case .record: isFolded ? record.fold : RecordKey.fold(patient: record.patient ?? record.id)
    case .none: 0
    }
  }

  private func flags(of record: SourceRecord, _ recording: Recording, _ findings: [Finding]) -> RecordFlags {
    var flags = record.flags
    if let rate = recipe.rate.hertz, rate != recording.rate { flags.insert(.resampled) }
    if !recipe.filters.steps.isEmpty { flags.insert(.filtered) }
    for finding in findings {
      switch finding.rule {
      case .wfdbHeader: flags.insert(.headerRepaired)
      case .wfdbChecksum, .wfdbInitialValue, .wfdbLength, .wfdbContainer, .wfdbSegments, .fileSHA256:
        flags.insert(.headerMismatch)
      case .leadsIdentity: flags.insert(.limbLawViolated)
      case .unitsAssumed: flags.insert(.unitAssumed)
      case .erratumApplied: flags.insert(.erratumApplied)
      case .samplesTrimmed: flags.insert(.paddingTrimmed)
      case .leadsOrder: flags.insert(.leadOrderAssumed)
      default: break
      }
    }
    return flags
  }

  /// Rules whose breach the reading mended.
  private static let repairing: Set<Rule> = [.wfdbHeader, .unitsAssumed, .erratumApplied, .samplesTrimmed]

  private func repairs(_ signal: TwelveLeadSignal, _ findings: [Finding]) -> [String] {
    var repairs = findings.filter { RecordConverter.repairing.contains($0.rule) }.map(\.message)
    let derived = Lead.allCases.filter { signal.leadFlags[$0.rawValue].contains(.derived) }.map(\.name)
    if !derived.isEmpty { repairs.append("derived \(derived.joined(separator: " "))") }
    return repairs
  }

  private static func digestFindings(
    _ files: [LedgerEntry.SourceFile], _ record: SourceRecord, _ dataset: any Dataset
  ) -> [Finding] {
    files.compactMap { file in
      guard let found = file.sha256, let stated = dataset.publishedDigests[file.path], found != stated else {
        return nil
      }
      return Finding(record: record.id, rule: .fileSHA256, "\(file.path) does not have its published SHA-256")
    }
  }

  /// Ledgers name files relative to the source: the same tree elsewhere gives the same bytes.
  private static func reason(_ error: ECGError, below root: String) -> String {
    var error = error
    error.record = nil
    error.file = error.file.map { $0.hasPrefix(root + "/") ? String($0.dropFirst(root.count + 1)) : $0 }
    return error.description
  }
}

/// The orders of leads that occur, each understood once: a collection has few, and names are slow to compare.
private final class LeadNormalizers: Sendable {
  private struct Key: Hashable {
    var names: [String]
    var empty: Set<Int>
  }

  private let derive: Bool
  private let known = Mutex<[Key: LeadNormalizer]>([:])
  /// Beyond so many, as of files that number their channels, all are forgotten.
  private static let most = 64

  init(derive: Bool) { self.derive = derive }

  func normalizer(of recording: Recording) throws -> LeadNormalizer {
    let empty = recording.channels.indices.filter { !recording.hasSamples(channel: $0) }
    let key = Key(names: recording.channels.map(\.name), empty: Set(empty))
    if let normalizer = known.withLock({ $0[key] }) { return normalizer }
    let normalizer = try LeadNormalizer(names: key.names, derive: derive, except: key.empty)
    known.withLock { known in
      if known.count >= LeadNormalizers.most { known.removeAll() }
      known[key] = normalizer
    }
    return normalizer
  }
}

extension Recording {
  /// Refuses a recording without samples, or at a rate that no recorder has.
  func checkExtent() throws {
    guard frameCount > 0 else {
      throw ECGError(.malformed, "has no samples", record: id, rule: .recordDuration)
    }
    guard (1...1e6).contains(rate) else {
      throw ECGError(.malformed, "a sampling rate of \(rate) Hz", record: id, rule: .recordRate)
    }
  }
}
