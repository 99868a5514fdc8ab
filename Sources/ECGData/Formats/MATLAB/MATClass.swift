/// The class of a MATLAB array, by its number in the array flags.
///
/// Source: MathWorks, "MAT-File Format", level 5, "MATLAB Array Types (Classes)"; 16 and 17 are in no edition
/// of it, and known from the files that MATLAB writes.
public enum MATClass: UInt8, Sendable, CaseIterable {
  case cell = 1
  case structure = 2
  case object = 3
  case char = 4
  case sparse = 5
  case double = 6
  case single = 7
  case int8 = 8
  case uint8 = 9
  case int16 = 10
  case uint16 = 11
  case int32 = 12
  case uint32 = 13
  case int64 = 14
  case uint64 = 15
  case functionHandle = 16
  case opaque = 17

  /// The name that MATLAB's `class` gives, or what the class is where that depends on more.
  public var name: String {
    switch self {
    case .structure: "struct"
    case .functionHandle: "function_handle"
    default: "\(self)"
    }
  }

  /// Whether its values are read; those of other classes are passed over.
  var isRead: Bool { ![.object, .sparse, .functionHandle, .opaque].contains(self) }

  /// The type that stores a numeric class in full; nil for what is no number.
  var dataType: MATDataType? {
    switch self {
    case .double: .double
    case .single: .single
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .int32: .int32
    case .uint32: .uint32
    case .int64: .int64
    case .uint64: .uint64
    case .cell, .structure, .object, .char, .sparse, .functionHandle, .opaque: nil
    }
  }
}

/// The type of the numbers in a data element.
///
/// Source: MathWorks, "MAT-File Format", level 5, "Data Types" of the section on the data element format.
enum MATDataType: UInt32 {
  case int8 = 1
  case uint8 = 2
  case int16 = 3
  case uint16 = 4
  case int32 = 5
  case uint32 = 6
  case single = 7
  case double = 9
  case int64 = 12
  case uint64 = 13
  case matrix = 14
  case compressed = 15
  case utf8 = 16
  case utf16 = 17
  case utf32 = 18

  /// Bytes of one number; nil for elements that hold others.
  var size: Int? {
    switch self {
    case .int8, .uint8, .utf8: 1
    case .int16, .uint16, .utf16: 2
    case .int32, .uint32, .single, .utf32: 4
    case .int64, .uint64, .double: 8
    case .matrix, .compressed: nil
    }
  }
}
