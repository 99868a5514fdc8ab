/// Numbers of one class, column by column.
public enum MATNumbers: Sendable, Equatable {
  case double([Double])
  case single([Float])
  case int8([Int8])
  case uint8([UInt8])
  case int16([Int16])
  case uint16([UInt16])
  case int32([Int32])
  case uint32([UInt32])
  case int64([Int64])
  case uint64([UInt64])

  /// The class.
  public var type: MATClass {
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
    }
  }

  /// How many there are.
  public var count: Int {
    switch self {
    case .double(let values): values.count
    case .single(let values): values.count
    case .int8(let values): values.count
    case .uint8(let values): values.count
    case .int16(let values): values.count
    case .uint16(let values): values.count
    case .int32(let values): values.count
    case .uint32(let values): values.count
    case .int64(let values): values.count
    case .uint64(let values): values.count
    }
  }

  /// Each as a double; 64-bit integers beyond 2⁵³ are rounded.
  public var doubles: [Double] {
    switch self {
    case .double(let values): values
    case .single(let values): values.map(Double.init)
    case .int8(let values): values.map(Double.init)
    case .uint8(let values): values.map(Double.init)
    case .int16(let values): values.map(Double.init)
    case .uint16(let values): values.map(Double.init)
    case .int32(let values): values.map(Double.init)
    case .uint32(let values): values.map(Double.init)
    case .int64(let values): values.map { Double($0) }
    case .uint64(let values): values.map { Double($0) }
    }
  }

  /// Each as an integer; nil if one is none, or is too large.
  public var integers: [Int]? {
    switch self {
    case .double(let values): MATNumbers.all(values.map { Int(exactly: $0) })
    case .single(let values): MATNumbers.all(values.map { Int(exactly: $0) })
    case .int8(let values): values.map(Int.init)
    case .uint8(let values): values.map(Int.init)
    case .int16(let values): values.map(Int.init)
    case .uint16(let values): values.map(Int.init)
    case .int32(let values): values.map(Int.init)
    case .uint32(let values): values.map(Int.init)
    case .int64(let values): values.map(Int.init)
    case .uint64(let values): MATNumbers.all(values.map { Int(exactly: $0) })
    }
  }

  private static func all(_ values: [Int?]) -> [Int]? {
    let found = values.compactMap { $0 }
    return found.count == values.count ? found : nil
  }
}

/// A numeric array.
///
/// Source: MathWorks, "MAT-File Format", level 5, "Numeric Array and Character Array Data Element Formats";
/// level 4, "MAT-file format". Its numbers are of its class, also where the file stores them in fewer bytes.
public struct MATArray: Sendable, Equatable {
  /// Rows, columns and what follows; two at least.
  public var dimensions: [Int]
  /// The real parts, column by column: the first index runs fastest.
  public var real: MATNumbers
  /// The imaginary parts of a complex array, of the same class.
  public var imaginary: MATNumbers?

  /// An array; its numbers are as many as its dimensions say.
  public init(dimensions: [Int], _ real: MATNumbers, imaginary: MATNumbers? = nil) {
    self.dimensions = dimensions
    self.real = real
    self.imaginary = imaginary
  }

  /// What an empty element stands for: `[]`.
  static let empty = MATArray(dimensions: [0, 0], .double([]))

  /// The class.
  public var type: MATClass { real.type }
  /// Whether it has imaginary parts.
  public var isComplex: Bool { imaginary != nil }
  /// The real parts as doubles, column by column.
  public var doubles: [Double] { real.doubles }
  /// The real parts of an array of class single; nil for any other class.
  public var floats: [Float]? {
    if case .single(let values) = real { values } else { nil }
  }
  /// The real parts as integers; nil if one is none.
  public var integers: [Int]? { real.integers }
  /// The number of an array that holds one; nil for others and for a complex one.
  public var scalar: Double? { real.count == 1 && !isComplex ? real.doubles.first : nil }
}
