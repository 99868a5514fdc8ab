/// A set of folds as commands take it: `1-8`, `9`, `1-7,9`.
public struct Folds: Sendable, Equatable, Codable, CustomStringConvertible {
  /// The folds.
  public let values: Set<UInt8>

  /// A set of folds.
  public init(_ values: Set<UInt8>) {
    self.values = values
  }

  /// Parses a list of folds and ranges.
  ///
  /// - Throws: `ECGError.Code.invalidArgument`.
  public init(_ text: String) throws {
    var values: Set<UInt8> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        UInt8($0.trimmingSpaces())
      }
      guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high
      else {
        throw ECGError(.invalidArgument, "folds \"\(text)\" are not of the form 1-8 or 1-7,9")
      }
      values.formUnion(low...high)
    }
    self.values = values
  }

  /// The folds in order, separated by commas.
  public var description: String { values.sorted().map(String.init).joined(separator: ",") }

  /// Decodes the text form.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    if text.isEmpty { self.init([]) } else { try self.init(text) }
  }

  /// Encodes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
