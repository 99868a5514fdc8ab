internal import ECGData

/// Looks at what the layers of a network deliver, in the order in which they do.
@ComputeActor final class Inspection {
  private static var current: Inspection?

  private let names: [ObjectIdentifier: String]
  private let look: (_ layer: String, _ result: Tensor) throws -> Void

  private init(_ network: any Module, look: @escaping (String, Tensor) throws -> Void) {
    names = Dictionary(Self.modules(of: network, "")) { first, _ in first }
    self.look = look
  }

  private static func modules(of module: any Module, _ name: String) -> [(ObjectIdentifier, String)] {
    [(ObjectIdentifier(module), name)]
      + module.children.flatMap { modules(of: $0.module, name.isEmpty ? $0.name : "\(name).\($0.name)") }
  }

  /// Runs `body` and calls `look` with the name and the result of each layer of a network that is applied in it.
  static func of(
    _ network: any Module, during body: () throws -> Void,
    look: @escaping (_ layer: String, _ result: Tensor) throws -> Void
  ) throws {
    current = Inspection(network, look: look)
    defer { current = nil }
    try body()
  }

  /// Tells of a layer's result.
  static func saw(_ result: Tensor, of module: any Module) throws {
    guard let current else { return }
    let kind = "\(type(of: module))"
    try current.look(current.names[ObjectIdentifier(module)].map { "\($0) (\(kind))" } ?? kind, result)
  }
}

extension Module {
  /// A result of this layer, told to whoever inspects the network.
  func delivered(_ result: Tensor) throws -> Tensor {
    try Inspection.saw(result, of: self)
    return result
  }
}
