/// One label as its source states it.
public struct Statement: Codable, Sendable, Hashable {
  /// The code with its vocabulary, such as `scp:NORM` or `snomed:164889003`.
  public var code: String
  /// The source's own value: PTB-XL's likelihood / 100 (0 means "unknown", not "absent"), else 1.
  public var value: Float

  /// A label.
  public init(code: String, value: Float) {
    self.code = code
    self.value = value
  }
}

/// The sex as the source states it; raw values are the shard's.
public enum Sex: UInt8, Codable, Sendable {
  /// Not given.
  case unknown = 0
  /// Female.
  case female = 1
  /// Male.
  case male = 2
}
