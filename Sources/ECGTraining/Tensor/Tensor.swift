internal import COneDNN
internal import ECGData

/// An array of numbers with a shape, in whatever element order the operation that made it found fastest.
///
/// `shape` is the logical order of the axes, as each operation documents it (B batch, C channels, T time);
/// ``values`` delivers the elements row-major in that order. A tensor never changes once it is made, except
/// for the value of a parameter.
///
/// Elements are Float32 unless a tensor is ``converted(to:tape:)`` bfloat16. Operations compute in the type of the tensor
/// they are called on and give a result of that type; parameters, statistics, sums and the gradients of parameters are
/// Float32 always.
@ComputeActor public final class Tensor {
  /// The length of every axis.
  public let shape: [Int]
  let layout: Layout
  let storage: Storage
  var slot: GradientSlot?

  /// Makes a tensor of row-major values.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the number of values is not the product of
  ///   the shape, `unsupported` in a build without oneDNN.
  public convenience init(_ values: [Float], shape: [Int]) throws {
    let count = try Self.count(of: shape)
    guard values.count == count else {
      throw ECGError(.invalidArgument, "\(values.count) values do not fill a tensor of shape \(shape)")
    }
    try self.init(shape: shape)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.floats.update(from: base, count: count) }
    }
  }

  /// Makes a tensor of one value throughout.
  public convenience init(repeating value: Float, shape: [Int]) throws {
    try self.init(shape: shape)
    ein_fill(storage.floats, try Self.count(of: shape), value)
  }

  /// A row-major tensor whose elements are not yet written.
  convenience init(shape: [Int]) throws {
    _ = try Self.count(of: shape)
    let layout = try Layout(shape)
    try self.init(shape: shape, layout: layout, storage: Storage(bytes: layout.bytes))
  }

  init(shape: [Int], layout: Layout, storage: Storage) {
    self.shape = shape
    self.layout = layout
    self.storage = storage
  }

  /// The product of a shape, checked.
  static func count(of shape: [Int]) throws -> Int {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length > 0, !overflow, product < 1 << 44 else {
        throw ECGError(.invalidArgument, "no tensor has the shape \(shape)")
      }
      count = product
    }
    guard !shape.isEmpty, shape.count <= 6 else {
      throw ECGError(.invalidArgument, "a tensor has 1 to 6 axes, not \(shape.count)")
    }
    return count
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The elements in row-major order of the shape.
  public var values: [Float] {
    get throws {
      let plain = try rowMajor()
      return withExtendedLifetime(plain) {
        Array(UnsafeBufferPointer(start: plain.storage.floats, count: count))
      }
    }
  }

  /// The only element of a tensor of one.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if there are more.
  public var scalar: Float {
    get throws {
      guard count == 1 else { throw ECGError(.invalidArgument, "a tensor of shape \(shape) is no scalar") }
      return try rowMajor().storage.floats[0]
    }
  }

  /// The type of the elements.
  public var type: ElementType { get throws { try layout.type } }

  /// Whether a tape will deliver a gradient here.
  public var requiresGradient: Bool { slot != nil }

  /// The gradient of the last ``Tape/backward(from:)``, for parameters and for tensors that ask for one.
  public var gradient: Tensor? { slot?.value }

  /// Asks for a gradient with respect to this tensor, an input of a network for instance.
  @discardableResult public func requiringGradient() -> Tensor {
    if slot == nil { slot = GradientSlot(of: self) }
    return self
  }

  /// The same elements in another layout of the same shape.
  func laidOut(as layout: Layout) throws -> Tensor {
    if layout == self.layout { return self }
    return Tensor(shape: shape, layout: layout, storage: try reorder(storage, from: self.layout, to: layout))
  }

  /// The same elements with the channels of [B, C, T] innermost and time outermost in memory.
  ///
  /// Kernels of one sample and LSTM layers are fastest so; the tensor's gradient is the same one.
  public func inTimeOrder() throws -> Tensor {
    guard shape.count == 3 else {
      throw ECGError(.invalidArgument, "a signal has the axes [B, C, T], not the shape \(shape)")
    }
    return sharing(
      try laidOut(as: Layout(shape, strides: [shape[1], 1, shape[0] * shape[1]], type: layout.type)))
  }

  /// The same elements, row-major and Float32.
  func rowMajor() throws -> Tensor {
    try laidOut(as: Layout(shape))
  }

  /// The same elements as another type; bfloat16 is rounded to nearest.
  ///
  /// The gradient comes back in this tensor's type.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `unsupported` where oneDNN does not convert to it on this processor.
  public func converted(to type: ElementType, tape: Tape? = nil) throws -> Tensor {
    if try layout.type == type { return self }
    let source = try layout.strides == nil ? rowMajor() : self
    let target = try Layout(shape, strides: source.layout.strides, type: type)
    let result = Tensor(
      shape: shape, layout: target, storage: try reorder(source.storage, from: source.layout, to: target))
    return result.recorded(on: tape, from: [self]) { [slot, layout] gradient in
      try slot?.add(gradient.converted(to: layout.type))
    }
  }

  /// The same tensor without its gradient: what a tape may keep of its own results.
  func unrecorded() -> Tensor { Tensor(shape: shape, layout: layout, storage: storage) }

  /// The same elements, row-major, of the same type.
  func dense() throws -> Tensor { try laidOut(as: Layout(shape, type: layout.type)) }

  /// A tensor with the same layout, its elements not yet written.
  func like() throws -> Tensor {
    Tensor(shape: shape, layout: layout, storage: try Storage(bytes: layout.bytes))
  }
}
