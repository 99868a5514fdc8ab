import Foundation

/// How the heart's dipole appears at the body's surface: eight independent leads, and the four that follow
/// from them.
///
/// The lead vectors are those of Dower, Machado and Osborne (Clin. Cardiol. 3, 1980), varied from body to
/// body.
struct LeadField: Sendable {
  /// Lead vectors of I, II, V1 … V6 for a dipole in Frank's coordinates.
  private var vectors: [SIMD3<Double>]

  private static let dower: [SIMD3<Double>] = [
    SIMD3(0.632, -0.235, 0.059), SIMD3(0.235, 1.066, -0.132),
    SIMD3(-0.515, 0.157, -0.917), SIMD3(0.044, 0.164, -1.387), SIMD3(0.882, 0.098, -1.277),
    SIMD3(1.213, 0.127, -0.601), SIMD3(1.125, 0.127, -0.086), SIMD3(0.831, 0.076, 0.230),
  ]

  /// A body like Dower's, with chest electrodes up to 30 % of their distance off and slightly other
  /// coefficients.
  init(using generator: inout SplitMix64) {
    vectors = Self.dower
    let shift = generator.uniform(-0.3..<0.3)
    for lead in 2..<8 {
      let neighbour = Self.dower[min(max(lead + (shift < 0 ? -1 : 1), 2), 7)]
      vectors[lead] += (neighbour - vectors[lead]) * abs(shift)
    }
    for lead in vectors.indices {
      vectors[lead] += 0.04 * SIMD3(generator.normal(), generator.normal(), generator.normal())
    }
  }

  /// The potentials in I, II, V1 … V6 of a dipole.
  func project(_ dipole: SIMD3<Double>) -> SIMD8<Double> {
    var leads = SIMD8<Double>.zero
    for lead in vectors.indices { leads[lead] = (vectors[lead] * dipole).sum() }
    return leads
  }

  /// The frontal QRS axis in degrees from the net areas of I and aVF.
  func axis(of net: SIMD3<Double>) -> Double {
    let leads = project(net)
    // aVF is 2/√3 times too small against I for an equilateral triangle.
    return atan2((leads[1] - leads[0] / 2) * 2 / 3.0.squareRoot(), leads[0]) * 180 / Double.pi
  }

  /// Twelve leads in canonical order from I, II, V1 … V6, by Einthoven's and Goldberger's laws.
  static func append(_ leads: SIMD8<Double>, to samples: inout [Double]) {
    let (one, two) = (leads[0], leads[1])
    samples.append(one)
    samples.append(two)
    samples.append(two - one)
    samples.append(-(one + two) / 2)
    samples.append(one - two / 2)
    samples.append(two - one / 2)
    for lead in 2..<8 { samples.append(leads[lead]) }
  }
}
