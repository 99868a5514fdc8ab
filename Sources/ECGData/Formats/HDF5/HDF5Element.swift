/// A number that a dataset's elements are read as, and written from.
///
/// `Float`, `Double` and the integers of 8 to 64 bits are.
public protocol HDF5Element: BitwiseCopyable, Sendable, Equatable {
  /// Zero.
  static var zero: Self { get }
  /// The element type whose little-endian bytes are just this one's.
  static var storedType: HDF5ElementType { get }
  /// The number of a whole number; nil if it is not exactly one.
  init?<Source: BinaryInteger>(exactly value: Source)
  /// The number nearest to a floating-point one; nil if there is none (a fraction for an integer, a finite
  /// number beyond the largest).
  init?(rounding value: Double)
  /// The number as a `Double`; nil if it would be another.
  var exactDouble: Double? { get }
  /// The number as a whole number; nil if it is none.
  func whole<Goal: FixedWidthInteger>(_: Goal.Type) -> Goal?
}

extension Float: HDF5Element {
  /// Single precision.
  public static var storedType: HDF5ElementType { .float32 }
  /// The nearest `Float`; nil where that is infinite and the value is not.
  public init?(rounding value: Double) {
    self.init(value)
    guard isFinite || !value.isFinite else { return nil }
  }
  /// Itself.
  public var exactDouble: Double? { Double(self) }
  /// Itself, if whole and in range.
  public func whole<Goal: FixedWidthInteger>(_: Goal.Type) -> Goal? { Goal(exactly: self) }
}

extension Double: HDF5Element {
  /// Double precision.
  public static var storedType: HDF5ElementType { .float64 }
  /// The value.
  public init?(rounding value: Double) { self = value }
  /// Itself.
  public var exactDouble: Double? { self }
  /// Itself, if whole and in range.
  public func whole<Goal: FixedWidthInteger>(_: Goal.Type) -> Goal? { Goal(exactly: self) }
}

extension HDF5Element where Self: FixedWidthInteger {
  /// The value, if whole and in range.
  public init?(rounding value: Double) { self.init(exactly: value) }
  /// Itself, if no digit is lost.
  public var exactDouble: Double? { Double(exactly: self) }
  /// Itself, if in range.
  public func whole<Goal: FixedWidthInteger>(_: Goal.Type) -> Goal? { Goal(exactly: self) }
}

extension Int8: HDF5Element {
  /// Signed, 8 bits.
  public static var storedType: HDF5ElementType { .int8 }
}

extension Int16: HDF5Element {
  /// Signed, 16 bits.
  public static var storedType: HDF5ElementType { .int16 }
}

extension Int32: HDF5Element {
  /// Signed, 32 bits.
  public static var storedType: HDF5ElementType { .int32 }
}

extension Int64: HDF5Element {
  /// Signed, 64 bits.
  public static var storedType: HDF5ElementType { .int64 }
}

extension UInt8: HDF5Element {
  /// Unsigned, 8 bits.
  public static var storedType: HDF5ElementType { .uint8 }
}

extension UInt16: HDF5Element {
  /// Unsigned, 16 bits.
  public static var storedType: HDF5ElementType { .uint16 }
}

extension UInt32: HDF5Element {
  /// Unsigned, 32 bits.
  public static var storedType: HDF5ElementType { .uint32 }
}

extension UInt64: HDF5Element {
  /// Unsigned, 64 bits.
  public static var storedType: HDF5ElementType { .uint64 }
}

/// Half precision by its bits: the type `Float16` is not on every platform.
enum HalfPrecision {
  /// The number of 16 bits; exact.
  static func value(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 31
    let fraction = UInt32(bits) & 1023
    switch exponent {
    case 0:
      // A multiple of 2⁻²⁴.
      let magnitude = Float(fraction) * Float(bitPattern: (127 - 24) << 23)
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The 16 bits nearest to a number, ties to even; what is too large becomes infinite.
  static func bits(_ value: Double) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    guard !value.isNaN else { return sign | 0x7E00 }
    let magnitude = value.magnitude
    // Half of the step beyond the largest, 65504.
    guard magnitude < 65_520 else { return sign | 0x7C00 }
    // In units of the last place: 2⁻²⁴ for what is subnormal, else 2^(e − 10).
    let exponent = max(magnitude.isZero ? -14 : Int(magnitude.exponent), -14)
    let units = (magnitude * Double(sign: .plus, exponent: 10 - exponent, significand: 1)).rounded(
      .toNearestOrEven)
    // A subnormal has no hidden bit; a carry out of the fraction runs into the exponent, as it should.
    return sign | UInt16((exponent + 14) * 1024 + Int(units))
  }
}

extension HDF5ElementType {
  /// Converts elements from a file's bytes; nil for the count, else the index of the first that does not fit.
  ///
  /// - Parameters:
  ///   - bytes: of `output.count` elements of this type, which is a number's.
  ///   - isBigEndian: their order.
  ///   - output: where they go.
  /// - Returns: the index of the first element that `Element` does not hold; nil if all fit.
  func decode<Element: HDF5Element>(
    _ bytes: UnsafeRawBufferPointer, isBigEndian: Bool, into output: UnsafeMutableBufferPointer<Element>
  ) -> Int? {
    func integers<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type) -> Int? {
      for index in output.indices {
        let word = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        guard let value = Element(exactly: isBigEndian ? word.byteSwapped : word) else { return index }
        output[index] = value
      }
      return nil
    }
    func reals<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type, _ number: (Word) -> Double) -> Int? {
      for index in output.indices {
        let word = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        guard let value = Element(rounding: number(isBigEndian ? word.byteSwapped : word)) else {
          return index
        }
        output[index] = value
      }
      return nil
    }
    if self == Element.storedType, !isBigEndian {
      UnsafeMutableRawBufferPointer(output).copyMemory(from: bytes)
      return nil
    }
    switch self {
    case .float16: return reals(UInt16.self) { Double(HalfPrecision.value($0)) }
    case .float32: return reals(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: return reals(UInt64.self) { Double(bitPattern: $0) }
    case .int8: return integers(Int8.self)
    case .int16: return integers(Int16.self)
    case .int32: return integers(Int32.self)
    case .int64: return integers(Int64.self)
    case .uint8: return integers(UInt8.self)
    case .uint16: return integers(UInt16.self)
    case .uint32: return integers(UInt32.self)
    case .uint64: return integers(UInt64.self)
    case .text, .other: return output.isEmpty ? nil : 0
    }
  }

  /// The bytes of elements as this type, which is a number's; nil if one does not fit.
  func encode<Element: HDF5Element>(_ values: [Element], isBigEndian: Bool) -> [UInt8]? {
    if !isBigEndian, Element.storedType == self { return values.withUnsafeBytes { Array($0) } }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * (byteCount ?? 1))
    func append(_ word: some FixedWidthInteger) {
      withUnsafeBytes(of: isBigEndian ? word.bigEndian : word.littleEndian) { bytes.append(contentsOf: $0) }
    }
    func integers<Word: FixedWidthInteger>(_: Word.Type) -> Bool {
      for value in values {
        guard let word = value.whole(Word.self) else { return false }
        append(word)
      }
      return true
    }
    func reals(_ body: (Double) -> Void) -> Bool {
      for value in values {
        guard let real = value.exactDouble else { return false }
        body(real)
      }
      return true
    }
    let isDone =
      switch self {
      case .float16: reals { append(HalfPrecision.bits($0)) }
      case .float32: reals { append(Float($0).bitPattern) }
      case .float64: reals { append($0.bitPattern) }
      case .int8: integers(Int8.self)
      case .int16: integers(Int16.self)
      case .int32: integers(Int32.self)
      case .int64: integers(Int64.self)
      case .uint8: integers(UInt8.self)
      case .uint16: integers(UInt16.self)
      case .uint32: integers(UInt32.self)
      case .uint64: integers(UInt64.self)
      case .text, .other: false
      }
    return isDone ? bytes : nil
  }
}
