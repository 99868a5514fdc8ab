#if HDF5
import CHDF5
#endif

/// An HDF5 file open for reading, from any thread.
///
/// The file's own structures are read by libhdf5, one call at a time; data are read beside it (see
/// ``HDF5Dataset``). Nothing outside the one file is opened: external links, external storage and virtual
/// datasets are refused.
public final class HDF5File: Sendable {
  /// The file's path.
  public let path: String
  /// Links that are followed at most to list a file's datasets.
  static let linkLimit = 100_000
  /// Groups within groups that are followed at most.
  static let depthLimit = 32

  let bytes: FileHandleForReading
  let superblock: HDF5Superblock
  #if HDF5
  private let identifier: HDF5Identifier
  #endif

  /// Opens a file.
  ///
  /// - Parameter path: of the file.
  /// - Throws: `ECGError.Code.notFound`, `inputOutput`; `malformed` if it is no HDF5, is cut short or is broken;
  ///   `unsupported` if this build has no libhdf5.
  public init(_ path: String) throws {
    self.path = path
    bytes = try FileHandleForReading(path)
    superblock = try HDF5Superblock(bytes)
    #if HDF5
    identifier = try HDF5Library.call {
      let access = H5Pcreate(hdf5_file_access())
      defer { H5Pclose(access) }
      H5Pset_fapl_sec2(access)
      // Only read, also where the file system has no locks.
      H5Pset_file_locking(access, false, true)
      guard let file = HDF5Identifier(H5Fopen(path, hdf5_read_only(), access), { H5Fclose($0) }) else {
        throw HDF5Library.failure("is HDF5, but cannot be opened", path)
      }
      return file
    }
    #else
    throw HDF5Library.unavailable(path)
    #endif
  }

  #if HDF5
  /// Paths of the datasets, such as `tracings` or `group/ecg`: a group's own, in order of name, then those of its groups.
  ///
  /// Each dataset is listed once, however many hard links name it; soft and external links are not followed.
  ///
  /// - Returns: the paths, each fit for ``dataset(_:)``.
  /// - Throws: `ECGError.Code.malformed` if a group is broken, `unsupported` beyond 100,000 links or 32 levels.
  public func datasetNames() throws -> [String] {
    try HDF5Library.call {
      var walk = Walk(path: path)
      try walk.visit(identifier, at: "", depth: 0)
      return walk.datasets
    }
  }

  /// Opens a dataset and checks what it claims.
  ///
  /// - Parameter name: its path in the file; soft links within the file are followed.
  /// - Returns: the dataset; no data is read yet.
  /// - Throws: `ECGError.Code.notFound`, `malformed` for claims that the file cannot hold, `unsupported` for
  ///   storage outside the file.
  public func dataset(_ name: String) throws -> HDF5Dataset {
    try HDF5Library.call {
      let access = HDF5Library.makeLinkAccess()
      defer { H5Pclose(access) }
      let opened = HDF5Identifier(H5Dopen2(identifier.value, name, access), { H5Dclose($0) })
      guard let opened else {
        let failure = HDF5Library.failure("its dataset '\(name)' cannot be opened", path)
        let names = try datasetNames()
        guard !names.contains(name) else { throw failure }
        let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
        throw ECGError(
          .notFound, "has no dataset '\(name)' of its own" + (names.isEmpty ? "" : "; it has \(shown)"),
          file: path, rule: .recordUnreadable)
      }
      return try HDF5Dataset(name, HDF5Storage(opened, of: self, name: name))
    }
  }

  /// The root group.
  var root: HDF5Object { HDF5Object(root: identifier, of: self) }

  /// A walk through the groups along hard links.
  private struct Walk {
    let path: String
    var datasets: [String] = []
    var seen: Set<UInt64> = []
    var room = HDF5LinkRoom()

    init(path: String) { self.path = path }

    mutating func visit(_ group: HDF5Identifier, at prefix: String, depth: Int) throws {
      guard depth < HDF5File.depthLimit else {
        throw ECGError(
          .unsupported, "its groups are nested more than \(HDF5File.depthLimit) deep", file: path)
      }
      var groups: [(name: String, object: HDF5Identifier)] = []
      for (name, address) in try room.links(of: group, file: path) where seen.insert(address).inserted {
        let object = try HDF5Object.open(name, in: group, prefix + name, path)
        switch HDF5Object.kind(of: object) {
        case .dataset: datasets.append(prefix + name)
        case .group: groups.append((name, object))
        case .other: continue
        }
      }
      // Groups last: a link back to a group above must not name the datasets that are listed there.
      for (name, object) in groups { try visit(object, at: "\(prefix)\(name)/", depth: depth + 1) }
    }
  }
  #else
  /// Refuses: this build has no libhdf5.
  public func datasetNames() throws -> [String] { throw HDF5Library.unavailable(path) }

  /// Refuses: this build has no libhdf5.
  public func dataset(_ name: String) throws -> HDF5Dataset { throw HDF5Library.unavailable(path) }
  #endif
}
