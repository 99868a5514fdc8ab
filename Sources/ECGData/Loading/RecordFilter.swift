/// Which records of a shard directory are taken: those to which everything that is asked applies.
public struct RecordFilter: Sendable, Equatable {
  /// The adapters' names of the sources; empty is all.
  public var sources: Set<String> = []
  /// The folds; nil is all.
  public var folds: Folds?
  /// The name of a task that has to be answered for the record, such as `ptbxl.superclass`.
  public var task: String?
  /// What a record may not be, such as `limbLawViolated`.
  public var without: RecordFlags = []
  /// What none of its leads may be, such as `missingSamples`.
  public var withoutLeads: LeadFlags = []
  /// The least duration in seconds.
  public var minimumDuration = 0.0
  /// Leads that have to be there, recorded or derived.
  public var leads: LeadMask = []

  /// All records.
  public init() {}

  /// Leaves out records that have a flag, or that have a lead which has it.
  ///
  /// - Parameter names: of ``RecordFlags`` and ``LeadFlags``.
  /// - Throws: `ECGError.Code.invalidArgument` for a name that is none.
  public mutating func exclude(flags names: [String]) throws {
    for name in names {
      if let bit = RecordFlags.names.firstIndex(of: name) {
        without.insert(RecordFlags(rawValue: 1 << UInt16(bit)))
      } else if let bit = LeadFlags.names.firstIndex(of: name) {
        withoutLeads.insert(LeadFlags(rawValue: 1 << UInt16(bit)))
      } else {
        throw ECGError(
          .invalidArgument, "\"\(name)\" is no flag of a record or a lead",
          advice: "flags are \((RecordFlags.names + LeadFlags.names).joined(separator: ", "))")
      }
    }
  }
}

extension ShardSet {
  /// The records that a filter leaves, in stored order.
  ///
  /// - Throws: `ECGError.Code.notFound` for a source that is not there, `invalidArgument` for a task that does not exist or a duration that is
  ///   none.
  public func records(_ filter: RecordFilter) throws -> [Int] {
    for source in filter.sources.sorted() { _ = try known(source: source) }
    guard filter.minimumDuration.isFinite, filter.minimumDuration >= 0 else {
      throw ECGError(.invalidArgument, "a minimum duration of \(filter.minimumDuration) s")
    }
    let task = try filter.task.map { try LabelTask.named($0) }
    return (0..<count).filter { record in
      let (shard, row) = location(record)
      let columns = shard.columns
      let source = shard.metadata.sources[Int(columns.source[row])]
      return (filter.sources.isEmpty || filter.sources.contains(source))
        && filter.folds?.values.contains(columns.fold[row]) ?? true
        && RecordFlags(rawValue: columns.recordFlags[row]).isDisjoint(with: filter.without)
        && (filter.withoutLeads.isEmpty
          || columns.leadFlags[row * Lead.count..<(row + 1) * Lead.count].allSatisfy {
            LeadFlags(rawValue: $0).isDisjoint(with: filter.withoutLeads)
          })
        && LeadMask(rawValue: columns.leadMask[row]).isSuperset(of: filter.leads)
        && Double(shard.frameCount(of: row)) / Double(columns.rate[row]) >= filter.minimumDuration
        && task.map { $0.target(source: source, statements: shard.statements(of: row)) != nil } ?? true
    }
  }
}
