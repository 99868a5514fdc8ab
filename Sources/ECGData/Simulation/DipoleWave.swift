import Foundation

/// One deflection of the heart's electrical dipole: a Gaussian in time, with a direction.
///
/// Directions are those of Frank's orthogonal leads: x to the patient's left, y to the feet, z to the back,
/// in mV as Frank's leads show them. The heart as a moving dipole, each wave a Gaussian, is the model of
/// McSharry et al. (IEEE Trans. Biomed. Eng. 50, 2003) and its 3-D form by Sameni et al. (EURASIP J. Adv.
/// Signal Process., 2007).
struct DipoleWave: Sendable {
  /// The time of the peak in seconds from the reference of its wave (P onset, or the R peak).
  var time: Double
  /// The standard deviations in seconds before and after the peak.
  var rise: Double
  var fall: Double
  var vector: SIMD3<Double>

  init(_ time: Double, width: Double, _ vector: SIMD3<Double>) {
    self.init(time, rise: width, fall: width, vector)
  }

  init(_ time: Double, rise: Double, fall: Double, _ vector: SIMD3<Double>) {
    self.time = time
    self.rise = rise
    self.fall = fall
    self.vector = vector
  }

  /// The same deflection `factor` times as long, with its time measured from the reference.
  func stretched(_ factor: Double) -> DipoleWave {
    DipoleWave(time * factor, rise: rise * factor, fall: fall * factor, vector)
  }

  /// Adds the wave, whose reference lies at `reference` seconds, to a dipole sampled at `rate` Hz from second
  /// 0.
  func add(to dipole: inout [SIMD3<Double>], at reference: Double, rate: Double, gain: Double = 1) {
    // Beyond five standard deviations a wave of 1 mV is below 4 nV.
    let peak = reference + time
    let first = max(0, ((peak - 5 * rise) * rate).rounded(.up))
    let end = min(Double(dipole.count), ((peak + 5 * fall) * rate).rounded(.up))
    guard first < end else { return }
    for index in Int(first)..<Int(end) {
      let distance = Double(index) / rate - peak
      let ratio = distance / (distance < 0 ? rise : fall)
      dipole[index] += vector * (gain * exp(-0.5 * ratio * ratio))
    }
  }
}

/// The dipoles of the heart's two storeys over time; they appear at the chest differently, for the atria lie
/// deeper.
struct HeartDipole: Sendable {
  var atria: [SIMD3<Double>]
  var ventricles: [SIMD3<Double>]

  init(count: Int) {
    atria = [SIMD3<Double>](repeating: .zero, count: count)
    ventricles = atria
  }
}

extension SIMD3<Double> {
  /// Turned in the frontal plane, clockwise as the patient is looked at: left → feet.
  func turnedFrontally(_ radians: Double) -> SIMD3<Double> {
    SIMD3(x * cos(radians) - y * sin(radians), x * sin(radians) + y * cos(radians), z)
  }
}
