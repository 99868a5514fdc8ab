import CKernels

/// Rows of an HDF5 dataset as Double, kept in memory as narrow as the file has them.
struct HDF5NumberRows: Sendable {
  private enum Rows: Sendable {
    case float(HDF5Rows<Float>)
    case double(HDF5Rows<Double>)
  }

  private let rows: Rows

  init(_ dataset: HDF5Dataset) {
    switch dataset.elementType {
    case .float16, .float32, .int8, .uint8, .int16, .uint16: rows = .float(HDF5Rows(dataset))
    default: rows = .double(HDF5Rows(dataset))
    }
  }

  /// A row's elements, the last axis fastest.
  func row(_ index: Int) throws -> [Double] {
    switch rows {
    case .float(let rows): try rows.row(index).map(Double.init)
    case .double(let rows): try rows.row(index)
    }
  }

  /// A row's frames between those of nothing but zeros at either end, all elements multiplied.
  ///
  /// - Parameters:
  ///   - index: of the row.
  ///   - width: elements of a frame.
  ///   - factor: of the elements.
  /// - Returns: the frames that are kept, and their elements times the factor; none of a row of zeros.
  /// - Throws: as ``row(_:)``.
  func frames(ofRow index: Int, width: Int, times factor: Double) throws -> (
    range: Range<Int>, values: [Double]
  ) {
    switch rows {
    case .float(let rows):
      try ScratchMemory.with(rows.dataset.elementsPerRow, of: Float.self) { row in
        try rows.read(index, into: row)
        let range = HDF5NumberRows.signal(in: UnsafeBufferPointer(row), width: width)
        let values = [Double](unsafeUninitializedCapacity: range.count * width) { values, count in
          count = range.count * width
          if count > 0 {
            einthoven_widen_scaled(
              row.baseAddress.map { $0 + range.lowerBound * width }, values.baseAddress, count, factor)
          }
        }
        return (range, values)
      }
    case .double(let rows):
      try rows.row(index).withUnsafeBufferPointer { row in
        let range = HDF5NumberRows.signal(in: row, width: width)
        return (range, row[(range.lowerBound * width)..<(range.upperBound * width)].map { $0 * factor })
      }
    }
  }

  /// The frames from the first that is not zero throughout to the last; empty if there is none.
  private static func signal<Element: HDF5Element>(
    in row: UnsafeBufferPointer<Element>, width: Int
  ) -> Range<Int> {
    guard let first = row.firstIndex(where: { $0 != .zero }), let last = row.lastIndex(where: { $0 != .zero })
    else { return 0..<0 }
    return first / width..<(last / width + 1)
  }

  /// Whether several rows are inflated together.
  var isBlocked: Bool {
    switch rows {
    case .float(let rows): rows.rowsPerBlock > 1
    case .double(let rows): rows.rowsPerBlock > 1
    }
  }

  /// The block that a row is read with; nil if it is read by itself.
  func block(of row: Int) -> Int? {
    guard isBlocked else { return nil }
    return switch rows {
    case .float(let rows): rows.blockIndex(ofRow: row)
    case .double(let rows): rows.blockIndex(ofRow: row)
    }
  }
}
