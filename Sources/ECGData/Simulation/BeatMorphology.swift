import Foundation

/// The shape of one patient's beats: the waves of the dipole and the intervals between them.
///
/// A normal adult's values first; ``BeatMorphology/apply(_:severity:acuity:)`` turns them into those of a
/// finding.
struct BeatMorphology: Sendable {
  /// The atria's two halves, in seconds from the onset of P; empty when the atria do not beat as one.
  var atrial = [
    DipoleWave(0.030, width: 0.018, SIMD3(0.03, 0.085, -0.05)),
    DipoleWave(0.064, width: 0.020, SIMD3(0.07, 0.055, 0.03)),
  ]
  /// The activation of septum, apex and free wall, lateral wall and base, in seconds from the R peak.
  var septal = DipoleWave(-0.023, width: 0.0085, SIMD3(-0.14, 0.02, -0.24))
  var main = DipoleWave(0, width: 0.0105, SIMD3(0.90, 0.75, 0.10))
  var lateral = DipoleWave(0.018, width: 0.0100, SIMD3(0.15, 0.15, 0.68))
  var basal = DipoleWave(0.037, width: 0.0095, SIMD3(-0.16, -0.10, 0.14))
  /// Further waves of the QRS complex that a finding adds.
  var extra: [DipoleWave] = []
  /// Onset and end of the QRS complex in seconds from the R peak.
  var onset = -0.044
  var end = 0.054
  /// The displacement of the ST segment.
  var st = SIMD3(0.01, 0.01, -0.02)
  /// The T wave's direction, and its widths in seconds at a heart rate of 60 per minute.
  var t = SIMD3(0.27, 0.20, -0.14)
  var tRise = 0.066
  var tFall = 0.040
  /// PR and QT intervals in seconds at a heart rate of 60 per minute.
  var pr = 0.155
  var qt = 0.40

  /// All waves of the QRS complex.
  var ventricular: [DipoleWave] { [septal, main, lateral, basal] + extra }

  /// Stretches the QRS complex around the R peak.
  mutating func widen(_ factor: Double) {
    septal = septal.stretched(factor)
    main = main.stretched(factor)
    lateral = lateral.stretched(factor)
    basal = basal.stretched(factor)
    extra = extra.map { $0.stretched(factor) }
    onset *= factor
    end *= factor
  }

  /// Turns the QRS complex, and half as far the T wave, in the frontal plane.
  mutating func turn(_ radians: Double) {
    septal.vector = septal.vector.turnedFrontally(radians)
    main.vector = main.vector.turnedFrontally(radians)
    lateral.vector = lateral.vector.turnedFrontally(radians)
    basal.vector = basal.vector.turnedFrontally(radians)
    t = t.turnedFrontally(radians / 2)
  }

  /// The PR interval in seconds of a beat after an interval: shorter at a higher rate.
  private func conduction(after interval: Double) -> Double { pr * (0.8 + 0.2 * min(interval, 1.2)) }

  /// The intervals at a heart rate in beats a minute; a rate of 0 is taken for 60.
  func intervals(heartRate: Double, hasSinusNode: Bool) -> SimulatedECG.Intervals {
    let interval = heartRate > 0 ? 60 / heartRate : 1
    return SimulatedECG.Intervals(
      pr: hasSinusNode ? conduction(after: interval) : nil, qrs: end - onset,
      qt: qt * Self.rateCorrection(interval), correctedQT: qt)
  }

  /// Fridericia's cube root, within the intervals for which it was found.
  private static func rateCorrection(_ interval: Double) -> Double { cbrt(min(max(interval, 0.35), 1.5)) }

  /// Adds one beat whose R peak lies at `time` seconds, after an interval of `interval` seconds.
  func add(
    to dipole: inout [SIMD3<Double>], at time: Double, after interval: Double, gain: Double, rate: Double
  ) {
    let cubeRoot = Self.rateCorrection(interval)
    for wave in ventricular { wave.add(to: &dipole, at: time, rate: rate, gain: gain) }
    let atrialOnset = time + onset - conduction(after: interval)
    for wave in atrial { wave.add(to: &dipole, at: atrialOnset, rate: rate) }
    // QT after Fridericia; T ends about two standard deviations after its peak.
    let peak = onset + (qt - 2 * tFall) * cubeRoot
    DipoleWave(peak, rise: tRise * cubeRoot, fall: tFall * cubeRoot, t)
      .add(to: &dipole, at: time, rate: rate, gain: gain)
    let segment = max(peak - end, 0.04)
    DipoleWave(end + 0.3 * segment, rise: 0.17 * segment, fall: 0.4 * segment, st)
      .add(to: &dipole, at: time, rate: rate, gain: gain)
  }
}
