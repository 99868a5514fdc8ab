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
