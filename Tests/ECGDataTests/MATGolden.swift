import ECGData
import Foundation
import TestSupport

/// `Fixtures/golden/mat/values.json`, which `tools/golden/mat.py` writes with what SciPy reads.
struct MATGolden: Decodable {
  /// A value: its class, and what the class has.
  struct Value: Decodable {
    var name: String?
    var type: String
    var dims: [Int]?
    var numbers: [String]?
    var imaginary: [String]?
    var rows: [String]?
    var fields: [String]?
    var values: [Value]?

    enum CodingKeys: String, CodingKey {
      case name, dims, numbers, imaginary, rows, fields, values
      case type = "class"
    }
  }

  var files: [String: [Value]]

  static let folder = Repository.root.appending(path: "Fixtures/golden/mat")

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  static func read() throws -> MATGolden {
    try JSONDecoder().decode(
      MATGolden.self, from: Data(contentsOf: folder.appending(path: "values.json")))
  }
}

extension MATGolden.Value {
  /// Where a value read differs from this one; nil if nowhere.
  func difference(_ value: MATValue) -> String? {
    guard value.className == type else { return "class \(value.className), not \(type)" }
    if let dims, value.dimensions != dims { return "dimensions \(value.dimensions ?? []), not \(dims)" }
    switch value {
    case .numeric(let array):
      guard numbers.map({ MATGolden.equal(array.real, $0) }) == true else {
        return "\(array.real), not \(numbers ?? [])"
      }
      switch (array.imaginary, imaginary) {
      case (nil, nil): return nil
      case (let found?, let expected?):
        return MATGolden.equal(found, expected) ? nil : "\(found), not \(expected)"
      default: return "complex or not"
      }
    case .logical(let array): return array.values.map { $0 ? "1" : "0" } == numbers ? nil : "\(array.values)"
    case .char(let array): return array.rows == rows ? nil : "\(array.rows), not \(rows ?? [])"
    case .cell(let array): return difference(array.values)
    case .structure(let array):
      return array.fields == fields ? difference(array.values) : "fields \(array.fields)"
    case .unsupported: return nil
    case .notRead: return "not read"
    }
  }

  private func difference(_ found: [MATValue]) -> String? {
    guard let values, found.count == values.count else { return "\(found.count) values" }
    return zip(values, found).lazy.compactMap { $0.difference($1) }.first
  }
}

extension MATGolden {
  /// Whether numbers are those of the text, to the last bit; a NaN is as good as another.
  static func equal(_ numbers: MATNumbers, _ text: [String]) -> Bool {
    switch numbers {
    case .double(let values):
      values.count == text.count
        && zip(values, text.map { Double($0) }).allSatisfy {
          $0.bitPattern == $1?.bitPattern || $0.isNaN && $1?.isNaN == true
        }
    // NumPy gives singles as the doubles that they are.
    case .single(let values):
      values.count == text.count
        && zip(values, text.map { Double($0) }).allSatisfy {
          Double($0) == $1 || $0.isNaN && $1?.isNaN == true
        }
    case .int8(let values): values.map(String.init) == text
    case .uint8(let values): values.map(String.init) == text
    case .int16(let values): values.map(String.init) == text
    case .uint16(let values): values.map(String.init) == text
    case .int32(let values): values.map(String.init) == text
    case .uint32(let values): values.map(String.init) == text
    case .int64(let values): values.map(String.init) == text
    case .uint64(let values): values.map(String.init) == text
    }
  }
}
