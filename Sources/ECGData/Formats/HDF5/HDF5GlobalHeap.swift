/// Where an HDF5 file keeps texts of any length: collections of objects, named by address and index.
///
/// Read here, because libhdf5 1.10 follows an index beyond its collection into memory that is not its own.
/// Source: HDF Group, "HDF5 File Format Specification" 3.0, sections III.E and VIII.B.
struct HDF5GlobalHeap {
  /// Bytes of an element that refers to an object: its length, the collection's address, the object's index.
  static let referenceSize = 16
  /// Bytes of collections that are kept, and of one that is read.
  private static let keptBytes = 64 << 20

  private let storage: HDF5Storage
  /// Objects by address of their collection and index, and the bytes of what is kept.
  private var collections: [UInt64: [UInt16: ArraySlice<UInt8>]] = [:]
  private var kept = 0
  private var total = 0

  /// The heap of a dataset's file.
  ///
  /// - Throws: `ECGError.Code.unsupported` where addresses are not of 8 bytes.
  init(_ storage: HDF5Storage) throws {
    self.storage = storage
    let superblock = storage.file.superblock
    guard superblock.addressWidth == 8, superblock.lengthWidth == 8 else {
      throw storage.fault(
        "has addresses of \(superblock.addressWidth) bytes: its text is not read", .unsupported)
    }
  }

  /// The bytes that an element refers to.
  ///
  /// - Throws: `ECGError.Code.malformed` for a reference to nothing, `unsupported` once all texts together are
  ///   beyond ``HDF5Dataset/readLimit``.
  mutating func object(_ reference: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    let start = reference.startIndex
    let length = HDF5GlobalHeap.number(reference[start..<(start + 4)])
    let address = HDF5GlobalHeap.number(reference[(start + 4)..<(start + 12)])
    let index = HDF5GlobalHeap.number(reference[(start + 12)..<(start + 16)])
    guard length > 0 else { return [] }
    if collections[address] == nil { try read(address) }
    guard let index = UInt16(exactly: index), let bytes = collections[address]?[index],
      let length = Int(exactly: length), length <= bytes.count
    else {
      throw storage.fault("has a text of \(length) bytes in object \(index) at \(address), which holds none")
    }
    total += length
    guard total <= HDF5Dataset.readLimit else {
      throw storage.fault(
        "its texts take more than the \(HDF5Dataset.readLimit) bytes that are read at once", .unsupported)
    }
    return bytes.prefix(length)
  }

  /// Reads a collection: `GCOL`, a version and its length, then objects with index, length and bytes.
  private mutating func read(_ address: UInt64) throws {
    let file = storage.file.bytes
    func broken() -> ECGError { storage.fault("refers to texts at \(address), where there are none") }
    guard let place = Int(exactly: address), place <= file.size, file.size - place >= 16,
      file.size - place - 16 >= storage.file.superblock.offset
    else { throw broken() }
    let start = place + storage.file.superblock.offset
    let header = try file.read(at: start, count: 16)
    guard header[..<5] == [0x47, 0x43, 0x4F, 0x4C, 1],
      let size = Int(exactly: HDF5GlobalHeap.number(header[8...])),
      size >= 16, size <= min(file.size - start, HDF5GlobalHeap.keptBytes)
    else { throw broken() }
    let bytes = try file.read(at: start, count: size)
    var objects: [UInt16: ArraySlice<UInt8>] = [:]
    var next = 16
    while size - next >= 16 {
      let index = UInt16(truncatingIfNeeded: HDF5GlobalHeap.number(bytes[next..<(next + 2)]))
      // Object 0 is the free space at the end.
      guard index > 0 else { break }
      guard let length = Int(exactly: HDF5GlobalHeap.number(bytes[(next + 8)..<(next + 16)])),
        length <= size - next - 16
      else { throw broken() }
      objects[index] = bytes[(next + 16)..<(next + 16 + length)]
      // To the next multiple of 8.
      next += 16 + (length + 7) / 8 * 8
    }
    if kept + size > HDF5GlobalHeap.keptBytes {
      collections = [:]
      kept = 0
    }
    collections[address] = objects
    kept += size
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
