import Synchronization

/// Single rows of a dataset in any order, from several threads.
///
/// A contiguous row is read as it is. Of a chunked dataset the last two blocks of rows are kept, so an order
/// that keeps to a block until it is used up inflates each chunk once; a thread that asks for a block that
/// another is just reading waits for it.
public final class HDF5Rows<Element: HDF5Element>: Sendable {
  /// The dataset.
  public let dataset: HDF5Dataset
  /// Rows of a block: those of a chunk, or fewer where two blocks would take more than the memory allowed; then
  /// each chunk is inflated for each of its blocks.
  public let rowsPerBlock: Int

  private static var keptBlocks: Int { 2 }
  /// The blocks in use, the latest last.
  private let blocks = Mutex<[Block]>([])

  /// Prepares for reading; nothing is read yet.
  ///
  /// - Parameters:
  ///   - dataset: the dataset.
  ///   - type: `Float`, `Double` or `Int64`.
  ///   - byteLimit: bytes that kept blocks may take together; a single row is kept even if it takes more.
  public init(_ dataset: HDF5Dataset, as type: Element.Type = Element.self, byteLimit: Int = 256 << 20) {
    self.dataset = dataset
    let rowBytes = dataset.elementsPerRow.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    let room = byteLimit / HDF5Rows.keptBlocks / max(1, rowBytes.overflow ? .max : rowBytes.partialValue)
    rowsPerBlock = max(1, min(dataset.rowsPerBlock, room))
  }

  /// Rows of the dataset.
  public var count: Int { dataset.rowCount }

  /// The block that a row is read with; those of a block follow one another.
  public func blockIndex(ofRow row: Int) -> Int { row / rowsPerBlock }

  /// Reads a row.
  ///
  /// - Parameter index: within 0 ..< ``count``.
  /// - Returns: its ``HDF5Dataset/elementsPerRow`` elements, the last axis fastest.
  /// - Throws: as ``HDF5Dataset/read(rows:as:)``.
  public func row(_ index: Int) throws -> [Element] {
    guard rowsPerBlock > 1, index >= 0, index < count else {
      return try dataset.read(rows: index..<index.advanced(by: index < .max ? 1 : 0), as: Element.self)
    }
    let block = try values(ofBlock: blockIndex(ofRow: index))
    let start = index % rowsPerBlock * dataset.elementsPerRow
    return Array(block[start..<(start + dataset.elementsPerRow)])
  }

  /// Reads a row into memory of just its size; see ``row(_:)``.
  ///
  /// - Parameters:
  ///   - index: within 0 ..< ``count``.
  ///   - output: room for the row.
  /// - Throws: as ``HDF5Dataset/read(rows:into:)``.
  public func read(_ index: Int, into output: UnsafeMutableBufferPointer<Element>) throws {
    guard rowsPerBlock > 1, index >= 0, index < count, output.count == dataset.elementsPerRow else {
      return try dataset.read(rows: index..<index.advanced(by: index < .max ? 1 : 0), into: output)
    }
    let block = try values(ofBlock: blockIndex(ofRow: index))
    let start = index % rowsPerBlock * dataset.elementsPerRow
    _ = output.update(fromContentsOf: block[start..<(start + dataset.elementsPerRow)])
  }

  private func values(ofBlock index: Int) throws -> [Element] {
    let block = blocks.withLock { blocks in
      let place = blocks.firstIndex { $0.index == index }
      let block = place.map { blocks.remove(at: $0) } ?? Block(index)
      blocks.append(block)
      if blocks.count > HDF5Rows.keptBlocks { blocks.removeFirst() }
      return block
    }
    let first = index * rowsPerBlock
    return try block.values {
      try dataset.read(rows: first..<min(first + rowsPerBlock, count), as: Element.self)
    }
  }

  /// A block that is read by the first who asks.
  private final class Block: Sendable {
    let index: Int
    private let read = Mutex<[Element]?>(nil)

    init(_ index: Int) { self.index = index }

    func values(_ body: () throws -> [Element]) throws -> [Element] {
      try read.withLock { values in
        if let values { return values }
        let fresh = try body()
        values = fresh
        return fresh
      }
    }
  }
}
