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
  let records: SourceRecords
  /// Folders that a `RECORDS` list names, but that are not there.
  let findings: [Finding]

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
    complete: @Sendable (inout SourceRecord) -> Void = { _ in }
  ) throws {
    self.root = root
    let lists = RecordsList.paths(below: root)
    findings = lists.missingFolders.map {
      Finding(record: $0, rule: .pairingMissingFile, "the folder is in a RECORDS list, but not here")
    }
    let listed = Set(lists.headers)
    let repeated = WFDBTree.repeatedNames(headers)
    var records = SourceRecords()
    var segments: Set<String> = []
    var segmented: Set<Int> = []
    try Parallel.inOrder(headers.count, by: 64, jobs: ProcessInfo.processInfo.activeProcessorCount) { range in
      headers[range].map { path in
        let stem = WFDBTree.stem(path)
        let count = repeated[stem]
        var (record, segments) = WFDBTree.record(
          root, path, id: count == nil ? stem : String(path.dropLast(4)))
        if let count {
          record.find(.recordRepeatedID, "\(count) records are named \(stem); each is known by its path")
        }
        if !listed.isEmpty, !listed.contains(path) {
          record.find(.pairingUnlisted, "\(path) is in no RECORDS list")
        }
        complete(&record)
        Vocabulary.check(&record, knownToo: knownCodes, errata: errata)
        return (record, segments)
      }
    } take: { batch in
      for (record, parts) in batch {
        if !parts.isEmpty {
          segments.formUnion(parts)
          segmented.insert(records.count)
        }
        records.append(record)
      }
    }
    if !segments.isEmpty {
      // A segment's header is a part of the record that names it. What has segments is none: headers that name each
      // other are told as records that cannot be read.
      records.removeAll(
        at: Set(records.indices.filter { !segmented.contains($0) && segments.contains(records[$0].files[0]) })
      )
    }
    self.records = records
  }

  private static func stem(_ header: String) -> String { String(File.name(of: header).dropLast(4)) }

  /// The names that several headers have, and how many.
  private static func repeatedNames(_ headers: [String]) -> [String: Int] {
    var seen: Set<String> = []
    var repeated: [String: Int] = [:]
    for stem in headers.lazy.map(stem) where !seen.insert(stem).inserted { repeated[stem, default: 1] += 1 }
    return repeated
  }

  private static func record(_ root: String, _ path: String, id: String) -> (SourceRecord, segments: [String])
  {
    var record = SourceRecord(id: id, files: [path])
    let header: WFDBHeader
    do {
      header = try WFDBHeader(contentsOf: File.join(root, path), mode: .lenient)
    } catch {
      record.exclude(unread: path, error)
      return (record, [])
    }
    if header.rate > 0 {
      record.frames = header.frameCount ?? unstatedFrames(header, File.join(root, File.folder(of: path)))
      record.rate = header.rate
    }
    let folder = File.folder(of: path)
    var names: Set<String> = []
    for signal in header.signals where signal.fileName != "~" && names.insert(signal.fileName).inserted {
      // What lies outside the record's folder is refused when it is read.
      guard !signal.fileName.contains("/") else { continue }
      record.files.append(folder == "." ? signal.fileName : File.join(folder, signal.fileName))
    }
    RecordComments.read(header.comments, into: &record)
    let segments = (header.segments ?? []).filter { !$0.isGap && !$0.name.contains("/") }.map {
      (folder == "." ? "" : folder + "/") + $0.name + ".hea"
    }
    return (record, segments)
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
    return found + Set(RecordsList.paths(below: root).headers).subtracting(present).sorted()
  }

  func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    guard let path = record.files.first else { throw ECGError(.notFound, "has no files", record: record.id) }
    let reading = try WFDBReader.read(File.join(root, path), id: record.id, mode: .lenient, within: root)
    return (reading.recording, reading.findings)
  }

  /// Signal files below the root that no header names.
  func unlistedFiles() -> [String] {
    let named = Set(records.lazy.flatMap(\.files))
    return Folder.files(below: root) { ($0.hasSuffix(".mat") || $0.hasSuffix(".dat")) && !named.contains($0) }
  }
}
