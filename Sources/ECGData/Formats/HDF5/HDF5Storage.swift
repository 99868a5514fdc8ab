#if HDF5
import CHDF5
#endif

/// One open dataset as libhdf5 has it: its description, its stored chunks, and the slow way to its elements.
///
/// Every function takes the library's lock for itself.
final class HDF5Storage: Sendable {
  let file: HDF5File
  let name: String

  #if HDF5
  private let identifier: HDF5Identifier

  init(_ identifier: HDF5Identifier, of file: HDF5File, name: String) {
    self.identifier = identifier
    self.file = file
    self.name = name
  }

  /// What the dataset claims.
  struct Claims {
    var shape: [Int]
    var type: HDF5ElementType
    var isBigEndian: Bool
    var layout: HDF5Dataset.Layout
    var chunkShape: [Int]?
    var filters: [HDF5Filter]
    /// Whether chunks over an edge are stored without filters.
    var hasPlainEdges: Bool
    /// Where contiguous elements begin in the file; nil if none are stored.
    var offset: Int?
    /// Bytes of one element that was never written; empty for zeros.
    var fill: [UInt8]
  }

  /// The dataset's description, as far as libhdf5 checks it.
  func claims() throws -> Claims {
    try HDF5Library.call {
      let id = identifier.value
      guard let list = HDF5Identifier(H5Dget_create_plist(id), { H5Pclose($0) }) else { throw broken() }
      // Before the extent: asking a virtual dataset for it may open other files.
      let layout: HDF5Dataset.Layout
      switch H5Pget_layout(list.value) {
      case H5D_COMPACT: layout = .compact
      case H5D_CONTIGUOUS: layout = .contiguous
      case H5D_CHUNKED: layout = .chunked
      case H5D_VIRTUAL:
        throw fault("is virtual: its values are in other files, which are not opened", .unsupported)
      default: throw broken()
      }
      guard H5Pget_external_count(list.value) == 0 else {
        throw fault("has its values in other files, which are not opened", .unsupported)
      }
      let shape = try extent()
      guard let type = HDF5Identifier(H5Dget_type(id), { H5Tclose($0) }) else { throw broken() }
      let (element, isBigEndian) = HDF5ElementType.classify(type.value)
      var claims = Claims(
        shape: shape, type: element, isBigEndian: isBigEndian, layout: layout, chunkShape: nil, filters: [],
        hasPlainEdges: false, offset: nil, fill: [])
      if layout == .chunked {
        var sizes = [hsize_t](repeating: 0, count: max(1, shape.count))
        guard H5Pget_chunk(list.value, Int32(shape.count), &sizes) == Int32(shape.count) else {
          throw broken()
        }
        claims.chunkShape = try sizes.prefix(shape.count).map { size in
          guard let size = Int(exactly: size), size > 0 else { throw broken() }
          return size
        }
        claims.filters = try filters(of: list.value)
        var options: UInt32 = 0
        guard H5Pget_chunk_opts(list.value, &options) >= 0 else { throw broken() }
        claims.hasPlainEdges = options & UInt32(H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0
      }
      if layout == .contiguous {
        let offset = H5Dget_offset(id)
        if offset != hdf5_no_address() {
          guard let offset = Int(exactly: offset) else { throw broken() }
          claims.offset = offset
        }
      }
      if layout == .compact, let size = element.storedByteCount {
        let count = shape.reduce((1, false)) { product, length in
          let (value, overflow) = product.0.multipliedReportingOverflow(by: length)
          return (value, product.1 || overflow)
        }
        let (bytes, overflow) = count.0.multipliedReportingOverflow(by: size)
        guard !count.1, !overflow, H5Dget_storage_size(id) >= UInt64(bytes) else {
          throw fault("claims more elements than it stores")
        }
      }
      if let size = element.byteCount { claims.fill = try fill(of: list.value, type.value, size) }
      return claims
    }
  }

  private func extent() throws -> [Int] {
    guard let space = HDF5Identifier(H5Dget_space(identifier.value), { H5Sclose($0) }) else { throw broken() }
    switch H5Sget_simple_extent_type(space.value) {
    case H5S_NULL: return [0]
    case H5S_SCALAR: return []
    case H5S_SIMPLE: break
    default: throw broken()
    }
    let rank = H5Sget_simple_extent_ndims(space.value)
    // H5S_MAX_RANK.
    guard (1...32).contains(rank) else { throw broken() }
    var lengths = [hsize_t](repeating: 0, count: Int(rank))
    guard H5Sget_simple_extent_dims(space.value, &lengths, nil) == rank else { throw broken() }
    return try lengths.map { length in
      guard let length = Int(exactly: length) else { throw fault("claims an axis of \(length)") }
      return length
    }
  }

  private func filters(of list: hid_t) throws -> [HDF5Filter] {
    let count = H5Pget_nfilters(list)
    guard count >= 0 else { throw broken() }
    return try (0..<count).map { index in
      var flags: UInt32 = 0
      var valueCount = 8
      var values = [UInt32](repeating: 0, count: valueCount)
      var name = [CChar](repeating: 0, count: 64)
      let number = H5Pget_filter2(list, UInt32(index), &flags, &valueCount, &values, name.count, &name, nil)
      guard number >= 0 else { throw broken() }
      let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return HDF5Filter(
        number: Int(number), storedName: text, firstValue: valueCount > 0 ? Int(values[0]) : nil,
        isAvailable: H5Zfilter_avail(number) > 0 && !HDF5Filter.unsafe.contains(Int(number)))
    }
  }

  private func fill(of list: hid_t, _ type: hid_t, _ size: Int) throws -> [UInt8] {
    var status = H5D_FILL_VALUE_UNDEFINED
    guard H5Pfill_value_defined(list, &status) >= 0 else { throw broken() }
    guard status == H5D_FILL_VALUE_USER_DEFINED, H5Tget_size(type) == size else { return [] }
    var bytes = [UInt8](repeating: 0, count: size)
    guard H5Pget_fill_value(list, type, &bytes) >= 0 else { throw broken() }
    return bytes.allSatisfy { $0 == 0 } ? [] : bytes
  }

  /// One chunk as it is stored.
  struct Chunk {
    var bytes: [UInt8]
    /// Bit i: filter i was left out.
    var mask: UInt32
  }

  /// The chunk that begins at an element.
  ///
  /// H5Dget_chunk_info_by_coord walks through the whole index for every chunk; the two calls in its place look
  /// it up. Of chunks without filters they believe different lengths, of which a broken file may make one too
  /// long for the other, so these are asked for in the slow way.
  ///
  /// - Parameters:
  ///   - origin: its first element, by axis.
  ///   - isFiltered: whether the dataset has filters.
  ///   - limit: bytes that it may have.
  /// - Returns: nil for a chunk that was never written.
  /// - Throws: `ECGError.Code.malformed` if it is broken or longer than that.
  func chunk(at origin: [Int], isFiltered: Bool, limit: Int) throws -> Chunk? {
    let place = origin.map { hsize_t($0) }
    return try HDF5Library.call {
      guard isFiltered else { return try plainChunk(at: origin, place, limit: limit) }
      var stored: hsize_t = 0
      guard H5Dget_chunk_storage_size(identifier.value, place, &stored) >= 0 else {
        // The only sign of a chunk that was never written: no function looks up less.
        guard HDF5Library.lastError != "chunk storage is not allocated" else { return nil }
        throw broken("its chunk at \(origin) cannot be found")
      }
      guard stored > 0 else { return nil }
      guard stored <= UInt64(min(limit, file.bytes.size)) else {
        throw fault("its chunk at \(origin) claims \(stored) bytes, more than it can have")
      }
      var mask: UInt32 = 0
      var status: herr_t = -1
      let bytes = [UInt8](unsafeUninitializedCapacity: Int(stored)) { buffer, count in
        status = H5Dread_chunk(identifier.value, hdf5_default(), place, &mask, buffer.baseAddress)
        count = status >= 0 ? Int(stored) : 0
      }
      guard status >= 0 else { throw broken("its chunk at \(origin) cannot be read") }
      return Chunk(bytes: bytes, mask: mask)
    }
  }

  /// Bytes in the file of the whole dataset.
  func storedByteCount() throws -> Int {
    HDF5Library.call { Int(clamping: H5Dget_storage_size(identifier.value)) }
  }

  /// Bytes in the file of a chunk, as its index has them; nil for one that was never written.
  ///
  /// H5Dget_chunk_storage_size is no help for chunks without filters: it gives what they should have.
  func storedByteCount(ofChunkAt origin: [Int]) throws -> Int? {
    let place = origin.map { hsize_t($0) }
    return try HDF5Library.call {
      var mask: UInt32 = 0
      var address: haddr_t = 0
      var stored: hsize_t = 0
      guard H5Dget_chunk_info_by_coord(identifier.value, place, &mask, &address, &stored) >= 0 else {
        throw broken("its chunk at \(origin) cannot be found")
      }
      return address == hdf5_no_address() ? nil : Int(clamping: stored)
    }
  }

  private func plainChunk(at origin: [Int], _ place: [hsize_t], limit: Int) throws -> Chunk? {
    // Versions of libhdf5 disagree whether an address counts from there.
    guard file.superblock.offset == 0 else {
      throw fault("has text in chunks without filters behind a user block, which is not read", .unsupported)
    }
    var mask: UInt32 = 0
    var address: haddr_t = 0
    var stored: hsize_t = 0
    guard H5Dget_chunk_info_by_coord(identifier.value, place, &mask, &address, &stored) >= 0 else {
      throw broken("its chunk at \(origin) cannot be found")
    }
    guard address != hdf5_no_address() else { return nil }
    guard stored <= UInt64(limit), let start = Int(exactly: address) else {
      throw fault("its chunk at \(origin) claims \(stored) bytes, more than it can have")
    }
    return Chunk(bytes: try file.bytes.read(at: start, count: Int(stored)), mask: mask)
  }

  /// Reads rows by libhdf5 into memory of the file's own element type and byte order.
  func readByLibrary(rows: Range<Int>, shape: [Int], into buffer: UnsafeMutableRawBufferPointer) throws {
    guard !rows.isEmpty, !buffer.isEmpty else { return }
    try HDF5Library.call {
      guard let type = HDF5Identifier(H5Dget_type(identifier.value), { H5Tclose($0) }) else { throw broken() }
      let status = try withSelection(rows, shape) { memory, space in
        H5Dread(identifier.value, type.value, memory, space, hdf5_default(), buffer.baseAddress)
      }
      guard status >= 0 else { throw broken("its rows \(rows) cannot be read") }
    }
  }

  /// Calls `body` with a memory space of the rows and a file space that selects them.
  private func withSelection<Result>(
    _ rows: Range<Int>, _ shape: [Int], _ body: (hid_t, hid_t) throws -> Result
  ) throws -> Result {
    guard !shape.isEmpty else { return try body(hdf5_all(), hdf5_all()) }
    var start = [hsize_t](repeating: 0, count: shape.count)
    var count = shape.map { hsize_t($0) }
    start[0] = hsize_t(rows.lowerBound)
    count[0] = hsize_t(rows.count)
    guard let space = HDF5Identifier(H5Dget_space(identifier.value), { H5Sclose($0) }),
      let memory = HDF5Identifier(H5Screate_simple(Int32(shape.count), count, nil), { H5Sclose($0) }),
      H5Sselect_hyperslab(space.value, H5S_SELECT_SET, start, nil, count, nil) >= 0
    else { throw broken() }
    return try body(memory.value, space.value)
  }

  private func broken(_ what: String = "is broken") -> ECGError {
    HDF5Library.failure("dataset '\(name)': \(what)", file.path)
  }
  #else
  private init(file: HDF5File) {
    self.file = file
    name = ""
  }

  struct Chunk {
    var bytes: [UInt8]
    var mask: UInt32
  }

  func chunk(at origin: [Int], isFiltered: Bool, limit: Int) throws -> Chunk? {
    throw HDF5Library.unavailable(file.path)
  }

  func storedByteCount() throws -> Int { throw HDF5Library.unavailable(file.path) }

  func storedByteCount(ofChunkAt origin: [Int]) throws -> Int? { throw HDF5Library.unavailable(file.path) }

  func readByLibrary(rows: Range<Int>, shape: [Int], into buffer: UnsafeMutableRawBufferPointer) throws {
    throw HDF5Library.unavailable(file.path)
  }
  #endif

  /// An error about this dataset.
  func fault(_ what: String, _ code: ECGError.Code = .malformed) -> ECGError {
    ECGError(code, "dataset '\(name)': \(what)", file: file.path)
  }
}
