/// What CPSC 2018 says of a record: one to three of its nine classes.
///
/// Source: Liu et al., J. Med. Imaging Health Inform. 8, 1368, 2018.
enum CPSC2018Labels {
  /// Classes of a record, in the words of ``Vocabulary/cpsc``; `Normal` only by itself.
  static func classes(_ statements: [SimulatedECG.Statement]) -> [String] {
    let names = StatementCodes.names(of: statements, in: \.cpsc)
    return names == ["Normal"] ? names : names.filter { $0 != "Normal" }
  }

  /// Whether the collection would hold the record.
  static func admit(_ statements: [SimulatedECG.Statement]) -> Bool {
    (1...3).contains(classes(statements).count)
  }

  /// The SNOMED CT codes by which the challenge of 2020 replaced the classes.
  static let snomed = [
    "Normal": "426783006", "AF": "164889003", "I-AVB": "270492004", "LBBB": "164909002", "RBBB": "59118001",
    "PAC": "284470004", "PVC": "164884008", "STD": "429622005", "STE": "164931005",
  ]

  /// 6 to 60 s, most of them 10 to 20, a half of them 10.
  static func duration(using generator: inout SplitMix64) -> Double {
    guard generator.uniform() < 0.5 else { return 10 }
    // Squared twice, so that long ones are rare.
    let draw = generator.uniform()
    return ((6 + 54 * draw * draw * draw * draw + 8 * generator.uniform()) * 500).rounded().clamped(
      3000...30_000) / 500
  }
}

extension Comparable {
  /// The nearest value within a range.
  fileprivate func clamped(_ range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
