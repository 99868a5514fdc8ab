internal import COneDNN
internal import ECGData

/// Turns a status of the C engine into an error.
func check(_ status: ein_status) throws {
  guard status != EIN_OK else { return }
  let code: ECGError.Code =
    switch Int(status) {
    case EIN_UNAVAILABLE, EIN_UNSUPPORTED: .unsupported
    case EIN_INVALID: .invalidArgument
    default: .inputOutput
    }
  throw ECGError(code, String(cString: ein_message()))
}

/// The type of a tensor's elements.
public enum ElementType: Sendable {
  /// IEEE single precision.
  case float32
  /// The upper half of a single-precision number: its range, with 8 bits of precision.
  case bfloat16

  var kind: ein_type { self == .float32 ? EIN_F32 : EIN_BF16 }
  var size: Int { self == .float32 ? 4 : 2 }
}

/// A block of pooled memory, given back when the last reference goes, on whichever thread that is.
final class Storage: @unchecked Sendable {
  let data: UnsafeMutableRawPointer
  /// Whose memory it is, if not its own.
  private let owner: Storage?

  init(bytes: Int) throws {
    var block: UnsafeMutableRawPointer?
    try check(ein_memory_take(max(bytes, 1), &block))
    guard let block else { throw ECGError(.inputOutput, "no memory for a tensor") }
    data = block
    owner = nil
  }

  /// The memory of another from a byte on.
  init(_ owner: Storage, from offset: Int) {
    data = owner.data + offset
    self.owner = owner
  }

  deinit { if owner == nil { ein_memory_give(data) } }

  var floats: UnsafeMutablePointer<Float> { data.assumingMemoryBound(to: Float.self) }
  var indices: UnsafeMutablePointer<Int32> { data.assumingMemoryBound(to: Int32.self) }
}

/// A shape together with the type and the order of its elements in memory; equal layouts have equal ids.
struct Layout: Equatable {
  let id: ein_layout

  /// The layout with these strides, in elements; row-major where they are left out.
  init(_ shape: [Int], strides: [Int]? = nil, type: ElementType = .float32) throws {
    let wideShape = shape.map(Int64.init)
    let wideStrides = (strides ?? Self.rowMajorStrides(of: shape)).map(Int64.init)
    var made: ein_layout = 0
    try check(ein_layout_make(Int32(shape.count), wideShape, wideStrides, type.kind, &made))
    id = made
  }

  init(id: ein_layout) { self.id = id }

  /// The layout that a primitive may choose.
  init(any shape: [Int], type: ElementType) throws {
    var made: ein_layout = 0
    try check(ein_layout_make(Int32(shape.count), shape.map(Int64.init), nil, type.kind, &made))
    id = made
  }

  static func rowMajorStrides(of shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return strides
  }

  private func description() throws -> ein_layout_description {
    var description = ein_layout_description()
    try check(ein_layout_describe(id, &description))
    return description
  }

  /// The shape.
  var shape: [Int] {
    get throws {
      let description = try description()
      return withUnsafeBytes(of: description.shape) { bytes in
        bytes.bindMemory(to: Int64.self).prefix(Int(description.rank)).map(Int.init)
      }
    }
  }

  /// Bytes of storage, padding included.
  var bytes: Int { get throws { try description().bytes } }

  /// The type of the elements.
  var type: ElementType { get throws { try description().type == EIN_F32 ? .float32 : .bfloat16 } }

  /// Elements of storage, padding included.
  var elements: Int {
    get throws {
      let description = try description()
      return description.bytes / (description.type == EIN_F32 ? 4 : 2)
    }
  }

  /// The strides in elements, or `nil` where the layout is blocked or padded.
  var strides: [Int]? {
    get throws {
      let description = try description()
      guard description.is_strided == 1 else { return nil }
      return withUnsafeBytes(of: description.strides) { bytes in
        bytes.bindMemory(to: Int64.self).prefix(Int(description.rank)).map(Int.init)
      }
    }
  }
}

/// A ready primitive.
@ComputeActor struct Plan {
  private let id: ein_plan

  init(_ make: (UnsafeMutablePointer<ein_plan>) -> ein_status) throws {
    var made: ein_plan = 0
    try check(make(&made))
    id = made
  }

  /// The layout in which the primitive takes or delivers an argument.
  func layout(_ role: ein_role) throws -> Layout {
    var layout: ein_layout = 0
    try check(ein_plan_layout(id, role, &layout))
    guard layout != 0 else { throw ECGError(.unsupported, "a primitive without the argument asked for") }
    return Layout(id: layout)
  }

  /// Storage for an argument, or `nil` if the primitive has none of this role.
  func storage(_ role: ein_role) throws -> Storage? {
    var layout: ein_layout = 0
    try check(ein_plan_layout(id, role, &layout))
    return layout == 0 ? nil : try Storage(bytes: Layout(id: layout).bytes)
  }

  /// Passes the primitive to a loop of the engine that runs it.
  func withID<Result>(_ body: (ein_plan) -> Result) -> Result { body(id) }

  func run(_ arguments: [(role: ein_role, storage: Storage?)]) throws {
    let passed = arguments.compactMap { argument in
      argument.storage.map { ein_argument(role: argument.role, data: $0.data) }
    }
    try check(ein_execute(id, passed, Int32(passed.count)))
    withExtendedLifetime(arguments) {}
  }
}

/// The same elements in another layout: the storage itself if it is in it already.
@ComputeActor func reorder(_ storage: Storage, from: Layout, to: Layout) throws -> Storage {
  if from == to { return storage }
  let result = try Storage(bytes: to.bytes)
  try reorder(storage, from: from, into: result, to)
  return result
}

/// As above, into storage at hand.
@ComputeActor func reorder(_ storage: Storage, from: Layout, into result: Storage, _ to: Layout) throws {
  try Plan { ein_reorder_plan(from.id, to.id, $0) }.run([(EIN_SOURCE, storage), (EIN_RESULT, result)])
}

/// `a · b + bias`, with every layout given.
@ComputeActor func product(
  _ a: (Storage, Layout), _ b: (Storage, Layout), bias: (Storage, Layout)? = nil, into layout: Layout
) throws -> Storage {
  let result = try Storage(bytes: layout.bytes)
  try product(a, b, bias: bias, into: result, layout)
  return result
}

/// As above, into storage at hand.
@ComputeActor func product(
  _ a: (Storage, Layout), _ b: (Storage, Layout), bias: (Storage, Layout)? = nil, into result: Storage,
  _ layout: Layout
) throws {
  let plan = try Plan { ein_matmul_plan(a.1.id, b.1.id, bias?.1.id ?? 0, layout.id, $0) }
  try plan.run([(EIN_SOURCE, a.0), (EIN_WEIGHTS, b.0), (EIN_BIAS, bias?.0), (EIN_RESULT, result)])
}
