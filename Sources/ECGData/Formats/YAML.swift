import Yams

/// Recipes as YAML: every key optional, every key known.
public enum YAML {
  /// Decodes a text over defaults: keys that the text leaves out keep the default's value.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` for a key that the recipe does not have, listing those it has,
  ///   and for a value of the wrong type.
  public static func decode<Value: Codable>(_ text: String, over defaults: Value, file: String) throws
    -> Value
  {
    do {
      guard let changes = try Yams.compose(yaml: text), !isEmpty(changes) else { return defaults }
      guard isSmall(changes) else {
        throw ECGError(.invalidArgument, "has more than \(nodeLimit) values", file: file)
      }
      guard let base = try Yams.compose(yaml: YAMLEncoder().encode(defaults)) else { return defaults }
      let merged = try overlay(changes, on: base, path: "", file: file)
      return try YAMLDecoder().decode(Value.self, from: Yams.serialize(node: merged))
    } catch let error as YamlError {
      throw ECGError(.invalidArgument, "is not valid YAML: \(error)", file: file)
    } catch let error as DecodingError {
      throw ECGError(.invalidArgument, describe(error), file: file)
    }
  }

  /// Decodes a text as it stands.
  ///
  /// - Throws: what the decoder throws.
  static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    try YAMLDecoder().decode(type, from: text)
  }

  /// The YAML of a recipe, keys in the order that its type declares them.
  public static func encode(_ value: some Encodable) throws -> String {
    let text = try YAMLEncoder().encode(value)
    guard let node = try Yams.compose(yaml: text) else { return text }
    return try Yams.serialize(node: legible(node), allowUnicode: true)
  }

  /// The values of a text by their keys, which dots join.
  ///
  /// So `optimizer.learning_rate` is one. A list is one value.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` for text that is no YAML.
  public static func entries(_ text: String, file: String) throws -> [(key: String, value: String)] {
    func entries(_ node: Node, _ key: String) -> [(key: String, value: String)] {
      guard case .mapping(let mapping) = node, !mapping.isEmpty else { return [(key, line(node))] }
      return mapping.flatMap { name, value in
        entries(value, (key.isEmpty ? "" : key + ".") + (name.string ?? ""))
      }
    }
    do {
      return try Yams.compose(yaml: text).map { entries($0, "") } ?? []
    } catch let error as YamlError {
      throw ECGError(.invalidArgument, "is not valid YAML: \(error)", file: file)
    }
  }

  private static func line(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : scalar.string
    case .sequence(let sequence): "[" + sequence.map(line).joined(separator: ", ") + "]"
    case .mapping(let mapping):
      "{" + mapping.map { "\($0.string ?? ""): \(line($1))" }.joined(separator: ", ") + "}"
    default: ""
    }
  }

  /// The same values, numbers as people write them: the encoder's 400 is `4e+2`.
  private static func legible(_ node: Node) -> Node {
    switch node {
    case .mapping(var mapping):
      for (key, value) in mapping { mapping[key] = legible(value) }
      return .mapping(mapping)
    case .sequence(var sequence):
      for index in sequence.indices { sequence[index] = legible(sequence[index]) }
      return .sequence(sequence)
    case .scalar(var scalar):
      guard scalar.style == .plain, scalar.string.contains("e"), let number = Double(scalar.string),
        number.isFinite
      else { return node }
      let text = "\(number)"
      scalar.string = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
      return .scalar(scalar)
    default:
      return node
    }
  }

  /// More values than any recipe has; aliases of aliases would grow without end when written out.
  private static let nodeLimit = 1000

  private static func isSmall(_ root: Node) -> Bool {
    var pending = [root]
    var count = 0
    while let node = pending.popLast() {
      count += 1
      if count > nodeLimit { return false }
      switch node {
      case .mapping(let mapping): pending += mapping.flatMap { [$0.key, $0.value] }
      case .sequence(let sequence): pending += sequence
      default: break
      }
    }
    return true
  }

  private static func isEmpty(_ node: Node) -> Bool {
    node.scalar.map { $0.string.isEmpty || $0.string == "null" } ?? false
  }

  private static func overlay(_ changes: Node, on base: Node, path: String, file: String) throws -> Node {
    // An empty mapping is one whose keys are the user's own, such as names of sources.
    guard case .mapping(let new) = changes, case .mapping(var old) = base, !old.isEmpty else {
      return changes
    }
    for (key, value) in new {
      let name = key.string ?? ""
      guard let previous = old[key] else {
        let known = old.keys.compactMap(\.string).joined(separator: ", ")
        throw ECGError(
          .invalidArgument, "there is no key \"\(path)\(name)\"", file: file, advice: "the keys are \(known)")
      }
      old[key] = try overlay(value, on: previous, path: "\(path)\(name).", file: file)
    }
    return .mapping(old)
  }

  private static func describe(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context),
      .keyNotFound(_, let context):
      let path = context.codingPath.reduce("") { path, key in
        if let index = key.intValue { return "\(path)[\(index)]" }
        return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
      }
      return "the value of \"\(path)\" is not what it should be: \(context.debugDescription)"
    @unknown default:
      return "a value is not what it should be"
    }
  }
}
