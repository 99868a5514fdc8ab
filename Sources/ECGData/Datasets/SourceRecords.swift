/// The records of a collection in the order of its table, packed: some hundred bytes each, where a ``SourceRecord`` takes
/// some thousand, so that a million are at hand.
///
/// A record is unpacked whenever it is asked for, so one that is looked at often is better kept.
///
/// - Complexity: a record is packed and unpacked in O(its texts).
public struct SourceRecords: RandomAccessCollection, Sendable {
  /// Packed records one after another, none in two pages: a list that grows is never copied as a whole.
  private var pages: [[UInt8]] = []
  /// Page and place of each record.
  private var places: [(page: UInt32, offset: UInt32)] = []
  private var names = SharedNames()
  /// Whether any has a fold of the source's own.
  private(set) var hasFolds = false

  private static let pageSize = 1 << 20

  /// No records.
  public init() {}

  /// Packs records.
  public init(_ records: some Sequence<SourceRecord>) {
    for record in records { append(record) }
  }

  /// Adds a record at the end.
  public mutating func append(_ record: SourceRecord) {
    if pages.last.map({ $0.count >= SourceRecords.pageSize }) ?? true {
      pages.append([])
      // What fills one page will go on; a small list takes no more than it needs.
      if pages.count > 1 { pages[pages.count - 1].reserveCapacity(SourceRecords.pageSize + (1 << 12)) }
    }
    let page = pages.count - 1
    places.append((UInt32(page), UInt32(pages[page].count)))
    hasFolds = hasFolds || record.fold > 0
    var packer = RecordPacker()
    swap(&packer.bytes, &pages[page])
    swap(&packer.names, &names)
    packer.pack(record)
    swap(&packer.bytes, &pages[page])
    swap(&packer.names, &names)
  }

  /// Takes records out of the list; their bytes stay.
  mutating func removeAll(at indices: Set<Int>) {
    places = places.enumerated().filter { !indices.contains($0.offset) }.map(\.element)
  }

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of records.
  public var endIndex: Int { places.count }
  /// Unpacks a record.
  public subscript(index: Int) -> SourceRecord {
    withPacked(index) { $0.record() }
  }

  /// The ids, without the rest being unpacked.
  var ids: LazyMapCollection<Range<Int>, String> {
    (0..<count).lazy.map { index in withPacked(index) { $0.text() } }
  }

  /// The patients of the records that have one, without the rest being unpacked.
  var patients: some Sequence<String> {
    (0..<count).lazy.compactMap { index in
      withPacked(index) { packed in
        _ = packed.text()
        return packed.optional { $0.text() }
      }
    }
  }

  private func withPacked<Result>(_ index: Int, _ body: (inout PackedRecord) -> Result) -> Result {
    let place = places[index]
    return pages[Int(place.page)].withUnsafeBufferPointer { page in
      var packed = PackedRecord(bytes: page, names: names, position: Int(place.offset))
      return body(&packed)
    }
  }
}

/// Texts that many records share, each kept once, and known by its number.
private struct SharedNames {
  private(set) var texts: [String] = []
  private var numbers: [String: Int] = [:]
  /// Texts that turn out to be different in each record are not kept beyond so many.
  private static let most = 1 << 14

  /// The number of a text from 1 up, or 0 for one that is not kept.
  mutating func number(of text: String) -> Int {
    if let known = numbers[text] { return known }
    guard texts.count < SharedNames.most else { return 0 }
    texts.append(text)
    numbers[text] = texts.count
    return texts.count
  }
}

/// Writes a record as bytes: whole numbers in groups of seven bits, texts as their length and UTF-8, shared texts as
/// their number.
private struct RecordPacker {
  var bytes: [UInt8] = []
  var names = SharedNames()

  mutating func pack(_ record: SourceRecord) {
    put(record.id)
    put(record.patient) { $0.put($1) }
    put(record.age.bitPattern.byteSwapped)
    bytes += [record.sex.rawValue, record.fold]
    put(record.statements.count)
    for statement in record.statements {
      put(shared: statement.code)
      put(statement.value.bitPattern.byteSwapped)
    }
    put(record.row) { $0.put($1) }
    put(record.files.count)
    for file in record.files {
      // A file of many records is shared whole, of others the folder.
      let name =
        record.row == nil ? file.utf8.lastIndex(of: UInt8(ascii: "/")) ?? file.startIndex : file.endIndex
      put(shared: String(file[..<name]))
      put(String(file[name...]))
    }
    put(record.exclusion) { $0.put($1) }
    put(record.flags.rawValue)
    put(record.attributes.count)
    for (key, value) in record.attributes {
      put(shared: key)
      put(value)
    }
    put(record.findings.count)
    for finding in record.findings { put(finding) }
    put(record.frames) { $0.put($1) }
    put(record.rate) { $0.put($1.bitPattern.byteSwapped) }
  }

  private mutating func put(_ value: some FixedWidthInteger) {
    var rest = UInt64(truncatingIfNeeded: value)
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func put(_ text: String) {
    put(text.utf8.count)
    bytes += text.utf8
  }

  private mutating func put(shared text: String) {
    let number = names.number(of: text)
    put(number)
    if number == 0 { put(text) }
  }

  private mutating func put(_ finding: Finding) {
    put(shared: finding.rule.rawValue)
    put(shared: finding.severity.rawValue)
    put(shared: finding.message)
  }

  private mutating func put<Value>(_ value: Value?, _ body: (inout Self, Value) -> Void) {
    bytes.append(value == nil ? 0 : 1)
    if let value { body(&self, value) }
  }
}

/// Reads what ``RecordPacker`` wrote, in the same order.
private struct PackedRecord {
  let bytes: UnsafeBufferPointer<UInt8>
  let names: SharedNames
  var position: Int

  mutating func record() -> SourceRecord {
    var record = SourceRecord(id: text())
    record.patient = optional { $0.text() }
    record.age = Float(bitPattern: UInt32(truncatingIfNeeded: number()).byteSwapped)
    record.sex = Sex(rawValue: byte()) ?? .unknown
    record.fold = byte()
    record.statements = list { packed in
      let code = packed.sharedText()
      return Statement(
        code: code, value: Float(bitPattern: UInt32(truncatingIfNeeded: packed.number()).byteSwapped))
    }
    record.row = optional { $0.integer() }
    record.files = list { $0.sharedText() + $0.text() }
    record.exclusion = optional { [id = record.id] in $0.finding(of: id) }
    record.flags = RecordFlags(rawValue: UInt16(truncatingIfNeeded: number()))
    let count = integer()
    record.attributes.reserveCapacity(count)
    for _ in 0..<count {
      let key = sharedText()
      record.attributes[key] = text()
    }
    record.findings = list { [id = record.id] in $0.finding(of: id) }
    record.frames = optional { $0.integer() }
    record.rate = optional { Double(bitPattern: $0.number().byteSwapped) }
    return record
  }

  mutating func text() -> String {
    let count = integer()
    defer { position += count }
    return String(
      decoding: UnsafeBufferPointer(rebasing: bytes[position..<(position + count)]), as: UTF8.self)
  }

  mutating func optional<Value>(_ body: (inout Self) -> Value) -> Value? {
    byte() == 0 ? nil : body(&self)
  }

  private mutating func byte() -> UInt8 {
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func number() -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = byte()
      value |= UInt64(next & 127) << shift
      if next < 128 { return value }
      shift += 7
    }
  }

  private mutating func integer() -> Int { Int(truncatingIfNeeded: number()) }

  private mutating func sharedText() -> String {
    let number = integer()
    return number == 0 ? text() : names.texts[number - 1]
  }

  private mutating func list<Element>(_ element: (inout Self) -> Element) -> [Element] {
    (0..<integer()).map { _ in element(&self) }
  }

  private mutating func finding(of record: String) -> Finding {
    let rule = Rule(rawValue: sharedText()) ?? .recordUnreadable
    let severity = Severity(rawValue: sharedText())
    return Finding(record: record, rule: rule, sharedText(), severity: severity)
  }
}
