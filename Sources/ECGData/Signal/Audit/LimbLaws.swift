/// Einthoven's and Goldberger's laws, III = II − I, aVR = −(I + II)/2, aVL = (I − III)/2, aVF = (II + III)/2: the six
/// limb leads are combinations of I and II.
///
/// Written as a projection: for a set of n limb leads y there is a matrix Q with Qy = 0 where the laws hold, and
/// |Qy|² = yᵀQy is the least change, in squares, that would make them hold. What a lead should be by the others
/// differs from what it is by (Qy)ₖ / Qₖₖ.
struct LimbLaws {
  /// The six limb leads in canonical order.
  static let leads: [Lead] = [.I, .II, .III, .aVR, .aVL, .aVF]

  /// A limb lead as weights of I and II.
  static func weights(of lead: Lead) -> (i: Double, ii: Double) {
    switch lead {
    case .I: (1, 0)
    case .II: (0, 1)
    case .III: (-1, 1)
    case .aVR: (-0.5, -0.5)
    case .aVL: (1, -0.5)
    case .aVF: (-0.5, 1)
    default: (0, 0)
    }
  }

  /// The leads that are asked, at least three.
  let leads: [Lead]
  /// Q, shape [leads, leads].
  let projector: [Double]
  /// How many independent laws join the leads: their number less two.
  let degreesOfFreedom: Double

  /// The laws of some limb leads, or nil if they are fewer than three: any two are free of each other.
  init?(_ leads: [Lead]) {
    guard leads.count > 2 else { return nil }
    self.leads = leads
    degreesOfFreedom = Double(leads.count - 2)
    let weights = leads.map(LimbLaws.weights)
    var (p, q, r) = (0.0, 0.0, 0.0)
    for weight in weights {
      p += weight.i * weight.i
      q += weight.i * weight.ii
      r += weight.ii * weight.ii
    }
    let determinant = p * r - q * q
    projector = weights.enumerated().flatMap { row, a in
      weights.enumerated().map { column, b in
        (row == column ? 1 : 0)
          - (r * a.i * b.i - q * (a.i * b.ii + a.ii * b.i) + p * a.ii * b.ii) / determinant
      }
    }
  }

  /// The rows of Q over its diagonal, shape [leads, leads]: what a lead is less what the others give for it.
  var differences: [Double] {
    projector.indices.map { projector[$0] / projector[$0 / leads.count * (leads.count + 1)] }
  }

  /// What two leads, neither a multiple of the other, make of a third: its factors of both.
  static func derivation(of lead: Lead, from first: Lead, _ second: Lead) -> (Double, Double) {
    let (wanted, a, b) = (weights(of: lead), weights(of: first), weights(of: second))
    let determinant = a.i * b.ii - a.ii * b.i
    return (
      (wanted.i * b.ii - wanted.ii * b.i) / determinant, (a.i * wanted.ii - a.ii * wanted.i) / determinant
    )
  }
}
