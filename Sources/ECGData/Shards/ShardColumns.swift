/// The tensors of a shard beside `signal`: a row a record, except for the labels' two columns.
///
/// n is the number of records, m that of labels. Order and types are SHARD-FORMAT's: widest first, so that
/// all stay aligned.
struct ShardColumns: Sendable {
  /// Record i is `signal[recordOffset[i] ..< recordOffset[i + 1]]`; [n + 1].
  var recordOffset: [UInt64] = [0]
  /// [n].
  var recordKey: [UInt64] = []
  /// 0 where the source has no patients; [n].
  var patientKey: [UInt64] = []
  /// Record i's labels are `labelOffset[i] ..< labelOffset[i + 1]`; [n + 1].
  var labelOffset: [UInt64] = [0]
  /// µV per count; [n, 12].
  var scale: [Float] = []
  /// Hz; [n].
  var rate: [Float] = []
  /// Years, NaN unknown; [n].
  var age: [Float] = []
  /// [m].
  var labelValue: [Float] = []
  /// Of each record's bytes in `signal`; [n].
  var signalCRC: [UInt32] = []
  /// Index into the metadata's `sources`; [n].
  var source: [UInt16] = []
  /// [n].
  var leadMask: [UInt16] = []
  /// [n, 12].
  var leadFlags: [UInt16] = []
  /// [n].
  var recordFlags: [UInt16] = []
  /// Index into the metadata's `codes`; [m].
  var labelCode: [UInt16] = []
  /// [n].
  var fold: [UInt8] = []
  /// [n].
  var sex: [UInt8] = []
  /// Zero-padded UTF-8; [n, 64].
  var recordID: [UInt8] = []

  /// The number of records.
  var count: Int { recordKey.count }

  /// How many rows a column has.
  enum Rows {
    case records
    case recordsAndOne
    case labels
  }

  /// One column: its tensor and where it is kept.
  struct Column: Sendable {
    let name: String
    let type: SafetensorsHeader.ElementType
    let rows: Rows
    /// Elements a row; 1 is a one-dimensional tensor.
    let width: Int
    let withBytes: @Sendable (ShardColumns, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    let setBytes: @Sendable (inout ShardColumns, [UInt8]) -> Void
    let elementCount: @Sendable (ShardColumns) -> Int

    init<Element: BitwiseCopyable & Sendable>(
      _ name: String, _ type: SafetensorsHeader.ElementType, _ rows: Rows = .records, width: Int = 1,
      zero: Element,
      _ path: any WritableKeyPath<ShardColumns, [Element]> & Sendable
    ) {
      self.name = name
      self.type = type
      self.rows = rows
      self.width = width
      withBytes = { columns, body in try columns[keyPath: path].withUnsafeBytes(body) }
      setBytes = { columns, bytes in
        var values = [Element](repeating: zero, count: bytes.count / MemoryLayout<Element>.stride)
        values.withUnsafeMutableBytes { $0.copyBytes(from: bytes.prefix($0.count)) }
        columns[keyPath: path] = values
      }
      elementCount = { $0[keyPath: path].count }
    }

    /// The tensor's shape in a shard of n records and m labels.
    func shape(records: Int, labels: Int) -> [Int] {
      let count =
        switch rows {
        case .records: records
        case .recordsAndOne: records + 1
        case .labels: labels
        }
      return width == 1 ? [count] : [count, width]
    }
  }

  /// All columns in the order of their bytes.
  static let all: [Column] = [
    Column("record_offset", .uint64, .recordsAndOne, zero: 0, \.recordOffset),
    Column("record_key", .uint64, zero: 0, \.recordKey),
    Column("patient_key", .uint64, zero: 0, \.patientKey),
    Column("label_offset", .uint64, .recordsAndOne, zero: 0, \.labelOffset),
    Column("scale_uv", .float32, width: Lead.count, zero: 0, \.scale),
    Column("rate_hz", .float32, zero: 0, \.rate),
    Column("age_years", .float32, zero: 0, \.age),
    Column("label_value", .float32, .labels, zero: 0, \.labelValue),
    Column("signal_crc32", .uint32, zero: 0, \.signalCRC),
    Column("source", .uint16, zero: 0, \.source),
    Column("lead_mask", .uint16, zero: 0, \.leadMask),
    Column("lead_flags", .uint16, width: Lead.count, zero: 0, \.leadFlags),
    Column("record_flags", .uint16, zero: 0, \.recordFlags),
    Column("label_code", .uint16, .labels, zero: 0, \.labelCode),
    Column("fold", .uint8, zero: 0, \.fold),
    Column("sex", .uint8, zero: 0, \.sex),
    Column("record_id", .uint8, width: 64, zero: 0, \.recordID),
  ]
}
