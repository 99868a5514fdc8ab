/// A number that a MAT-file can store.
protocol MATNumber: BitwiseCopyable {
  var byteSwapped: Self { get }
}

extension Int8: MATNumber {}
extension UInt8: MATNumber {}
extension Int16: MATNumber {}
extension UInt16: MATNumber {}
extension Int32: MATNumber {}
extension UInt32: MATNumber {}
extension Int64: MATNumber {}
extension UInt64: MATNumber {}
extension Float: MATNumber {
  var byteSwapped: Float { Float(bitPattern: bitPattern.byteSwapped) }
}
extension Double: MATNumber {
  var byteSwapped: Double { Double(bitPattern: bitPattern.byteSwapped) }
}

/// Numbers as they lie in a file, of one type and order, at any alignment.
struct MATStoredNumbers {
  let bytes: UnsafeRawBufferPointer
  let type: MATDataType
  let isSwapped: Bool

  /// How many there are; nil if the bytes hold no whole number of them, or the type is none of numbers.
  var count: Int? {
    type.size.flatMap { bytes.count.isMultiple(of: $0) ? bytes.count / $0 : nil }
  }

  /// All numbers, of the type that they are stored in.
  func list<Number: MATNumber>(_: Number.Type) -> [Number] {
    let count = bytes.count / MemoryLayout<Number>.size
    return [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<Number>.size)]))
      if isSwapped {
        for index in 0..<count { buffer[index] = buffer[index].byteSwapped }
      }
      initialized = count
    }
  }

  /// The numbers in a class; nil if the class is not numeric, or has not a value for each of them.
  ///
  /// Source: MathWorks, "MAT-File Format", level 5, "Automatic Compression of Numeric Data": an array's numbers
  /// may be stored in a smaller type than its class.
  func numbers(as type: MATClass) -> MATNumbers? {
    switch type {
    case .double: doubles.map(MATNumbers.double)
    case .single: floats.map(MATNumbers.single)
    case .int8: integers(Int8.self, .int8).map(MATNumbers.int8)
    case .uint8: integers(UInt8.self, .uint8).map(MATNumbers.uint8)
    case .int16: integers(Int16.self, .int16).map(MATNumbers.int16)
    case .uint16: integers(UInt16.self, .uint16).map(MATNumbers.uint16)
    case .int32: integers(Int32.self, .int32).map(MATNumbers.int32)
    case .uint32: integers(UInt32.self, .uint32).map(MATNumbers.uint32)
    case .int64: integers(Int64.self, .int64).map(MATNumbers.int64)
    case .uint64: integers(UInt64.self, .uint64).map(MATNumbers.uint64)
    default: nil
    }
  }

  /// The numbers as integers; nil if they are none.
  var integers: [Int]? { numbers(as: .int64)?.integers }

  private var doubles: [Double]? {
    switch type {
    case .double: list(Double.self)
    case .single: list(Float.self).map(Double.init)
    case .int8: list(Int8.self).map(Double.init)
    case .uint8: list(UInt8.self).map(Double.init)
    case .int16: list(Int16.self).map(Double.init)
    case .uint16: list(UInt16.self).map(Double.init)
    case .int32: list(Int32.self).map(Double.init)
    case .uint32: list(UInt32.self).map(Double.init)
    case .int64: list(Int64.self).map { Double($0) }
    case .uint64: list(UInt64.self).map { Double($0) }
    default: nil
    }
  }

  private var floats: [Float]? {
    if type == .single { return list(Float.self) }
    return doubles?.map { Float($0) }
  }

  private func integers<Number: FixedWidthInteger & MATNumber>(
    _: Number.Type, _ native: MATDataType
  ) -> [Number]? {
    switch type {
    case native: list(Number.self)
    case .int8: exact(list(Int8.self))
    case .uint8: exact(list(UInt8.self))
    case .int16: exact(list(Int16.self))
    case .uint16: exact(list(UInt16.self))
    case .int32: exact(list(Int32.self))
    case .uint32: exact(list(UInt32.self))
    case .int64: exact(list(Int64.self))
    case .uint64: exact(list(UInt64.self))
    case .single: exact(list(Float.self))
    case .double: exact(list(Double.self))
    default: nil
    }
  }

  private func exact<Stored: BinaryInteger, Number: FixedWidthInteger>(_ values: [Stored]) -> [Number]? {
    var numbers: [Number] = []
    numbers.reserveCapacity(values.count)
    for value in values {
      guard let number = Number(exactly: value) else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  private func exact<Stored: BinaryFloatingPoint, Number: FixedWidthInteger>(_ values: [Stored]) -> [Number]?
  {
    var numbers: [Number] = []
    numbers.reserveCapacity(values.count)
    for value in values {
      guard let number = Number(exactly: value) else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
