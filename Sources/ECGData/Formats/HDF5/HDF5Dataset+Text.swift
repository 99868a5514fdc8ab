extension HDF5Dataset {
  /// Reads rows of a column of text.
  ///
  /// - Parameter rows: within 0 ..< ``rowCount``.
  /// - Returns: the texts, without the zeros or blanks that fill them up; bytes that are no UTF-8 become U+FFFD,
  ///   and what was never written is empty.
  /// - Throws: as ``read(rows:as:)``; `unsupported` for numbers and for text of several columns.
  public func readText(rows: Range<Int>) throws -> [String] {
    guard case .text(let byteCount) = elementType, let size = elementType.storedByteCount, elementsPerRow == 1
    else {
      throw storage.fault("is no column of text", .unsupported)
    }
    try check(rows, bytesPerRow: size)
    try checkFilters()
    let bytes = try storedBytes(rows: rows, size: size)
    let places = stride(from: 0, to: bytes.count, by: size)
    guard byteCount == nil else { return places.map { HDF5Dataset.text(bytes[$0..<($0 + size)]) } }
    var heap = try HDF5GlobalHeap(storage)
    return try places.map { HDF5Dataset.text(try heap.object(bytes[$0..<($0 + size)])) }
  }

  /// The text of bytes that zeros or blanks fill up.
  static func text(_ bytes: ArraySlice<UInt8>) -> String {
    let text = bytes.prefix { $0 != 0 }
    let end = text.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? text.startIndex
    return String(decoding: text[..<end], as: UTF8.self)
  }

  /// The bytes of a column's elements in their places, `size` each; zeros where nothing was written.
  private func storedBytes(rows: Range<Int>, size: Int) throws -> [UInt8] {
    guard !rows.isEmpty else { return [] }
    if layout == .contiguous {
      guard let offset else { return [UInt8](repeating: 0, count: rows.count * size) }
      return try storage.file.bytes.read(at: offset + rows.lowerBound * size, count: rows.count * size)
    }
    var bytes = [UInt8](repeating: 0, count: rows.count * size)
    guard let chunkShape, let openFilters else {
      // libhdf5 would follow references without checking them.
      guard case .text(_?) = elementType else {
        throw storage.fault("is text of any length, which is not read as it is stored", .unsupported)
      }
      try bytes.withUnsafeMutableBytes { try storage.readByLibrary(rows: rows, shape: shape, into: $0) }
      return bytes
    }
    let count = chunkShape.reduce(1, *)
    let rowsPerChunk = chunkShape[0]
    let limit = HDF5Filter.storedLimit(count * size, filters: openFilters.count)
    var chunk = [UInt8](repeating: 0, count: count * size)
    for index in (rows.lowerBound / rowsPerChunk)...((rows.upperBound - 1) / rowsPerChunk) {
      var origin = [Int](repeating: 0, count: shape.count)
      origin[0] = index * rowsPerChunk
      guard let stored = try storage.chunk(at: origin, isFiltered: !openFilters.isEmpty, limit: limit) else {
        continue
      }
      try chunk.withUnsafeMutableBytes { try undo(stored, openFilters, origin, into: $0) }
      for row in max(rows.lowerBound, origin[0])..<min(rows.upperBound, origin[0] + rowsPerChunk) {
        let from = (row - origin[0]) * (count / rowsPerChunk) * size
        let to = (row - rows.lowerBound) * size
        bytes.replaceSubrange(to..<(to + size), with: chunk[from..<(from + size)])
      }
    }
    return bytes
  }
}
