#if HDF5
/// Reads the variables of a MAT-file of version 7.3, which is HDF5.
///
/// MathWorks describes the layout nowhere; it is known from the files that MATLAB writes. A variable is a
/// dataset of the root group, or a group for a structure, with its class in the attribute `MATLAB_class`. Axes
/// are in reverse order, so that the bytes lie column by column as in the other versions. Characters are uint16,
/// truth values uint8. An empty array is a dataset of its dimensions with the attribute `MATLAB_empty`. What has
/// no `MATLAB_class` is taken for the numbers that it holds.
///
/// Cells and the fields of structure arrays are references to objects in the group `#refs#`, and complex numbers
/// are compounds: these are not read. The order of fields is in an attribute of texts of any length, which is
/// not read either: they come in order of name, as variables do.
struct MATHDF5Reader {
  private let file: HDF5File
  private var memory: MATMemory
  private var room = HDF5LinkRoom()
  /// Addresses of the groups met.
  private var groups: Set<UInt64> = []

  init(_ file: HDF5File, memory: MATMemory) {
    self.file = file
    self.memory = memory
  }

  /// Reads all.
  consuming func variables() throws -> [MATFile.Variable] { try members(of: file.root, depth: 1) }

  /// The variables of the root group, or the fields of a structure.
  private mutating func members(of group: HDF5Object, depth: Int) throws -> [MATFile.Variable] {
    guard depth <= MATLevel5Reader.deepest else {
      throw ECGError(
        .unsupported, "holds arrays nested deeper than \(MATLevel5Reader.deepest)", file: file.path)
    }
    var members: [MATFile.Variable] = []
    // MATLAB's own, of which #refs# and #subsystem# are known.
    for (name, address) in try group.links(&room) where !name.hasPrefix("#") {
      try memory.take(1, of: MATMemory.array + name.utf8.count)
      let object = try HDF5Object(name, in: group)
      switch object.kind {
      case .dataset: members.append(MATFile.Variable(name: name, value: try array(object)))
      case .group:
        // Also what is reached twice, as MATLAB writes nothing.
        guard groups.insert(address).inserted else {
          throw ECGError(
            .malformed, "its group '\(object.path)' is held by two, or by itself", file: file.path,
            advice: "fetch the file again")
        }
        members.append(MATFile.Variable(name: name, value: try structure(object, depth: depth)))
      case .other: continue
      }
    }
    return members
  }

  /// A field of a structure array: one reference for each structure.
  private static let references = MATValue.unsupported(className: "reference")

  /// What a dataset holds if it is no numbers.
  private static func otherType(of dataset: HDF5Dataset) -> String? {
    switch dataset.elementType {
    case .text: "text"
    case .other(let name): name
    default: nil
    }
  }

  private mutating func structure(_ group: HDF5Object, depth: Int) throws -> MATValue {
    if try group.attribute("MATLAB_sparse") != nil { return .unsupported(className: MATClass.sparse.name) }
    let className = try group.attribute("MATLAB_class")?.text ?? MATClass.structure.name
    guard className == MATClass.structure.name else { return .unsupported(className: className) }
    let fields = try members(of: group, depth: depth + 1)
    guard !fields.contains(where: { $0.value == MATHDF5Reader.references }) else {
      return .unsupported(className: "struct array")
    }
    return .structure(
      MATStructArray(dimensions: [1, 1], fields: fields.map(\.name), values: fields.map(\.value)))
  }

  /// What a dataset holds.
  private mutating func array(_ object: HDF5Object) throws -> MATValue {
    let className = try object.attribute("MATLAB_class")?.text
    let type = MATClass.allCases.first { $0.name == className }
    let isLogical = className == "logical"
    if try object.attribute("MATLAB_empty")?.isTrue == true {
      return try empty(try object.dataset(), type, className)
    }
    let isRead = className == nil || isLogical || type == .char || type?.dataType != nil
    if let className, !isRead { return .unsupported(className: className) }
    let dataset = try object.dataset()
    if let other = MATHDF5Reader.otherType(of: dataset) {
      guard let className else { return .unsupported(className: other) }
      return .unsupported(
        className: other == "compound" ? "complex \(className)" : "\(className) of \(other)")
    }
    let dimensions = MATHDF5Reader.dimensions(dataset.shape)
    if isLogical {
      let values = try numbers(dataset, of: UInt8.self)
      try memory.take(values.count)
      return .logical(MATLogicalArray(dimensions: dimensions, values: values.map { $0 != 0 }))
    }
    if type == .char { return .char(try char(dataset, dimensions)) }
    return .numeric(
      MATArray(
        dimensions: dimensions, try numbers(dataset, as: type ?? MATHDF5Reader.numericClass(of: dataset))))
  }

  /// MATLAB's order of axes, and its two of them at least: what has one is a column.
  private static func dimensions(_ shape: [Int]) -> [Int] {
    switch shape.count {
    case 0: [1, 1]
    case 1: [shape[0], 1]
    default: shape.reversed()
    }
  }

  /// The class of a dataset's own numbers.
  private static func numericClass(of dataset: HDF5Dataset) -> MATClass {
    switch dataset.elementType {
    case .float16, .float32: .single
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .float64, .text, .other: .double
    }
  }

  private mutating func numbers(_ dataset: HDF5Dataset, as type: MATClass) throws -> MATNumbers {
    switch type {
    case .single: .single(try numbers(dataset, of: Float.self))
    case .int8: .int8(try numbers(dataset, of: Int8.self))
    case .uint8: .uint8(try numbers(dataset, of: UInt8.self))
    case .int16: .int16(try numbers(dataset, of: Int16.self))
    case .uint16: .uint16(try numbers(dataset, of: UInt16.self))
    case .int32: .int32(try numbers(dataset, of: Int32.self))
    case .uint32: .uint32(try numbers(dataset, of: UInt32.self))
    case .int64: .int64(try numbers(dataset, of: Int64.self))
    case .uint64: .uint64(try numbers(dataset, of: UInt64.self))
    default: .double(try numbers(dataset, of: Double.self))
    }
  }

  /// All numbers, in the order of the file, which is column by column.
  private mutating func numbers<Number: HDF5Element>(_ dataset: HDF5Dataset, of _: Number.Type) throws
    -> [Number]
  {
    // That this is no overflow has been checked where the dataset was opened.
    let count = dataset.rowCount * dataset.elementsPerRow
    let size = max(dataset.elementType.byteCount ?? 8, MemoryLayout<Number>.size)
    try memory.take(count, of: MemoryLayout<Number>.size)
    if let chunkShape = dataset.chunkShape {
      // Only while it is read: all as it is stored, or a chunk as it is stored, inflated and converted.
      var scratch = memory
      try scratch.take(max(count, 3 * chunkShape.reduce(1, *)), of: size)
    }
    return try dataset.read(rows: 0..<dataset.rowCount, as: Number.self)
  }

  private mutating func char(_ dataset: HDF5Dataset, _ dimensions: [Int]) throws -> MATCharArray {
    let units = try numbers(dataset, of: UInt16.self)
    guard !units.isEmpty else { return MATHDF5Reader.noText(dimensions) }
    // As for level 5.
    try memory.take(units.count, of: 48)
    let rows = units.withUnsafeBytes {
      MATText.rows(
        MATStoredNumbers(bytes: $0, type: .uint16, isSwapped: false), dimensions: dimensions,
        count: units.count)
    }
    guard let rows else { throw dataset.storage.fault("is no text of \(dimensions)") }
    return MATCharArray(dimensions: dimensions, rows: rows)
  }

  private static func noText(_ dimensions: [Int]) -> MATCharArray {
    MATCharArray(dimensions: dimensions, rows: dimensions == [1, 0] ? [""] : [])
  }

  /// An array without elements, whose dimensions the dataset holds.
  private mutating func empty(_ dataset: HDF5Dataset, _ type: MATClass?, _ className: String?) throws
    -> MATValue
  {
    guard dataset.shape.count == 1, (2...MATLevel5Reader.mostDimensions).contains(dataset.rowCount) else {
      throw dataset.storage.fault("is marked as empty, and holds no dimensions")
    }
    let dimensions = try numbers(dataset, of: Int64.self).map { Int($0) }
    guard dimensions.allSatisfy({ $0 >= 0 }), dimensions.contains(0) else {
      throw dataset.storage.fault("is marked as empty, and has dimensions \(dimensions)")
    }
    switch type {
    case .cell: return .cell(MATCellArray(dimensions: dimensions, values: []))
    case .structure: return .structure(MATStructArray(dimensions: dimensions, fields: [], values: []))
    case .char: return .char(MATHDF5Reader.noText(dimensions))
    default: break
    }
    if className == "logical" { return .logical(MATLogicalArray(dimensions: dimensions, values: [])) }
    let none = MATStoredNumbers(
      bytes: UnsafeRawBufferPointer(start: nil, count: 0), type: .int8, isSwapped: false)
    guard let numbers = none.numbers(as: className == nil ? .double : type ?? .opaque) else {
      return .unsupported(className: className ?? MATClass.double.name)
    }
    return .numeric(MATArray(dimensions: dimensions, numbers))
  }
}
#endif
