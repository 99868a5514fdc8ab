/// A public collection as it lies on disk: what its records are, and how one is read.
///
/// One adapter a collection. It only tells what the files say; checking, normalising and storing are done by
/// others.
public protocol Dataset: Sendable {
  /// The adapter's name, the `source` of its records: `ptb-xl`.
  static var name: String { get }

  /// The adapter for a directory, or nil if the directory does not have this collection's layout.
  ///
  /// - Throws: `ECGError` if it has the layout, but its tables cannot be read.
  static func open(_ root: String) throws -> Self?

  /// The directory.
  var root: String { get }
  /// The collection's version, as far as the files tell; else empty.
  var version: String { get }
  /// All records, in the order of the collection's table.
  var records: [SourceRecord] { get }
  /// What is wrong with the tables themselves.
  var findings: [Finding] { get }
  /// SHA-256 in hexadecimal by path relative to ``root``, as the collection publishes them.
  var publishedDigests: [String: String] { get }
  /// The duration that every record should have, in seconds, or nil.
  var nominalDuration: Double? { get }
  /// The sampling rate that every record should have, in Hz, or nil.
  var nominalRate: Double? { get }

  /// Frames and sampling rate of a record, from its header alone.
  func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double)

  /// Reads a record and verifies it against its own header.
  func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding])

  /// Paths relative to ``root`` of record headers on disk that the table does not name.
  func unlistedFiles() -> [String]
}

/// One record of a collection before any sample is read.
public struct SourceRecord: Sendable, Equatable {
  /// The collection's own id of the record.
  public var id: String
  /// The collection's own id of the patient, or nil if it has none.
  public var patient: String?
  /// Age in years; NaN if unknown.
  public var age: Float
  /// The sex.
  public var sex: Sex
  /// The collection's own fold from 1 up, or 0.
  public var fold: UInt8
  /// The labels.
  public var statements: [Statement]
  /// The record's files, relative to the collection's root.
  public var files: [String]
  /// What the table tells that a flag stands for.
  public var flags: RecordFlags
  /// Everything else that the table tells, by column.
  public var attributes: [String: String]

  /// Creates a record.
  public init(
    id: String, patient: String? = nil, age: Float = .nan, sex: Sex = .unknown, fold: UInt8 = 0,
    statements: [Statement] = [], files: [String] = [], flags: RecordFlags = [],
    attributes: [String: String] = [:]
  ) {
    self.id = id
    self.patient = patient
    self.age = age
    self.sex = sex
    self.fold = fold
    self.statements = statements
    self.files = files
    self.flags = flags
    self.attributes = attributes
  }
}

/// The collections that this library reads.
public enum Datasets {
  /// All adapters, in the order in which a directory is tried.
  public static let all: [any Dataset.Type] = [PTBXL.self]

  /// Opens a directory as the collection whose layout it has.
  ///
  /// - Parameters:
  ///   - path: the directory.
  ///   - name: an adapter's name, or `auto`.
  /// - Returns: the adapter.
  /// - Throws: `notFound`, `invalidArgument` for an unknown name, `unsupported` if no layout fits.
  public static func open(_ path: String, as name: String = "auto") throws -> any Dataset {
    guard File.isDirectory(path) else {
      throw ECGError(.notFound, File.exists(path) ? "is no directory" : "does not exist", file: path)
    }
    let names = all.map { $0.name }.joined(separator: ", ")
    let candidates = name == "auto" ? all : all.filter { $0.name == name }
    guard !candidates.isEmpty else {
      throw ECGError(.invalidArgument, "there is no dataset \"\(name)\"", advice: "datasets are \(names)")
    }
    for candidate in candidates {
      if let dataset = try candidate.open(path) { return dataset }
    }
    throw ECGError(
      .unsupported,
      name == "auto" ? "has the layout of no known collection" : "does not have the layout of \(name)",
      file: path, advice: "known are \(names)")
  }
}
