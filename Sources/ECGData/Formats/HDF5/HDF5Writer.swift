import Foundation

#if HDF5
import CHDF5
#endif

/// Writes an HDF5 file, dataset by dataset and row by row.
///
/// The file gets its name only when ``close()`` succeeds. Its bytes depend on what is written and on the
/// version of libhdf5, not on the time: no dates are stored. Stock tools of HDF5 1.6 and later read it.
public final class HDF5Writer {
  /// How a dataset is stored.
  public struct Storage: Sendable, Equatable {
    /// Lengths of a chunk along the axes; nil for elements one after another.
    public var chunkShape: [Int]?
    /// Level of gzip, 0 to 9, which needs chunks; nil for none.
    public var gzip: Int?
    /// Whether bytes of elements are sorted by their place before they are deflated, which needs chunks.
    public var shuffle: Bool
    /// Whether chunks carry a Fletcher checksum.
    public var fletcher32: Bool
    /// Whether elements are stored high byte first.
    public var isBigEndian: Bool
    /// Whether all elements are kept in the dataset's header, which holds 64 KiB.
    public var isCompact: Bool

    /// Creates a description; by itself contiguous and little-endian.
    public init(
      chunkShape: [Int]? = nil, gzip: Int? = nil, shuffle: Bool = false, fletcher32: Bool = false,
      isBigEndian: Bool = false, isCompact: Bool = false
    ) {
      self.chunkShape = chunkShape
      self.gzip = gzip
      self.shuffle = shuffle
      self.fletcher32 = fletcher32
      self.isBigEndian = isBigEndian
      self.isCompact = isCompact
    }
  }

  /// Where the file will be.
  public let path: String

  #if HDF5
  private let temporaryPath: String
  private var identifier: HDF5Identifier?
  private var open: [HDF5DatasetWriter] = []

  /// Begins a file.
  ///
  /// - Parameter path: where it will be; a file there is replaced.
  /// - Throws: `ECGError.Code.inputOutput` if it cannot be written, `unsupported` if this build has no libhdf5.
  public init(_ path: String) throws {
    self.path = path
    temporaryPath = File.join(File.folder(of: path), ".\(File.name(of: path)).partial")
    let temporaryPath = temporaryPath
    identifier = try HDF5Library.call {
      let access = H5Pcreate(hdf5_file_access())
      defer { H5Pclose(access) }
      H5Pset_fapl_sec2(access)
      H5Pset_file_locking(access, false, true)
      let file = HDF5Identifier(
        H5Fcreate(temporaryPath, hdf5_truncate(), hdf5_default(), access), { H5Fclose($0) })
      guard let file else { throw HDF5Library.writeFailure(path) }
      return file
    }
  }

  /// Abandoned without a close: leaves nothing behind.
  deinit {
    guard identifier != nil else { return }
    for dataset in open { try? dataset.finish() }
    identifier = nil
    try? File.remove(temporaryPath)
  }

  /// Adds a dataset, to be filled row by row.
  ///
  /// - Parameters:
  ///   - name: its path; groups above it are made.
  ///   - shape: lengths of the axes, the slowest first, of which the first may be 0.
  ///   - type: a number's, or that of text of a fixed number of bytes.
  ///   - storage: how it is stored.
  /// - Returns: the dataset, which is good until ``close()``.
  /// - Throws: `ECGError.Code.invalidArgument` for what HDF5 cannot store.
  public func dataset(
    _ name: String, shape: [Int], type: HDF5ElementType, storage: Storage = Storage()
  ) throws -> HDF5DatasetWriter {
    guard let identifier else { throw fault("is closed") }
    guard !shape.isEmpty, shape.count <= 32, shape.allSatisfy({ $0 >= 0 }), let size = type.storedByteCount,
      shape.reduce(size, { $0.multipliedReportingOverflow(by: $1).overflow ? .max : $0 * $1 }) < .max
    else { throw fault("dataset '\(name)' cannot have the shape \(shape) of \(type)") }
    let isChunked = storage.chunkShape != nil
    guard isChunked || (storage.gzip == nil && !storage.shuffle && !storage.fletcher32),
      !isChunked || !storage.isCompact
    else { throw fault("dataset '\(name)' needs chunks for its filters, and none if it is compact") }
    let dataset = try HDF5Library.call {
      func checked(_ status: herr_t) throws {
        guard status >= 0 else { throw fault("dataset '\(name)' is refused: \(HDF5Library.lastError)") }
      }
      let list = H5Pcreate(hdf5_dataset_create())
      let access = H5Pcreate(hdf5_dataset_access())
      let links = H5Pcreate(hdf5_link_create())
      defer {
        H5Pclose(list)
        H5Pclose(access)
        H5Pclose(links)
      }
      try checked(H5Pset_obj_track_times(list, false))
      try checked(H5Pset_create_intermediate_group(links, 1))
      if storage.isCompact { try checked(H5Pset_layout(list, H5D_COMPACT)) }
      if let chunkShape = storage.chunkShape {
        guard chunkShape.count == shape.count, chunkShape.allSatisfy({ $0 > 0 }) else {
          throw fault("dataset '\(name)' of shape \(shape) cannot have chunks of \(chunkShape)")
        }
        try checked(H5Pset_chunk(list, Int32(chunkShape.count), chunkShape.map { hsize_t($0) }))
        if storage.shuffle { try checked(H5Pset_shuffle(list)) }
        if let level = storage.gzip { try checked(H5Pset_deflate(list, UInt32(clamping: level))) }
        if storage.fletcher32 { try checked(H5Pset_fletcher32(list)) }
        // All chunks along one row, so that rows may come in any portions and each chunk is deflated once.
        let across = zip(shape, chunkShape).dropFirst().map { ($0 + $1 - 1) / $1 }.reduce(1, *)
        let bytes = min(chunkShape.reduce(size, *) * (across + 1), HDF5Writer.cacheLimit)
        try checked(H5Pset_chunk_cache(access, 10_007, max(1 << 20, bytes), 1))
      }
      guard let datatype = type.makeDatatype(isBigEndian: storage.isBigEndian),
        let space = HDF5Identifier(
          H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), { H5Sclose($0) }),
        let dataset = HDF5Identifier(
          H5Dcreate2(identifier.value, name, datatype.value, space.value, links, list, access),
          { H5Dclose($0) })
      else { throw fault("dataset '\(name)' is refused: \(HDF5Library.lastError)") }
      return HDF5DatasetWriter(
        dataset, datatype, file: path, name: name, shape: shape, type: type, isBigEndian: storage.isBigEndian)
    }
    open.append(dataset)
    return dataset
  }

  /// Adds a dataset of these elements one after another, and holds nothing of it.
  ///
  /// - Parameters:
  ///   - name: its path; groups above it are made.
  ///   - shape: lengths of the axes, the slowest first.
  ///   - type: a number's.
  ///   - values: all elements, in order.
  /// - Throws: as ``dataset(_:shape:type:storage:)``, and for values that the type does not hold.
  public func write<Element: HDF5Element>(
    _ name: String, shape: [Int], type: HDF5ElementType, _ values: [Element]
  ) throws {
    let dataset = try dataset(name, shape: shape, type: type)
    try dataset.append(values)
    open.removeLast()
    try dataset.finish()
  }

  /// Bytes of chunks that a dataset holds until they are whole.
  private static let cacheLimit = 64 << 20

  /// Completes the file and gives it its name; rows that were not appended read as zeros.
  ///
  /// - Throws: `ECGError.Code.inputOutput`.
  public func close() throws {
    guard let file = identifier else { return }
    identifier = nil
    do {
      try HDF5Library.call {
        // Datasets first: what is left of their chunks is written now, and may fail.
        for dataset in open { try dataset.finish() }
        open = []
        try withExtendedLifetime(file) {
          guard H5Fflush(file.value, H5F_SCOPE_GLOBAL) >= 0 else { throw HDF5Library.writeFailure(path) }
        }
      }
      guard rename(temporaryPath, path) == 0 else { throw ECGError.system("renamed", path) }
    } catch {
      try? File.remove(temporaryPath)
      throw error
    }
  }

  private func fault(_ what: String) -> ECGError { ECGError(.invalidArgument, what, file: path) }
  #else
  /// Refuses: this build has no libhdf5.
  public init(_ path: String) throws {
    self.path = path
    throw HDF5Library.unavailable(path)
  }

  /// Refuses: this build has no libhdf5.
  public func dataset(
    _ name: String, shape: [Int], type: HDF5ElementType, storage: Storage = Storage()
  ) throws -> HDF5DatasetWriter { throw HDF5Library.unavailable(path) }

  /// Refuses: this build has no libhdf5.
  public func write<Element: HDF5Element>(
    _ name: String, shape: [Int], type: HDF5ElementType, _ values: [Element]
  ) throws { throw HDF5Library.unavailable(path) }

  /// Refuses: this build has no libhdf5.
  public func close() throws { throw HDF5Library.unavailable(path) }
  #endif
}

/// A dataset of a file that is being written.
public final class HDF5DatasetWriter {
  /// Rows appended so far.
  public private(set) var rowCount = 0

  #if HDF5
  private var identifier: HDF5Identifier?
  private let datatype: HDF5Identifier
  private let file: String
  private let name: String
  private let shape: [Int]
  private let type: HDF5ElementType
  private let isBigEndian: Bool

  init(
    _ identifier: HDF5Identifier, _ datatype: HDF5Identifier, file: String, name: String, shape: [Int],
    type: HDF5ElementType, isBigEndian: Bool
  ) {
    self.identifier = identifier
    self.datatype = datatype
    self.file = file
    self.name = name
    self.shape = shape
    self.type = type
    self.isBigEndian = isBigEndian
  }

  /// Appends rows.
  ///
  /// - Parameter values: whole rows, [rows, the other axes]: `Float`, `Double` or `Int64`. Floating-point
  ///   numbers are rounded to the nearest, ties to even.
  /// - Throws: `ECGError.Code.invalidArgument` for a number that the dataset's type does not hold, and for rows
  ///   beyond the shape; `inputOutput`.
  public func append<Element: HDF5Element>(_ values: [Element]) throws {
    let elementsPerRow = shape.dropFirst().reduce(1, *)
    guard let identifier else { throw fault("the file is closed") }
    guard values.count.isMultiple(of: max(1, elementsPerRow)), elementsPerRow > 0,
      values.count / elementsPerRow <= shape[0] - rowCount
    else {
      throw fault(
        "\(values.count) values are no whole rows of \(elementsPerRow), or more than \(shape[0] - rowCount)")
    }
    guard !values.isEmpty else { return }
    guard let bytes = type.encode(values, isBigEndian: isBigEndian) else {
      throw fault("a value among rows from \(rowCount) is no \(type)")
    }
    try append(bytes, rows: values.count / elementsPerRow, identifier)
  }

  /// Appends rows of a column of text, each filled up with zeros.
  ///
  /// - Parameter texts: as many as rows.
  /// - Throws: `ECGError.Code.invalidArgument` for a text that is longer than the dataset's type or holds a NUL, and for
  ///   rows beyond the shape; `inputOutput`.
  public func append(_ texts: [String]) throws {
    guard let identifier else { throw fault("the file is closed") }
    guard case .text(let size?) = type, shape.count == 1, texts.count <= shape[0] - rowCount else {
      throw fault("\(texts.count) texts are more than \(shape[0] - rowCount), or it is no column of text")
    }
    var bytes: [UInt8] = []
    for text in texts {
      guard text.utf8.count <= size, !text.utf8.contains(0) else {
        throw fault("text \"\(text)\" does not fit \(size) bytes")
      }
      bytes += Array(text.utf8) + [UInt8](repeating: 0, count: size - text.utf8.count)
    }
    if !texts.isEmpty { try append(bytes, rows: texts.count, identifier) }
  }

  private func append(_ bytes: [UInt8], rows: Int, _ identifier: HDF5Identifier) throws {
    var start = [hsize_t](repeating: 0, count: shape.count)
    var count = shape.map { hsize_t($0) }
    start[0] = hsize_t(rowCount)
    count[0] = hsize_t(rows)
    try HDF5Library.call {
      guard let space = HDF5Identifier(H5Dget_space(identifier.value), { H5Sclose($0) }),
        let memory = HDF5Identifier(H5Screate_simple(Int32(shape.count), count, nil), { H5Sclose($0) })
      else { throw HDF5Library.writeFailure(file) }
      try withExtendedLifetime((space, memory)) {
        guard H5Sselect_hyperslab(space.value, H5S_SELECT_SET, start, nil, count, nil) >= 0,
          H5Dwrite(identifier.value, datatype.value, memory.value, space.value, hdf5_default(), bytes) >= 0
        else { throw HDF5Library.writeFailure(file) }
      }
    }
    rowCount += rows
  }

  /// Writes what is left of it.
  fileprivate func finish() throws {
    guard let identifier else { return }
    self.identifier = nil
    try HDF5Library.call {
      try withExtendedLifetime(identifier) {
        guard H5Dflush(identifier.value) >= 0 else { throw HDF5Library.writeFailure(file) }
      }
    }
  }

  private func fault(_ what: String) -> ECGError {
    ECGError(.invalidArgument, "dataset '\(name)': \(what)", file: file)
  }
  #else
  /// Refuses: this build has no libhdf5.
  public func append<Element: HDF5Element>(_ values: [Element]) throws {
    throw HDF5Library.unavailable("")
  }

  /// Refuses: this build has no libhdf5.
  public func append(_ texts: [String]) throws { throw HDF5Library.unavailable("") }
  #endif
}
