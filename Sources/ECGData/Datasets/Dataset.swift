/// A public collection as it lies on disk: what its records are, and how one is read.
///
/// One adapter a collection. It only tells what the files say; checking, normalising and storing are done by
/// others.
public protocol Dataset: Sendable {
  /// The adapter's name, the `source` of its records: `ptb-xl`.
  static var name: String { get }

  /// The options that the adapter heeds beside errata; all others are stated by its files.
  static var heededOptions: Set<SourceOptions.Key> { get }

  /// The adapter for a directory, or nil if the directory does not have this collection's layout.
  ///
  /// - Parameters:
  ///   - root: the directory.
  ///   - options: what the user tells of it.
  /// - Returns: the collection, nil for another layout.
  /// - Throws: `ECGError` if it has the layout, but its tables cannot be read.
  static func open(_ root: String, options: SourceOptions) throws -> Self?

  /// The directory.
  var root: String { get }
  /// What in the directory the layout was recognised by, in words.
  var recognition: String { get }
  /// What the user told of the source.
  var options: SourceOptions { get }
  /// The collection's version, as far as the files tell; else empty.
  var version: String { get }
  /// All records, in the order of the collection's table.
  var records: SourceRecords { get }
  /// What is wrong with the tables where no single record is concerned, by file or line.
  var findings: [Finding] { get }
  /// SHA-256 in hexadecimal by path relative to ``root``, as the collection publishes them.
  var publishedDigests: [String: String] { get }

  /// Sampling rate in Hz and duration in seconds that a record should have; nil where the collection fixes none.
  func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?)

  /// Frames and sampling rate of a record, from its header alone.
  func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double)

  /// Reads a record and verifies it against its own header.
  func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding])

  /// Names the block that a record must be read with, in a file that is compressed in blocks of several records; nil if
  /// it is read by itself.
  func block(of record: SourceRecord) -> String?

  /// What a file that many records share was just before it was opened; nil where each record opens its own.
  func stamp(ofShared file: String) -> FileStamp?

  /// Paths relative to ``root`` of record files on disk that the table does not name.
  func unlistedFiles() -> [String]
}

extension Dataset {
  /// The adapter for a directory, with nothing told of it.
  ///
  /// - Parameter root: the directory.
  /// - Returns: nil if the directory does not have this collection's layout.
  /// - Throws: `ECGError` if it has the layout, but its tables cannot be read.
  public static func open(_ root: String) throws -> Self? { try open(root, options: SourceOptions()) }

  /// None: the files state everything.
  public static var heededOptions: Set<SourceOptions.Key> { [] }
  /// Unknown.
  public var version: String { "" }
  /// None: all that is found is of a record.
  public var findings: [Finding] { [] }
  /// None.
  public var publishedDigests: [String: String] { [:] }
  /// Each record is read by itself.
  public func block(of record: SourceRecord) -> String? { nil }
  /// Each record opens its own files.
  public func stamp(ofShared file: String) -> FileStamp? { nil }
  /// None are known.
  public func unlistedFiles() -> [String] { [] }
  /// Nothing is fixed.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) { (nil, nil) }

  /// As the tables or headers tell.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    guard let frames = record.frames, let rate = record.rate else {
      throw ECGError(.malformed, "its length cannot be read", record: record.id)
    }
    return (frames, rate)
  }

  /// How many patients the collection tells of; 0 means that no split by patient is possible.
  public var patientCount: Int { Set(records.patients).count }

  /// Reads a record and applies the collection's errata to it.
  ///
  /// - Returns: the recording, all that was found, and the names of the errata that concern the record.
  /// - Throws: as ``read(_:)``.
  func reading(of record: SourceRecord) throws -> (
    recording: Recording, findings: [Finding], errata: [String]
  ) {
    if let exclusion = record.exclusion {
      throw ECGError(.unsupported, exclusion.message, record: record.id, rule: exclusion.rule)
    }
    var (recording, findings) = try read(record)
    guard options.errata else { return (recording, findings, []) }
    let errata = Errata.of(Self.name).concerning(record.id, recording)
    for erratum in errata { findings.append(erratum.apply(to: &recording)) }
    return (recording, findings, errata.map(\.name))
  }
}

/// The collections that this library reads.
public enum Datasets {
  /// All adapters, in the order in which a directory is tried: a layout with tables of its own before a mere folder of
  /// records.
  public static let all: [any Dataset.Type] = [
    PTBXL.self, ChapmanWFDB.self, Chapman.self, CPSC2018.self, CODE15.self, CODETest.self, CODE.self,
    SPH.self,
    CPSC2018WFDB.self, Challenge.self, WFDBCollection.self, HDF5Collection.self, CSVCollection.self,
  ]

  /// Kinds that are opened by name alone, because they are told by nothing.
  private static let generic = [HDF5Collection.name, CSVCollection.name]

  /// Files that only one collection has at its root.
  private static let markers: [(file: String, name: String)] = [
    ("ptbxl_database.csv", PTBXL.name), ("WFDBRecords", ChapmanWFDB.name), ("Diagnostics.xlsx", Chapman.name),
    ("REFERENCE.csv", CPSC2018.name), ("exams.csv", CODE15.name), ("ecg_tracings.hdf5", CODETest.name),
    ("annotations.csv", CODE.name),
  ]

  /// The path without what says nothing; some layouts are told by the folder's own name, which `.` hides.
  private static func plain(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard let last = parts.last, last != ".." else { return File.resolved(path) ?? path }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// Opens a directory as the collection whose layout it has.
  ///
  /// - Parameters:
  ///   - path: the directory.
  ///   - name: an adapter's name, or `auto`.
  ///   - options: what the user tells of the source.
  /// - Returns: the adapter.
  /// - Throws: `notFound`, `invalidArgument` for an unknown name, `unsupported` if no layout fits.
  public static func open(
    _ path: String, as name: String = "auto", options: SourceOptions = SourceOptions()
  ) throws -> any Dataset {
    guard File.isDirectory(path) else {
      throw ECGError(.notFound, File.exists(path) ? "is no directory" : "does not exist", file: path)
    }
    try options.validate()
    let names = all.map { $0.name }.joined(separator: ", ")
    let root = plain(path)
    let candidates =
      name == "auto" ? all.filter { !generic.contains($0.name) } : all.filter { $0.name == name }
    guard !candidates.isEmpty else {
      throw ECGError(.invalidArgument, "there is no dataset \"\(name)\"", advice: "datasets are \(names)")
    }
    let marked = markers.filter { File.exists(File.join(root, $0.file)) }
    if name == "auto", marked.count > 1 {
      let found = marked.map { "\($0.file) of \($0.name)" }.joined(separator: " and ")
      throw ECGError(
        .unsupported, "has the layouts of several collections: \(found)", file: path,
        advice: "name one by --dataset, or convert each from a folder of its own")
    }
    for candidate in candidates {
      if let dataset = try candidate.open(root, options: options) { return dataset }
    }
    throw ECGError(
      .unsupported,
      name == "auto" ? "has the layout of no known collection" : "does not have the layout of \(name)",
      file: path, advice: "known are \(names)")
  }
}
