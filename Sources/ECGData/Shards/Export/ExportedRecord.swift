/// One record on its way out of a shard: what is known of it beside its samples.
struct ExportedRecord: Sendable {
  /// Its row in the shard.
  let row: Int
  /// Its line of the ledger.
  let entry: LedgerEntry
  /// The stored rate in Hz, the shortest number that is its Float32.
  let rate: Double
  /// Samples per lead.
  let frames: Int
  /// µV per count, shape [12].
  let scale: [Float]
  let mask: LeadMask
  let leadFlags: [LeadFlags]
  let flags: RecordFlags
  let age: Float
  let sex: Sex
  let fold: UInt8
  let statements: [Statement]
  /// Where it is written, below the output and without extension.
  let path: String

  init(_ row: Int, of shard: ShardReader, _ entry: LedgerEntry) {
    let columns = shard.columns
    let leads = (row * Lead.count)..<((row + 1) * Lead.count)
    self.row = row
    self.entry = entry
    rate = shard.rate(of: row)
    frames = shard.frameCount(of: row)
    scale = Array(columns.scale[leads])
    mask = LeadMask(rawValue: columns.leadMask[row])
    leadFlags = columns.leadFlags[leads].map { LeadFlags(rawValue: $0) }
    flags = RecordFlags(rawValue: columns.recordFlags[row])
    age = columns.age[row]
    sex = Sex(rawValue: columns.sex[row]) ?? .unknown
    fold = columns.fold[row]
    statements = shard.statements(of: row)
    path = ExportPath.path(source: entry.source, id: entry.id)
  }

  /// Counts as millivolts, `signal * scale_uv / 1000` in Float32 as NumPy has it; NaN where missing.
  func millivolts(_ counts: [Int16]) -> [Float] {
    [Float](unsafeUninitializedCapacity: counts.count) { values, initialized in
      counts.withUnsafeBufferPointer { counts in
        for (lead, scale) in scale.enumerated() {
          for place in stride(from: lead, to: counts.count, by: Lead.count) {
            let count = counts[place]
            values[place] = count == Quantizer.missing ? .nan : Float(count) * scale / 1000
          }
        }
      }
      initialized = counts.count
    }
  }

  /// The age in years, whole where it is; empty if unknown.
  var ageText: String { age.isNaN ? "" : ExportedRecord.text(Double(age.description) ?? Double(age)) }

  /// Columns of `records.csv`.
  static let columns = [
    "id", "source", "patient", "age", "sex", "fold", "rate_hz", "frames", "lead_mask", "labels", "path",
  ]

  /// The record's line of `records.csv`.
  ///
  /// - Parameter path: where its samples are.
  /// - Returns: the fields of ``columns``.
  func fields(path: String) -> [String] {
    let sex: String =
      switch sex {
      case .female: "female"
      case .male: "male"
      case .unknown: ""
      }
    let fields = [
      entry.id, entry.source, entry.patient ?? "", ageText, sex, "\(fold)", ExportedRecord.text(rate),
      "\(frames)", "\(mask.rawValue)", Statement.text(statements), path,
    ]
    // A table holds no NUL.
    return fields.map { $0.utf8.contains(0) ? $0.replacing("\0", with: "\u{FFFD}") : $0 }
  }

  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}

/// Names of files from ids, which may be anything.
enum ExportPath {
  /// Bytes of a component, beyond which it is cut.
  private static let longest = 100

  /// `records/SOURCE/ID`: an id's slashes lead to folders, and whatever is no letter, digit, `_` or `-` becomes `_`, so that
  /// no path leads elsewhere and every program that reads WFDB takes the name.
  ///
  /// What was changed or cut is completed by 16 digits of its SHA-256, so that different ids have different paths.
  static func path(source: String, id: String) -> String {
    let parts = Array(id.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return (["records", component(source.utf8)] + parts.map { component($0) }).joined(separator: "/")
  }

  private static func component(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    let safe = bytes.map { byte in
      byte != UInt8(ascii: ".") && WFDBHeader.isNameByte(byte) ? byte : UInt8(ascii: "_")
    }
    guard safe != bytes || safe.isEmpty || safe.count > longest else {
      return String(decoding: safe, as: UTF8.self)
    }
    let name = safe.isEmpty ? "_" : String(decoding: safe.prefix(longest - 17), as: UTF8.self)
    return name + "-" + Digest.sha256(bytes).prefix(16)
  }
}
