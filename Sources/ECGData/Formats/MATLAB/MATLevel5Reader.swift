/// Reads the variables of a level 5 file.
///
/// Source: MathWorks, "MAT-File Format", level 5: "MAT-File Header Format", "Data Element Format" and the
/// sections on each class's array data element.
struct MATLevel5Reader {
  private let bytes: UnsafeRawBufferPointer
  private let size: Int
  private let file: String?
  private var memory: MATMemory
  private let outline: MATOutline?
  private var isSwapped = false
  /// Whether an outline lacks no more than what is large.
  private var isWhole = true

  /// Arrays within arrays, the variable counted.
  static let deepest = 64
  /// Indices of an array.
  static let mostDimensions = 32

  /// - Parameters:
  ///   - bytes: The file; for an outline, as much of its begin as there is.
  ///   - size: The file's size.
  ///   - file: Its name, for errors.
  ///   - memory: What it may take.
  ///   - outline: What is left out; nil to read all.
  init(
    bytes: UnsafeRawBufferPointer, size: Int, file: String?, memory: MATMemory, outline: MATOutline? = nil
  ) {
    self.bytes = bytes
    self.size = size
    self.file = file
    self.memory = memory
    self.outline = outline
  }

  /// Reads all, or an outline.
  consuming func variables() throws -> (variables: [MATFile.Variable], isWhole: Bool) {
    try readHeader()
    var elements = MATElements(
      bytes, size: size, isSwapped: isSwapped, file: file, compressedAt: nil, from: 128)
    var variables: [MATFile.Variable] = []
    do {
      while elements.left > 0 {
        let element = try elements.next("a variable")
        switch element.type {
        case .matrix: variables.append(try array(element, in: elements, depth: 1))
        case .compressed where outline != nil:
          variables.append(try outline(ofCompressed: element, in: elements))
        case .compressed: variables.append(try compressed(element, in: elements))
        default:
          throw elements.malformed(
            "a variable is of type \(element.type), neither matrix nor compressed", at: element.tag)
        }
      }
    } catch is MATElements.Beyond {
      isWhole = false
    }
    return (variables, isWhole)
  }

  /// 116 bytes of text, 8 of a subsystem's offset, the version, and `MI` in the order of the writer.
  private mutating func readHeader() throws {
    guard bytes.count >= 128 else {
      throw ECGError(
        .malformed, "\(bytes.count) bytes are no MAT-file: its header takes 128", file: file,
        advice: "fetch the file again")
    }
    let isBig: Bool
    switch (bytes[126], bytes[127]) {
    case (0x49, 0x4D): isBig = false
    case (0x4D, 0x49): isBig = true
    default:
      throw ECGError(
        .malformed, "bytes 126 and 127 are neither IM nor MI: this is no MAT-file of level 5", file: file)
    }
    let version = bytes[isBig ? 124 : 125]
    guard version != 2 else {
      throw ECGError(
        .malformed, "is a MAT-file of version 7.3, but no HDF5 follows its first 512 bytes", file: file,
        advice: "fetch the file again")
    }
    guard version == 1 else {
      throw ECGError(
        .unsupported, "is a MAT-file of version \(version), of which nothing is known", file: file,
        advice: "save it in MATLAB with -v7")
    }
    isSwapped = isBig != (1.bigEndian == 1)
  }

  /// A variable within a zlib stream, which holds one matrix.
  private mutating func compressed(_ element: MATElements.Element, in outer: MATElements) throws
    -> MATFile.Variable
  {
    let inflated: [UInt8]
    do {
      inflated = try MATInflation.inflate(outer.contents(element)) { [isSwapped] tag in
        let size = try MATLevel5Reader.size(ofMatrix: tag, isSwapped: isSwapped)
        try memory.take(size - 8)
        return size
      }
    } catch let fault as MATInflation.Fault {
      throw outer.malformed(fault.message, at: element.tag)
    }
    return try inflated.withUnsafeBytes { inflated in
      var elements = MATElements(
        inflated, isSwapped: isSwapped, file: file, compressedAt: element.tag, from: 0)
      return try array(elements.next("a matrix"), in: elements, depth: 1)
    }
  }

  /// The same of an outline: as much is inflated as it takes, within its limit.
  private mutating func outline(ofCompressed element: MATElements.Element, in outer: MATElements) throws
    -> MATFile.Variable
  {
    let end = min(element.range.upperBound, outer.bytes.count)
    let isCut = end < element.range.upperBound
    let stream = UnsafeRawBufferPointer(rebasing: outer.bytes[element.range.lowerBound..<end])
    var limit = MATOutline.firstStep
    while true {
      var attempt = self
      attempt.isWhole = true
      do {
        let part = try MATInflation.inflate(stream, first: limit)
        if part.count < 8, isCut { throw MATElements.Beyond() }
        let found = try part.withUnsafeBytes { part in
          let size =
            part.count < 8 ? 8 : try MATLevel5Reader.size(ofMatrix: part, isSwapped: isSwapped)
          guard isCut || part.count >= min(size, limit) else {
            throw MATInflation.Fault(message: "the zlib stream ends after \(part.count) of \(size) bytes")
          }
          var elements = MATElements(
            part, size: size, isSwapped: isSwapped, file: file, compressedAt: element.tag, from: 0)
          return try attempt.array(elements.next("a matrix"), in: elements, depth: 1)
        }
        if attempt.isWhole || limit >= MATOutline.limit {
          isWhole = isWhole && attempt.isWhole
          return found
        }
      } catch let fault as MATInflation.Fault {
        throw outer.malformed(fault.message, at: element.tag)
      } catch is MATElements.Beyond where limit < MATOutline.limit {}
      limit = MATOutline.limit
    }
  }

  /// What a matrix takes with its tag.
  private static func size(ofMatrix tag: UnsafeRawBufferPointer, isSwapped: Bool) throws -> Int {
    let words = tag.loadUnaligned(as: (UInt32, UInt32).self)
    let type = isSwapped ? words.0.byteSwapped : words.0
    guard type == MATDataType.matrix.rawValue else {
      throw MATInflation.Fault(message: "it holds an element of type \(type), not a matrix")
    }
    return 8 + Int(isSwapped ? words.1.byteSwapped : words.1)
  }

  /// The name and value of a matrix.
  private mutating func array(_ element: MATElements.Element, in outer: MATElements, depth: Int) throws
    -> MATFile.Variable
  {
    guard depth <= MATLevel5Reader.deepest else {
      throw ECGError(
        .unsupported, "holds arrays nested deeper than \(MATLevel5Reader.deepest)", file: file)
    }
    // "An empty array in a cell may be written as a tag of 0 bytes": what MATLAB does.
    if element.range.isEmpty { return MATFile.Variable(name: "", value: .numeric(.empty)) }
    var parts = MATElements(in: element, of: outer)

    let flagsElement = try parts.next("the array flags")
    guard flagsElement.type == .uint32, flagsElement.range.count == 8,
      let flags = parts.numbers(flagsElement).integers
    else {
      throw parts.malformed("array flags are not two of uint32", at: flagsElement.tag)
    }
    guard let type = MATClass(rawValue: UInt8(flags[0] & 0xFF)) else {
      let value = MATValue.unsupported(className: "of number \(flags[0] & 0xFF)")
      return MATFile.Variable(name: "", value: value)
    }
    // Its names come at once: the variable's, the type system's, the class's.
    if type == .opaque {
      let name = try name(&parts)
      _ = try self.name(&parts)
      return MATFile.Variable(name: name, value: .unsupported(className: try self.name(&parts)))
    }
    let dimensions = try dimensions(&parts)
    let name = try name(&parts)
    if let outline, type.isRead, type != .structure || dimensions.count != 1 {
      let isSmall = element.range.count <= outline.largest
      guard isSmall, element.range.upperBound <= outer.bytes.count else {
        if isSmall { isWhole = false }
        let className = flags[0] & 0x0200 != 0 && type.dataType != nil ? "logical" : type.name
        return MATFile.Variable(
          name: name, value: .notRead(className: className, dimensions: dimensions.sizes))
      }
    }
    let value: MATValue
    switch type {
    case .object: value = .unsupported(className: "object \(try self.name(&parts))")
    case .functionHandle, .sparse, .opaque: value = .unsupported(className: type.name)
    case .cell: value = .cell(try cell(dimensions, &parts, depth: depth))
    case .structure: value = .structure(try structure(dimensions, &parts, depth: depth))
    case .char: value = .char(try char(dimensions, &parts))
    default:
      let isComplex = flags[0] & 0x0800 != 0
      let real = try numbers(type, dimensions, &parts)
      if flags[0] & 0x0200 != 0 {
        value = .logical(MATLogicalArray(dimensions: dimensions.sizes, values: truths(real)))
      } else {
        let imaginary = isComplex ? try numbers(type, dimensions, &parts) : nil
        value = .numeric(MATArray(dimensions: dimensions.sizes, real, imaginary: imaginary))
      }
    }
    return MATFile.Variable(name: name, value: value)
  }

  /// An array's dimensions and their product, which is a claim until the bytes are there.
  private struct Dimensions {
    var sizes: [Int]
    var count: Int
  }

  private func dimensions(_ parts: inout MATElements) throws -> Dimensions {
    let element = try parts.next("the dimensions")
    guard element.type == .int32 || element.type == .uint32,
      element.range.count <= 4 * MATLevel5Reader.mostDimensions,
      let sizes = parts.numbers(element).integers, sizes.count >= 2
    else {
      throw parts.malformed(
        "dimensions are not 2 to \(MATLevel5Reader.mostDimensions) of int32", at: element.tag)
    }
    var count = 1
    for size in sizes {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else {
        throw parts.malformed("dimensions \(sizes) are those of no array", at: element.tag)
      }
      count = product
    }
    return Dimensions(sizes: sizes, count: count)
  }

  /// A name; NULs end it.
  private func name(_ parts: inout MATElements) throws -> String {
    let element = try parts.next("a name")
    guard element.type.size == 1 else { throw parts.malformed("a name is not of bytes", at: element.tag) }
    return String(decoding: parts.contents(element).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The real or imaginary part of a numeric array.
  private mutating func numbers(_ type: MATClass, _ dimensions: Dimensions, _ parts: inout MATElements) throws
    -> MATNumbers
  {
    // Some writers leave out the data of an empty array.
    if dimensions.count == 0, parts.left == 0 {
      try memory.take(1, of: MATMemory.array)
      return MATStoredNumbers(
        bytes: UnsafeRawBufferPointer(start: nil, count: 0), type: .int8, isSwapped: false
      )
      .numbers(as: type) ?? .double([])
    }
    let element = try parts.next("the numbers")
    let stored = parts.numbers(element)
    guard stored.count == dimensions.count else {
      throw parts.malformed(
        "\(element.range.count) bytes of \(element.type) are not the numbers of \(dimensions.sizes)",
        at: element.tag)
    }
    // Numbers of another type than the class are first taken as they lie.
    try memory.take(dimensions.count, of: type.dataType?.size ?? 8)
    if type.dataType != element.type { try memory.take(element.range.count) }
    try memory.take(1, of: MATMemory.array)
    guard let numbers = stored.numbers(as: type) else {
      throw parts.malformed(
        "numbers of type \(element.type) are not those of a \(type.name)", at: element.tag)
    }
    return numbers
  }

  /// What is not 0 is true.
  private func truths(_ numbers: MATNumbers) -> [Bool] {
    if case .uint8(let values) = numbers { return values.map { $0 != 0 } }
    return numbers.doubles.map { $0 != 0 }
  }

  private mutating func cell(_ dimensions: Dimensions, _ parts: inout MATElements, depth: Int) throws
    -> MATCellArray
  {
    let values = try values(dimensions.count, "cells", &parts, depth: depth)
    return MATCellArray(dimensions: dimensions.sizes, values: values)
  }

  private mutating func structure(_ dimensions: Dimensions, _ parts: inout MATElements, depth: Int) throws
    -> MATStructArray
  {
    let lengthElement = try parts.next("the length of field names")
    guard lengthElement.range.count == 4, let length = parts.numbers(lengthElement).integers?.first,
      length > 0
    else {
      throw parts.malformed("the length of field names is none", at: lengthElement.tag)
    }
    let element = try parts.next("the field names")
    let contents = parts.contents(element)
    guard element.type.size == 1, contents.count.isMultiple(of: length) else {
      throw parts.malformed("\(contents.count) bytes are no field names of \(length)", at: element.tag)
    }
    let fieldCount = contents.count / length
    try memory.take(fieldCount, of: MATMemory.array)
    let fields = (0..<fieldCount).map { index in
      String(decoding: contents[(index * length)..<((index + 1) * length)].prefix { $0 != 0 }, as: UTF8.self)
    }
    let (count, overflow) = dimensions.count.multipliedReportingOverflow(by: fieldCount)
    guard !overflow else {
      throw parts.malformed("\(dimensions.sizes) structures have too many fields", at: element.tag)
    }
    let values = try values(count, "fields", &parts, depth: depth)
    return MATStructArray(dimensions: dimensions.sizes, fields: fields, values: values)
  }

  /// The matrices of cells or fields.
  private mutating func values(_ count: Int, _ what: String, _ parts: inout MATElements, depth: Int) throws
    -> [MATValue]
  {
    // Each has a tag, if it has nothing else.
    guard count <= parts.left / 8 else {
      throw parts.malformed(
        "\(count) \(what) are claimed, for which \(parts.left) bytes are left", at: parts.position)
    }
    try memory.take(count, of: MATMemory.array)
    var values: [MATValue] = []
    values.reserveCapacity(count)
    do {
      for _ in 0..<count {
        let element = try parts.next("one of the \(what)")
        guard element.type == .matrix else {
          throw parts.malformed(
            "one of the \(what) is of type \(element.type), not a matrix", at: element.tag)
        }
        values.append(try array(element, in: parts, depth: depth + 1).value)
      }
    } catch is MATElements.Beyond {
      isWhole = false
      let missing = MATValue.notRead(className: nil, dimensions: nil)
      values += Array(repeating: missing, count: count - values.count)
    }
    return values
  }

  private mutating func char(_ dimensions: Dimensions, _ parts: inout MATElements) throws -> MATCharArray {
    if dimensions.count == 0 {
      let isRow = dimensions.sizes == [1, 0]
      return MATCharArray(dimensions: dimensions.sizes, rows: isRow ? [""] : [])
    }
    let element = try parts.next("the characters")
    // Three bytes a code unit of UTF-8, 16 a row beside.
    try memory.take(element.range.count, of: 24)
    guard
      let rows = MATText.rows(parts.numbers(element), dimensions: dimensions.sizes, count: dimensions.count)
    else {
      throw parts.malformed(
        "\(element.range.count) bytes of \(element.type) are not the characters of \(dimensions.sizes)",
        at: element.tag)
    }
    return MATCharArray(dimensions: dimensions.sizes, rows: rows)
  }
}
