extension Simulation {
  /// A record with a defect, its sampling rate in Hz, and all that it adds to the tree.
  ///
  /// It is made as any record, the defect being planted in what each step hands on: what is told of the record, its
  /// samples, its files and its rows.
  func planted(
    _ defect: SimulatedDefect
  ) throws -> (record: SimulatedRecord, rate: Double, content: SimulatedContent) {
    let clean = record(defect.index)
    let other = defect.other.map { self.record($0) }
    var record = clean
    defect.alter(&record, other: other, layout: layout)
    // A copy has the other's samples, whatever its own recorder would have delivered.
    var signal = try form.signal(of: defect.kind.isCopy ? other ?? record : record)
    let frames = defect.kind == .truncatedSignal ? nil : defect.frames(of: signal.count)
    defect.alter(&signal.samples, layout: layout)
    var content = try form.content(of: record, signal)
    defect.alter(&content.files, layout: layout)
    try defect.alter(&content.lines, tables: form.tables)
    defect.alter(&content.cells, columns: ChapmanDiagnostics.columns)
    if defect.kind == .noCodes { content.labels = [] }
    // A row that stands for no exam; of one that lacks, its place is left to it.
    if layout == CODE15.name, defect.kind == .zeroID || defect.kind == .rowWithoutRecord {
      content.rowID = 0
      content.row = [Float](repeating: 0, count: content.row.count)
    }
    content.defect = DefectTruth.Row(
      defect, in: layout, record: record.id, other: other?.id, frames: frames,
      files: content.differences(from: try form.content(of: clean, form.signal(of: clean))))
    if defect.kind == .recordWithoutRow, let first = content.files.first?.path {
      // They stay as they are, but nothing names them any more.
      content.defect?.files += content.files.map(\.path)
      // The list of a folder comes with the last record of it.
      if layout == ChapmanWFDB.name {
        content.defect?.files.append("\(File.folder(of: first))/\(DefectPlan.list)")
      }
    }
    return (record, signal.rate, content)
  }
}

extension DefectPlan {
  /// What lists of records are called.
  fileprivate static let list = "RECORDS"

  /// Takes records that no list shall name out of the list of their folder, which comes with the last of them.
  func unlist(from content: inout SimulatedContent, upTo last: Int, id: (Int) -> String) {
    guard layout == ChapmanWFDB.name else { return }
    for place in content.files.indices where File.name(of: content.files[place].path) == Self.list {
      let names = String(decoding: content.files[place].bytes, as: UTF8.self).split(separator: "\n")
      let unlisted = Set(
        (max(0, last + 1 - names.count)...last).filter { defect(of: $0)?.kind == .recordWithoutRow }.map(id))
      let kept = names.filter { !unlisted.contains(String($0)) }
      content.files[place].bytes = Array(kept.map { $0 + "\n" }.joined().utf8)
    }
  }
}

extension SimulatedContent {
  /// The files and tables in which it differs from another.
  func differences(from other: SimulatedContent) -> [String] {
    func differing<Value: Equatable>(_ one: [String: Value], _ two: [String: Value]) -> [String] {
      Set(one.keys).union(two.keys).filter { one[$0] != two[$0] }.sorted()
    }
    func files(_ content: SimulatedContent) -> [String: [UInt8]] {
      Dictionary(content.files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    }
    func lines(_ content: SimulatedContent) -> [String: [String]] {
      Dictionary(content.lines.map { ($0.table, [$0.text]) }, uniquingKeysWith: +)
    }
    return differing(files(self), files(other)) + differing(lines(self), lines(other))
  }
}

extension DefectTruth.Row {
  fileprivate init(
    _ defect: SimulatedDefect, in layout: String, record: String, other: String?, frames: Range<Int>?,
    files: [String]
  ) {
    kind = defect.kind
    self.record = record
    index = defect.index
    self.files = files
    leads = defect.leads.map(\.name)
    from = frames?.lowerBound
    to = frames?.upperBound
    scale = defect.scale
    doubt = defect.kind.doubt(in: layout)
    detectable = doubt == nil
    rules = defect.kind.rules(in: layout)
    self.other = other
  }
}
