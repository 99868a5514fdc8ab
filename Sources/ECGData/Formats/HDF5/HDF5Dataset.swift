import Foundation

/// A dataset of an HDF5 file: an array of numbers or texts, read by its rows, the elements of its first axis.
///
/// Contiguous data are read, and chunks that are deflated, shuffled or carry checksums turned back, outside
/// libhdf5's lock, chunks on all cores. Chunks without filters are read by libhdf5, and so is what passed other
/// filters that it has, except nbit and scaleoffset, which it does not undo safely.
public struct HDF5Dataset: Sendable {
  /// How the elements are stored.
  public enum Layout: String, Sendable {
    /// Within the dataset's header.
    case compact
    /// One after another.
    case contiguous
    /// In blocks of ``HDF5Dataset/chunkShape``.
    case chunked
  }

  /// Bytes that one reading may make, of the file's type or of the type asked for: 1 GiB.
  public static let readLimit = 1 << 30
  /// Bytes that a chunk may have: 1 GiB.
  public static let chunkLimit = 1 << 30
  /// Chunks that one reading may touch: 2²⁰.
  public static let chunkCountLimit = 1 << 20
  /// Bytes of scratch memory that chunks read at once may take, where they are many.
  static let scratchLimit = 1 << 29

  /// The path within the file.
  public let name: String
  /// Lengths of the axes, the slowest first; empty for a single value.
  public let shape: [Int]
  /// The elements' type.
  public let elementType: HDF5ElementType
  /// Whether elements are stored high byte first.
  public let isBigEndian: Bool
  /// How the elements are stored.
  public let layout: Layout
  /// Lengths of a chunk along the axes; nil where there are none.
  public let chunkShape: [Int]?
  /// Names of the filters that chunks pass when written, in order.
  public let filters: [String]

  let storage: HDF5Storage
  /// Where contiguous elements begin; nil if none are stored.
  let offset: Int?
  /// Bytes of an element that was never written; empty for zeros.
  let fill: [UInt8]
  /// The filters of chunks that are read outside libhdf5; nil if it has to read them.
  let openFilters: [HDF5Filter]?
  /// The filters that neither this library nor libhdf5 undoes.
  private let missingFilters: [String]

  /// Rows: the length of the first axis; 1 for a single value.
  public var rowCount: Int { shape.first ?? 1 }

  /// Elements of a row: the product of the other axes.
  public let elementsPerRow: Int

  /// Rows that a reading of one of them inflates with it: those of a chunk; 1 where nothing is chunked.
  ///
  /// A row may lie across many chunks: in chunks of [625, 256, 1] a row of [4096, 12] takes 192.
  public var rowsPerBlock: Int { max(1, min(chunkShape?.first ?? 1, rowCount)) }

  #if HDF5
  init(_ name: String, _ storage: HDF5Storage) throws {
    let claims = try storage.claims()
    self.name = name
    self.storage = storage
    shape = claims.shape
    elementType = claims.type
    isBigEndian = claims.isBigEndian
    layout = claims.layout
    chunkShape = claims.chunkShape
    filters = claims.filters.map(\.name)
    offset = claims.offset
    fill = claims.fill
    let isOpen = claims.filters.allSatisfy { $0.kind != nil } && !claims.hasPlainEdges
    openFilters = layout == .chunked && isOpen ? claims.filters : nil
    missingFilters = claims.filters.filter { $0.kind == nil && !$0.isAvailable }.map(\.name)

    let size = elementType.storedByteCount ?? 1
    func product(_ lengths: some Sequence<Int>) throws -> Int {
      try lengths.reduce(1) { product, length in
        let (value, overflow) = product.multipliedReportingOverflow(by: length)
        guard !overflow else { throw storage.fault("claims a shape of \(claims.shape), beyond any file") }
        return value
      }
    }
    elementsPerRow = try product(shape.dropFirst())
    let byteCount = try product([elementsPerRow, rowCount, size])
    if let chunkShape {
      let chunkBytes = try product(chunkShape + [size])
      guard chunkBytes <= HDF5Dataset.chunkLimit else {
        throw storage.fault(
          "has chunks of \(chunkBytes) bytes, more than the \(HDF5Dataset.chunkLimit) that are read",
          .unsupported)
      }
    }
    if let offset, elementType.storedByteCount != nil {
      let (end, overflow) = offset.addingReportingOverflow(byteCount)
      guard !overflow, end <= storage.file.bytes.size else {
        throw storage.fault(
          "claims \(byteCount) bytes at \(offset), and the file ends at \(storage.file.bytes.size)")
      }
    }
  }
  #endif

  /// Reads rows of numbers.
  ///
  /// - Parameters:
  ///   - rows: within 0 ..< ``rowCount``.
  ///   - type: `Float`, `Double` or an integer of 8 to 64 bits.
  /// - Returns: the elements, row by row: [rows, the other axes]. A `Double` is rounded to the nearest `Float`;
  ///   what was never written is the dataset's fill value.
  /// - Throws: `ECGError.Code.mismatch` for a number that the type does not hold (an integer beyond its exact
  ///   range, a fraction as an integer), `malformed` for broken chunks, `unsupported` for elements that are no
  ///   numbers, filters that are missing and more than ``readLimit`` bytes, `invalidArgument` for rows beyond
  ///   the dataset, `inputOutput`.
  public func read<Element: HDF5Element>(rows: Range<Int>, as type: Element.Type) throws -> [Element] {
    let count = try elementCount(of: rows, as: type)
    return try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]), rows: rows)
      initialized = count
    }
  }

  /// Reads rows of numbers into memory of just their size; see ``read(rows:as:)``.
  ///
  /// - Parameters:
  ///   - rows: within 0 ..< ``rowCount``.
  ///   - output: room for the rows, [rows, the other axes].
  /// - Throws: as ``read(rows:as:)``; `invalidArgument` if the room is of another size.
  public func read<Element: HDF5Element>(
    rows: Range<Int>, into output: UnsafeMutableBufferPointer<Element>
  ) throws {
    guard try elementCount(of: rows, as: Element.self) == output.count else {
      throw storage.fault(
        "rows \(rows) of \(elementsPerRow) elements do not fill room for \(output.count)", .invalidArgument)
    }
    try fill(output, rows: rows)
  }

  /// Elements of rows, once these are known to be there and to be of a bearable size.
  private func elementCount<Element>(of rows: Range<Int>, as _: Element.Type) throws -> Int {
    guard let size = elementType.byteCount else {
      throw storage.fault("its elements are no numbers: \(elementType)", .unsupported)
    }
    let (bytes, overflow) = elementsPerRow.multipliedReportingOverflow(
      by: max(size, MemoryLayout<Element>.stride))
    try check(rows, bytesPerRow: overflow ? .max : bytes)
    return rows.count * elementsPerRow
  }

  func check(_ rows: Range<Int>, bytesPerRow: Int) throws {
    guard rows.lowerBound >= 0, rows.upperBound <= rowCount else {
      throw storage.fault("has rows 0 ..< \(rowCount), not \(rows)", .invalidArgument)
    }
    let (bytes, overflow) = bytesPerRow.multipliedReportingOverflow(by: rows.count)
    guard !overflow, bytes <= HDF5Dataset.readLimit else {
      throw storage.fault(
        "\(rows.count) rows are more than the \(HDF5Dataset.readLimit) bytes that are read at once",
        .unsupported)
    }
  }

  func checkFilters() throws {
    guard missingFilters.isEmpty else {
      throw ECGError(
        .unsupported,
        "dataset '\(name)' passed the filter '\(missingFilters.joined(separator: "', '"))', which is not read",
        file: storage.file.path, advice: "rewrite it with gzip, as by h5repack -f GZIP=4")
    }
  }

  private func fill<Element: HDF5Element>(
    _ output: UnsafeMutableBufferPointer<Element>, rows: Range<Int>
  ) throws {
    guard !output.isEmpty else { return }
    if openFilters?.isEmpty == false { return try readChunks(rows: rows, into: output) }
    if layout == .contiguous {
      guard let offset else { return try fillUp(output) }
      return try readContiguous(from: offset, rows: rows, into: output)
    }
    try checkFilters()
    if let chunkShape {
      let grid = try chunkGrid(rows: rows, chunkShape)
      if filters.isEmpty { try checkPlainChunks(grid, chunkShape) }
    }
    let bytes = output.count * (elementType.byteCount ?? 1)
    try ScratchMemory.with(bytes, of: UInt8.self) { scratch in
      let scratch = UnsafeMutableRawBufferPointer(scratch)
      try storage.readByLibrary(rows: rows, shape: shape, into: scratch)
      try decode(UnsafeRawBufferPointer(scratch), into: output)
    }
  }

  /// Refuses chunks that are stored in another length than they have: libhdf5 would copy beyond their end.
  private func checkPlainChunks(_ grid: (grid: [Range<Int>], count: Int), _ chunkShape: [Int]) throws {
    let bytes = chunkShape.reduce(1, *) * (elementType.byteCount ?? 1)
    for index in 0..<grid.count {
      let origin = chunkOrigin(index, of: grid.grid, chunkShape)
      guard let stored = try storage.storedByteCount(ofChunkAt: origin) else { continue }
      guard stored == bytes else {
        throw storage.fault("its chunk at \(origin) is stored in \(stored) bytes and takes \(bytes)")
      }
    }
  }

  /// Refuses a dataset that claims more than its bytes in the file can hold.
  ///
  /// Deflate makes at most 1032 bytes of one, and shuffling none; what was never written takes no bytes, so rows of
  /// nothing could be claimed without end.
  ///
  /// - Throws: `ECGError.Code.malformed`.
  func checkClaim() throws {
    let stored = try storage.storedByteCount()
    let (row, overflow) = elementsPerRow.multipliedReportingOverflow(by: elementType.byteCount ?? 1)
    let (claimed, tooMany) = row.multipliedReportingOverflow(by: rowCount)
    guard !overflow, !tooMany, claimed / 1100 <= max(1 << 16, stored) else {
      throw storage.fault(
        "claims \(rowCount) rows of \(elementsPerRow) elements, which its \(stored) bytes in the file cannot hold"
      )
    }
  }

  /// The fill value throughout.
  func fillUp<Element: HDF5Element>(_ output: UnsafeMutableBufferPointer<Element>) throws {
    guard !fill.isEmpty else { return output.update(repeating: .zero) }
    var value = Element.zero
    try withUnsafeMutablePointer(to: &value) { value in
      try fill.withUnsafeBytes {
        try decode($0, into: UnsafeMutableBufferPointer(start: value, count: 1))
      }
    }
    output.update(repeating: value)
  }

  /// The elements of bytes as stored.
  func decode<Element: HDF5Element>(
    _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Element>
  ) throws {
    if let index = elementType.decode(bytes, isBigEndian: isBigEndian, into: output) {
      let size = elementType.byteCount ?? 1
      let stored = bytes[(index * size)..<((index + 1) * size)].hexadecimal
      throw storage.fault("a \(elementType) of bytes \(stored) is no \(Element.self)", .mismatch)
    }
  }

  /// Reads straight from the file, in pieces where elements have to be converted.
  private func readContiguous<Element: HDF5Element>(
    from offset: Int, rows: Range<Int>, into output: UnsafeMutableBufferPointer<Element>
  ) throws {
    let size = elementType.byteCount ?? 1
    let start = offset + rows.lowerBound * elementsPerRow * size
    if elementType == Element.storedType, !isBigEndian {
      return try storage.file.bytes.read(at: start, into: UnsafeMutableRawBufferPointer(output))
    }
    let piece = 1 << 18
    try ScratchMemory.with(min(piece, output.count) * size, of: UInt8.self) { scratch in
      for first in stride(from: 0, to: output.count, by: piece) {
        let count = min(piece, output.count - first)
        let raw = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(scratch)[..<(count * size)])
        try storage.file.bytes.read(at: start + first * size, into: raw)
        try decode(
          UnsafeRawBufferPointer(raw),
          into: UnsafeMutableBufferPointer(rebasing: output[first..<(first + count)]))
      }
    }
  }
}
