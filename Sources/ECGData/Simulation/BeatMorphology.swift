import Foundation

/// The shape of one patient's beats: the waves of the dipole and the intervals between them.
///
/// A normal adult's values first, near the median of least-squares fits to PTB-XL's normal records; ``BeatMorphology/apply(_:severity:acuity:)`` turns them into those of a
/// finding.
struct BeatMorphology: Sendable {
  /// The atria's two halves, in seconds from the onset of P; empty when the atria do not beat as one.
  var atrial = [
    DipoleWave(0.030, width: 0.018, SIMD3(0.055, 0.062, -0.035)),
    DipoleWave(0.064, width: 0.020, SIMD3(0.072, 0.048, 0.020)),
  ]
  /// The activation of septum, apex and free wall, lateral wall and base, in seconds from the R peak.
  var septal = DipoleWave(-0.0195, width: 0.0072, SIMD3(0.0, -0.016, -0.27))
  var main = DipoleWave(0, width: 0.0089, SIMD3(1.14, 0.50, 0.21))
  var lateral = DipoleWave(0.0153, width: 0.0085, SIMD3(-0.04, 0.10, 0.62))
  var basal = DipoleWave(0.0315, width: 0.0081, SIMD3(-0.095, -0.02, 0.145))
  /// Further waves of the QRS complex that a finding adds.
  var extra: [DipoleWave] = []
  /// Onset and end of the QRS complex in seconds from the R peak.
  var onset = -0.038
  var end = 0.050
  /// The displacement of the ST segment.
  var st = SIMD3(0.005, -0.002, -0.068)
  /// The T wave's direction, and its widths in seconds at a heart rate of 60 per minute.
  var t = SIMD3(0.31, 0.15, -0.19)
  var tRise = 0.060
  var tFall = 0.040
  /// PR and QT intervals in seconds at a heart rate of 60 per minute.
  var pr = 0.156
  var qt = 0.395

  /// All waves of the QRS complex.
  var ventricular: [DipoleWave] { [septal, main, lateral, basal] + extra }

  /// The area under all waves of the QRS complex, in mV s but for a constant.
  var netArea: SIMD3<Double> { ventricular.reduce(.zero) { $0 + $1.vector * ($1.rise + $1.fall) } }

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
    extra = extra.map {
      DipoleWave($0.time, rise: $0.rise, fall: $0.fall, $0.vector.turnedFrontally(radians))
    }
    t = t.turnedFrontally(radians / 2)
  }

  /// Turns the heart until the frontal axis that a body shows lies within a range in degrees.
  mutating func turn(toAxis range: ClosedRange<Double>, through field: LeadField) {
    // A turn of the heart is not quite one of the axis.
    for _ in 0..<3 {
      let axis = field.axis(of: netArea)
      turn((min(max(axis, range.lowerBound), range.upperBound) - axis) * Double.pi / 180)
    }
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
    to dipole: inout HeartDipole, at time: Double, after interval: Double, variation: BeatVariation,
    rate: Double
  ) {
    let cubeRoot = Self.rateCorrection(interval)
    let gain = variation.gain
    for wave in ventricular {
      var wave = wave
      wave.vector = wave.vector.turnedFrontally(variation.turn)
      wave.add(to: &dipole.ventricles, at: time, rate: rate, gain: gain)
    }
    let atrialOnset = time + onset - conduction(after: interval)
    for wave in atrial {
      wave.add(to: &dipole.atria, at: atrialOnset, rate: rate, gain: variation.atrialGain)
    }
    // QT after Fridericia; T ends about two standard deviations after its peak.
    let peak = onset + (qt - 2 * tFall) * cubeRoot
    DipoleWave(peak, rise: tRise * cubeRoot, fall: tFall * cubeRoot, t)
      .add(to: &dipole.ventricles, at: time, rate: rate, gain: gain * variation.recoveryGain)
    let segment = max(peak - end, 0.04)
    DipoleWave(end + 0.3 * segment, rise: 0.17 * segment, fall: 0.4 * segment, st)
      .add(to: &dipole.ventricles, at: time, rate: rate, gain: gain)
  }
}

/// How one beat differs from the next.
struct BeatVariation: Sendable {
  /// Of QRS, ST and T.
  var gain = 1.0
  /// Of P.
  var atrialGain = 1.0
  /// Of T, on top of ``gain``.
  var recoveryGain = 1.0
  /// The turn of QRS in the frontal plane in radians: the heart moves as its owner breathes.
  var turn = 0.0
}
