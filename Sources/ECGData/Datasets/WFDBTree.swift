import Foundation

/// The WFDB records below a folder: what their headers tell, in the order of their paths.
///
/// A record's id is its header's name without `.hea`; where two have the same name, both are known by their paths.
/// `RECORDS` lists, where there are any, are compared with what is there: a record that only a list names is one whose
/// reading fails, one that no list names is told.
///
/// All headers are read when the tree is opened, on every core; a header that cannot be read still is a record, whose
/// reading tells why.
///
/// - Complexity: O(headers).
struct WFDBTree: Sendable {
  let root: String
  let records: [SourceRecord]
  let findings: [Finding]
  private let extents: [String: (frames: Int, rate: Double)]
  /// Every file below the root that a record names.
  private let named: Set<String>

  /// Reads the headers.
  ///
  /// - Parameters:
  ///   - root: the collection's folder.
  ///   - headers: paths below it, as ``headers(below:)`` lists them.
  ///   - errata: the collection's.
  ///   - knownCodes: label codes that the collection's own table names.
  ///   - complete: adds to a record what its adapter knows beside the header.
  /// - Throws: never for a header: what is wrong with one is its record's fate.
  init(
    _ root: String, headers: [String], errata: Errata, knownCodes: Set<String> = [],
    complete: @Sendable (inout SourceRecord) -> [Finding] = { _ in [] }
  ) throws {
    self.root = root
    let listed = Set(RecordsList.paths(below: root))
    let stems = headers.map { String(File.name(of: $0).dropLast(4)) }
    let counts = stems.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    let jobs = ProcessInfo.processInfo.activeProcessorCount
    let all = try Parallel.map(headers.count, jobs: jobs) { index in
      let isRepeated = counts[stems[index], default: 0] > 1
      var entry = WFDBTree.entry(
        root, headers[index], id: isRepeated ? String(headers[index].dropLast(4)) : stems[index])
      if isRepeated {
        entry.findings.append(
          Finding(
            record: entry.record.id, rule: .recordRepeatedID,
            "\(counts[stems[index], default: 0]) records are named \(stems[index]); each is known by its path"
          ))
      }
      if !listed.isEmpty, !listed.contains(headers[index]) {
        entry.findings.append(
          Finding(record: entry.record.id, rule: .pairingUnlisted, "\(headers[index]) is in no RECORDS list"))
      }
      entry.findings += complete(&entry.record)
      entry.findings += Vocabulary.findings(in: entry.record, knownToo: knownCodes, errata: errata)
      return entry
    }
    // A segment's header is a part of the record that names it.
    let segments = Set(all.flatMap(\.segments))
    // What has segments is none: headers that name each other are told as records that cannot be read.
    let entries = all.filter { !$0.segments.isEmpty || !segments.contains($0.record.files[0]) }
    records = entries.map(\.record)
    findings = entries.flatMap(\.findings)
    extents = Dictionary(
      zip(records.map(\.id), entries.map { ($0.frames, $0.rate) }), uniquingKeysWith: { first, _ in first })
    named = Set(records.flatMap(\.files))
  }

  private struct Entry: Sendable {
    var record: SourceRecord
    var frames = 0
    var rate = 0.0
    var segments: [String] = []
    var findings: [Finding] = []
  }

  private static func entry(_ root: String, _ path: String, id: String) -> Entry {
    var entry = Entry(record: SourceRecord(id: id, files: [path]))
    let header: WFDBHeader
    do {
      header = try WFDBHeader(contentsOf: File.join(root, path), mode: .lenient)
    } catch {
      entry.record.exclude(unread: path, error)
      return entry
    }
    entry.frames = header.frameCount ?? unstatedFrames(header, File.join(root, File.folder(of: path)))
    entry.rate = header.rate
    let folder = File.folder(of: path)
    var names: Set<String> = []
    for signal in header.signals where signal.fileName != "~" && names.insert(signal.fileName).inserted {
      // What lies outside the record's folder is refused when it is read.
      guard !signal.fileName.contains("/") else { continue }
      entry.record.files.append(folder == "." ? signal.fileName : File.join(folder, signal.fileName))
    }
    entry.segments = (header.segments ?? []).filter { !$0.isGap && !$0.name.contains("/") }.map {
      (folder == "." ? "" : folder + "/") + $0.name + ".hea"
    }
    entry.findings = RecordComments.read(header.comments, into: &entry.record)
    return entry
  }

  /// About how many frames a record has whose header does not tell, by its first file's size.
  private static func unstatedFrames(_ header: WFDBHeader, _ folder: String) -> Int {
    guard let first = header.signals.first, !first.fileName.contains("/"),
      let size = File.size(of: File.join(folder, first.fileName))
    else { return 0 }
    return size / (2 * header.signals.count { $0.fileName == first.fileName })
  }

  /// Paths of all headers below a folder, in the order of their names, folder by folder, and of those that a `RECORDS`
  /// list names but that are not there; segments' own headers of multi-segment records among them.
  static func headers(below root: String) -> [String] {
    let found = Folder.files(below: root) { $0.hasSuffix(".hea") }
    let present = Set(found)
    return found + Set(RecordsList.paths(below: root)).subtracting(present).sorted()
  }

  func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    guard let extent = extents[record.id], extent.rate > 0 else {
      throw ECGError(.malformed, "its header cannot be read", record: record.id)
    }
    return extent
  }

  func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    guard let path = record.files.first else { throw ECGError(.notFound, "has no files", record: record.id) }
    let reading = try WFDBReader.read(File.join(root, path), id: record.id, mode: .lenient, within: root)
    return (reading.recording, reading.findings)
  }

  /// Signal files below the root that no header names.
  func unlistedFiles() -> [String] {
    Folder.files(below: root) { ($0.hasSuffix(".mat") || $0.hasSuffix(".dat")) && !named.contains($0) }
  }
}
