import ECGData

extension CaseIterable where Self: RawRepresentable<String> {
  /// All names, for a help text.
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// The case of a name.
  static func named(_ name: String) throws -> Self {
    guard let found = Self(rawValue: name) else {
      throw ECGError(.invalidArgument, "\"\(name)\" is none of \(names)")
    }
    return found
  }
}
