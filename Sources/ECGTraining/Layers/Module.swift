public import ECGData

/// Values under a name, as checkpoints hold them.
public struct NamedValues: Sendable, Equatable {
  /// The name, in PyTorch's `state_dict` convention.
  public var name: String
  /// The shape, as PyTorch's; empty for a single number.
  public var shape: [Int]
  /// The values, row-major.
  public var values: [Float]

  /// Names some values.
  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// Numbers that belong to a layer but are not trained, such as running statistics.
@ComputeActor public final class Buffer {
  /// The shape that checkpoints state; empty for a single number.
  public let shape: [Int]
  let tensor: Tensor

  init(repeating value: Float, shape: [Int]) throws {
    self.shape = shape
    tensor = try Tensor(repeating: value, shape: shape.isEmpty ? [1] : shape)
  }
}

/// A layer or a network: named parameters, buffers and children, in the order in which PyTorch lists them.
///
/// Names and shapes are those of PyTorch's `state_dict`, so that checkpoints can be exchanged.
@ComputeActor public protocol Module: AnyObject {
  /// The parameters of this module itself.
  var ownParameters: [(name: String, parameter: Parameter)] { get }
  /// The buffers of this module itself, listed after its parameters.
  var ownBuffers: [(name: String, buffer: Buffer)] { get }
  /// The modules it consists of.
  var children: [(name: String, module: any Module)] { get }
  /// Stops or resumes the training of everything in this module, running statistics included.
  func setFrozen(_ isFrozen: Bool)
  /// Gives everything in this module that draws at random its seed for the next step.
  func reseed(_ generator: inout SplitMix64)
}

extension Module {
  /// None, unless a module says otherwise.
  public var ownParameters: [(name: String, parameter: Parameter)] { [] }
  /// None, unless a module says otherwise.
  public var ownBuffers: [(name: String, buffer: Buffer)] { [] }
  /// None, unless a module says otherwise.
  public var children: [(name: String, module: any Module)] { [] }

  /// Stops or resumes the training of everything in this module, running statistics included.
  public func setFrozen(_ isFrozen: Bool) {
    for (_, parameter) in ownParameters { parameter.isFrozen = isFrozen }
    for (_, child) in children { child.setFrozen(isFrozen) }
  }

  /// Passes the generator on to the modules it consists of.
  public func reseed(_ generator: inout SplitMix64) {
    for (_, child) in children { child.reseed(&generator) }
  }

  /// Every parameter with its full name.
  public var parameters: [(name: String, parameter: Parameter)] {
    ownParameters
      + children.flatMap { child in
        child.module.parameters.map { (name: "\(child.name).\($0.name)", parameter: $0.parameter) }
      }
  }

  /// Every parameter and buffer with its full name; the shape is the one that checkpoints state.
  var tensors: [(name: String, shape: [Int], tensor: Tensor)] {
    ownParameters.map { (name: $0.name, shape: $0.parameter.tensor.shape, tensor: $0.parameter.tensor) }
      + ownBuffers.map { (name: $0.name, shape: $0.buffer.shape, tensor: $0.buffer.tensor) }
      + children.flatMap { child in
        child.module.tensors.map { (name: "\(child.name).\($0.name)", shape: $0.shape, tensor: $0.tensor) }
      }
  }

  /// Every parameter and buffer by name: what a checkpoint holds.
  public func state() throws -> [NamedValues] {
    try tensors.map { NamedValues(name: $0.name, shape: $0.shape, values: try $0.tensor.values) }
  }

  /// Sets every parameter and buffer; the order does not matter.
  ///
  /// Nothing is changed unless everything fits.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `mismatch` naming what is missing, surplus, twice there or of
  ///   another shape.
  public func load(_ state: [NamedValues]) throws {
    let given = try Dictionary(state.map { ($0.name, $0) }) { first, _ in
      throw ECGError(.mismatch, "\(first.name) occurs twice in the stored network")
    }
    let tensors = tensors
    let surplus = Set(given.keys).subtracting(tensors.map(\.name)).sorted()
    if let name = surplus.first {
      throw ECGError(.mismatch, "\(name) is stored, but this network has no such tensor")
    }
    for (name, shape, tensor) in tensors {
      guard let values = given[name] else {
        throw ECGError(.mismatch, "\(name) is missing in the stored network")
      }
      guard values.shape == shape, values.values.count == tensor.count else {
        throw ECGError(.mismatch, "\(name) is stored with shape \(values.shape), not \(shape)")
      }
    }
    for (name, _, tensor) in tensors {
      if let values = given[name] { try tensor.overwrite(values.values) }
    }
  }
}
