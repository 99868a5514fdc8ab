/// Einthoven's and Goldberger's laws as a check: III = II − I, aVR = −(I + II)/2, aVL = (I − III)/2, aVF =
/// (II + III)/2.
public enum LimbLaws {
  /// One law that does not hold.
  public struct Violation: Sendable, Equatable {
    /// The law, as `III = II - I`.
    public var law: String
    /// Root mean square of the difference of both sides, in µV.
    public var residual: Double
  }

  /// A law is broken if its sides differ by more than this share of the largest lead it joins, both as RMS.
  static let relativeTolerance = 0.2
  /// The sides must differ by this many µV as well, so that rounding and near-silent leads do not count.
  static let absoluteTolerance = 20.0

  private static let laws: [(text: String, left: Lead, a: Lead, wa: Double, b: Lead, wb: Double)] = [
    ("III = II - I", .III, .II, 1, .I, -1),
    ("aVR = -(I + II)/2", .aVR, .I, -0.5, .II, -0.5),
    ("aVL = (I - III)/2", .aVL, .I, 0.5, .III, -0.5),
    ("aVF = (II + III)/2", .aVF, .II, 0.5, .III, 0.5),
  ]

  /// The laws that the recorded leads break; laws with an absent or derived lead are not asked.
  public static func violations(in signal: PhysicalSignal) -> [Violation] {
    var cache: [Lead: [Double]] = [:]
    func samples(_ lead: Lead) -> [Double]? {
      guard signal.mask.contains(lead), !signal.leadFlags[lead.rawValue].contains(.derived) else {
        return nil
      }
      if let known = cache[lead] { return known }
      let values = signal[lead]
      cache[lead] = values
      return values
    }
    return laws.compactMap { law in
      guard let left = samples(law.left), let a = samples(law.a), let b = samples(law.b) else { return nil }
      var squares = (residual: 0.0, left: 0.0, a: 0.0, b: 0.0)
      var count = 0.0
      for index in left.indices where !(left[index] + a[index] + b[index]).isNaN {
        let difference = left[index] - (law.wa * a[index] + law.wb * b[index])
        squares.residual += difference * difference
        squares.left += left[index] * left[index]
        squares.a += a[index] * a[index]
        squares.b += b[index] * b[index]
        count += 1
      }
      guard count > 0 else { return nil }
      let residual = (squares.residual / count).squareRoot()
      let largest = (max(squares.left, squares.a, squares.b) / count).squareRoot()
      guard residual > absoluteTolerance, residual > relativeTolerance * largest else { return nil }
      return Violation(law: law.text, residual: residual)
    }
  }
}
