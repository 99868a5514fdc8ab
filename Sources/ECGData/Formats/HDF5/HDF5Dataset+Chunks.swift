import Foundation

extension HDF5Dataset {
  /// Reads rows out of chunks: looked up one at a time under libhdf5's lock, turned back on all cores.
  func readChunks<Element: HDF5Element>(
    rows: Range<Int>, into output: UnsafeMutableBufferPointer<Element>
  ) throws {
    guard let chunkShape, let filters = openFilters, let size = elementType.byteCount else { return }
    let (grid, count) = try chunkGrid(rows: rows, chunkShape)
    let elements = chunkShape.reduce(1, *)
    let limit = HDF5Filter.storedLimit(elements * size, filters: filters.count)
    // Stored, turned back and converted bytes of each chunk at work.
    let scratch = 3 * elements * max(size, MemoryLayout<Element>.size)
    let jobs = max(
      1, min(ProcessInfo.processInfo.activeProcessorCount, HDF5Dataset.scratchLimit / max(1, scratch)))
    nonisolated(unsafe) let output = output
    _ = try Parallel.map(count, jobs: jobs) { index in
      let origin = chunkOrigin(index, of: grid, chunkShape)
      let place = ChunkPlace(origin: origin, chunkShape: chunkShape, shape: shape, rows: rows)
      let stored = try storage.chunk(at: origin, isFiltered: true, limit: limit)
      if let run = place.run, elementType == Element.storedType, !isBigEndian {
        let target = UnsafeMutableBufferPointer(rebasing: output[run])
        guard let stored else { return try fillUp(target) }
        return try undo(stored, filters, origin, into: UnsafeMutableRawBufferPointer(target))
      }
      try ScratchMemory.with(elements, of: Element.self) { chunk in
        if let stored {
          try ScratchMemory.with(elements * size, of: UInt8.self) { raw in
            let raw = UnsafeMutableRawBufferPointer(raw)
            try undo(stored, filters, origin, into: raw)
            try decode(UnsafeRawBufferPointer(raw), into: chunk)
          }
        } else {
          try fillUp(chunk)
        }
        place.scatter(UnsafeBufferPointer(chunk), into: output)
      }
    }
  }

  /// The first element of one of the chunks of a grid, by its number.
  func chunkOrigin(_ index: Int, of grid: [Range<Int>], _ chunkShape: [Int]) -> [Int] {
    var rest = index
    var origin = [Int](repeating: 0, count: grid.count)
    for axis in grid.indices.reversed() {
      origin[axis] = (grid[axis].lowerBound + rest % grid[axis].count) * chunkShape[axis]
      rest /= grid[axis].count
    }
    return origin
  }

  /// The chunks along each axis that rows touch, at least one, and how many these are.
  func chunkGrid(rows: Range<Int>, _ chunkShape: [Int]) throws -> (grid: [Range<Int>], count: Int) {
    let grid = shape.indices.map { axis in
      let wanted = axis == 0 ? rows : 0..<shape[axis]
      return (wanted.lowerBound / chunkShape[axis])..<((wanted.upperBound - 1) / chunkShape[axis] + 1)
    }
    let (count, overflow) = grid.reduce((1, false)) { total, range in
      let (value, overflow) = total.0.multipliedReportingOverflow(by: range.count)
      return (value, total.1 || overflow)
    }
    guard !overflow, count <= HDF5Dataset.chunkCountLimit else {
      throw storage.fault(
        "rows \(rows) lie in more than the \(HDF5Dataset.chunkCountLimit) chunks that are read at once",
        .unsupported)
    }
    return (grid, count)
  }

  /// A chunk's elements as they were before its filters.
  func undo(
    _ stored: HDF5Storage.Chunk, _ filters: [HDF5Filter], _ origin: [Int],
    into chunk: UnsafeMutableRawBufferPointer
  ) throws {
    do {
      try HDF5Filter.undo(stored.bytes, filters: filters, mask: stored.mask, into: chunk)
    } catch let fault as HDF5Filter.Fault {
      throw storage.fault("its chunk at \(origin) \(fault.what)")
    }
  }
}

/// Where a chunk's elements belong among rows that are read.
struct ChunkPlace {
  /// The box within the chunk that is wanted: the rows asked for, without what lies over an edge.
  private var box: [Range<Int>]
  /// Elements from one index to the next along each axis, in the chunk and among the rows.
  private var chunkStrides: [Int]
  private var rowStrides: [Int]
  /// The index among the rows of the chunk's own first element; negative if it lies before them.
  private var base: Int

  init(origin: [Int], chunkShape: [Int], shape: [Int], rows: Range<Int>) {
    func strides(_ lengths: [Int]) -> [Int] {
      var strides = [Int](repeating: 1, count: lengths.count)
      for axis in lengths.indices.dropLast().reversed() {
        strides[axis] = strides[axis + 1] * lengths[axis + 1]
      }
      return strides
    }
    chunkStrides = strides(chunkShape)
    rowStrides = strides(shape)
    box = origin.indices.map { axis in
      let wanted = axis == 0 ? rows : 0..<shape[axis]
      let first = max(wanted.lowerBound - origin[axis], 0)
      return first..<max(first, min(wanted.upperBound - origin[axis], chunkShape[axis]))
    }
    base = zip(origin, rowStrides).reduce(-rows.lowerBound * (rowStrides.first ?? 1)) { $0 + $1.0 * $1.1 }
    let isWhole = zip(box, chunkShape).allSatisfy { $0 == 0..<$1 }
    let isRun = zip(chunkShape, shape).dropFirst().allSatisfy { $0 == $1 }
    run = isWhole && isRun ? base..<(base + chunkShape.reduce(1, *)) : nil
  }

  /// Where the whole chunk lies among the rows in one piece; nil if it does not.
  let run: Range<Int>?

  /// Copies the chunk's wanted elements to their places.
  func scatter<Element>(
    _ chunk: UnsafeBufferPointer<Element>, into output: UnsafeMutableBufferPointer<Element>
  ) {
    guard let source = chunk.baseAddress, let goal = output.baseAddress, !box.contains(where: \.isEmpty),
      let last = box.last
    else { return }
    // The last two axes bare, whatever is before them by counting.
    let axis = box.count - 2
    let lines = axis >= 0 ? box[axis] : 0..<1
    let (chunkLine, rowLine) = axis >= 0 ? (chunkStrides[axis], rowStrides[axis]) : (0, 0)
    var index = box.dropLast(2).map(\.lowerBound)
    while true {
      var from = 0
      var to = base
      for (axis, place) in index.enumerated() {
        from += place * chunkStrides[axis]
        to += place * rowStrides[axis]
      }
      if last.count == 1 {
        // As in chunks of [625, 256, 1]: an element of each line.
        let source = source + (from + last.lowerBound)
        let goal = goal + (to + last.lowerBound)
        for line in lines { goal[line * rowLine] = source[line * chunkLine] }
      } else {
        for line in lines {
          (goal + (to + line * rowLine + last.lowerBound)).update(
            from: source + (from + line * chunkLine + last.lowerBound), count: last.count)
        }
      }
      guard let next = index.indices.last(where: { index[$0] + 1 < box[$0].upperBound }) else { return }
      index[next] += 1
      for axis in index.indices where axis > next { index[axis] = box[axis].lowerBound }
    }
  }
}
