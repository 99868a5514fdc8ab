/// A value that may be absent and is written as `null` then, so that the keys of a result are always the same.
public struct Nullable<Value: Codable & Sendable>: Codable, Sendable {
  /// The value, or nil.
  public var value: Value?

  /// Wraps a value.
  public init(_ value: Value?) { self.value = value }

  /// Decodes a value or `null`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    value = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  /// Encodes the value or `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let value { try container.encode(value) } else { try container.encodeNil() }
  }
}

extension KeyedDecodingContainer {
  /// A value that an earlier version may not have written.
  public func decode<Value>(_ type: Nullable<Value>.Type, forKey key: Key) throws -> Nullable<Value> {
    try decodeIfPresent(type, forKey: key) ?? Nullable(nil)
  }
}
