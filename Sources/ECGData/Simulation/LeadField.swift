import Foundation

/// How the heart's dipole appears at the body's surface: eight independent leads, and the four that follow
/// from them.
///
/// The lead vectors are those of Dower, Machado and Osborne (Clin. Cardiol. 3, 1980), with I, V1 and V2 moved
/// towards PTB-XL's normal records, and varied from body to body.
struct LeadField: Sendable {
  /// Lead vectors of I, II, V1 … V6 for a dipole in Frank's coordinates.
  private var vectors: [SIMD3<Double>]

  private static let torso: [SIMD3<Double>] = [
    SIMD3(0.66, -0.10, 0.02), SIMD3(0.235, 1.066, -0.132),
    SIMD3(-0.50, 0.20, -0.80), SIMD3(0.03, 0.19, -1.52), SIMD3(0.882, 0.098, -1.277),
    SIMD3(1.213, 0.127, -0.601), SIMD3(1.125, 0.127, -0.086), SIMD3(0.831, 0.076, 0.230),
  ]

  /// How far lead vectors are from these, body to body: what a single dipole leaves unexplained of PTB-XL's
  /// normal complexes.
  private static let deviations = [0.10, 0.06, 0.14, 0.16, 0.15, 0.11, 0.08, 0.08]

  /// A body with chest electrodes up to half their distance off and somewhat other coefficients.
  init(using generator: inout SplitMix64) {
    vectors = Self.torso
    let shift = min(max(0.25 * generator.normal(), -0.5), 0.5)
    for lead in 2..<8 {
      let neighbour = Self.torso[min(max(lead + (shift < 0 ? -1 : 1), 2), 7)]
      vectors[lead] += (neighbour - vectors[lead]) * abs(shift)
    }
    for lead in vectors.indices {
      let deviation = Self.deviations[lead]
      vectors[lead] += deviation * SIMD3(generator.normal(), generator.normal(), generator.normal())
      // The depth of the chest, and the electrode's place in height.
      if lead >= 2 { vectors[lead] *= exp(0.08 * generator.normal()) }
    }
  }

  /// How much of an atrial dipole reaches a lead, compared with a ventricular one.
  ///
  /// The atria lie behind, far from V3 … V6; chosen for PTB-XL's P waves.
  private static let atrialShare = SIMD8<Double>(1, 1, 0.8, 0.7, 0.5, 0.45, 0.45, 0.5)

  /// The potentials in I, II, V1 … V6 of a heart.
  func project(_ heart: HeartDipole) -> [SIMD8<Double>] {
    zip(heart.ventricles, heart.atria).map { project($0) + Self.atrialShare * project($1) }
  }

  /// The potentials in I, II, V1 … V6 of a dipole of the ventricles.
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
