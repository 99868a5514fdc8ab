import Foundation

/// The interval between beats as a function of time: a mean, and the three bands in which a resting heart's
/// rate moves.
///
/// High frequency at respiration and low frequency around 0.1 Hz, each a few neighbouring sinusoids, and slower
/// movements whose power falls off as 1/f; the two peaks are those of McSharry et al. (IEEE Trans. Biomed. Eng.
/// 50, 2003), their sizes and their loss with age those of resting adults (Umetani et al., J. Am. Coll. Cardiol.
/// 31, 1998; Task Force of the ESC and NASPE, Circulation 93, 1996).
struct RateVariability: Sendable {
  /// The mean interval in seconds.
  let mean: Double
  /// Parts of ``mean``.
  private var waves: [(frequency: Double, phase: Double, size: Double)] = []

  init(
    of rhythm: SimulatedRhythm, age: Double, respiration: (rate: Double, phase: Double),
    using generator: inout SplitMix64
  ) {
    let perMinute: Double
    switch rhythm {
    case .sinus: perMinute = min(61 + abs(8.5 + 10.5 * generator.normal()), 97)
    case .bradycardia: perMinute = min(max(54 + 4 * generator.normal(), 41), 57.5)
    case .tachycardia: perMinute = min(max(110 + 9 * generator.normal(), 103), 145)
    case .arrhythmia: perMinute = generator.uniform(57..<84)
    case .fibrillation: perMinute = min(max(90 + 22 * generator.normal(), 50), 160)
    case .supraventricularTachycardia: perMinute = generator.uniform(140..<195)
    case .flutter, .paced: perMinute = generator.uniform(60..<76).rounded()
    }
    mean = 60 / perMinute
    // Standard deviations as parts of the interval; who is fit, young or at rest has more of each.
    let vagal = exp(0.5 * generator.normal() - (age - 20) / 45)
    let breathing: Double
    switch rhythm {
    case .arrhythmia: breathing = generator.uniform(0.08..<0.15)
    case .sinus, .bradycardia: breathing = min(0.031 * vagal, 0.05)
    case .tachycardia: breathing = min(0.010 * vagal, 0.02)
    case .supraventricularTachycardia: breathing = 0.002
    case .fibrillation, .flutter, .paced: breathing = 0
    }
    // In fibrillation only the slow trend of the ventricles' rate is left.
    let sympathetic: Double
    switch rhythm {
    case .sinus, .bradycardia, .arrhythmia:
      sympathetic = 0.022 * exp(0.4 * generator.normal() - (age - 20) / 80)
    case .tachycardia: sympathetic = 0.007
    case .fibrillation: sympathetic = 0.02
    case .flutter, .supraventricularTachycardia, .paced: sympathetic = 0.002
    }
    // The breath itself, so that rate and baseline go together, and its neighbours.
    waves.append((respiration.rate, respiration.phase, 0.9 * breathing * 2.0.squareRoot()))
    func add(_ frequency: Double, _ deviation: Double) {
      waves.append((frequency, generator.uniform(0..<(2 * Double.pi)), deviation * 2.0.squareRoot()))
    }
    for offset in [-0.02, 0.02] { add(respiration.rate + offset, 0.31 * breathing) }
    for offset in [-0.025, 0.0, 0.025] { add(0.1 + offset, sympathetic / 3.0.squareRoot()) }
    for octave in 0..<4 {
      add(0.005 * pow(2, Double(octave)) * generator.uniform(0.8..<1.2), 0.5 * sympathetic)
    }
  }

  /// The interval in seconds that begins at a time.
  func interval(at time: Double) -> Double {
    let change = waves.reduce(0) { $0 + $1.size * sin(2 * Double.pi * $1.frequency * time + $1.phase) }
    return mean * (1 + min(max(change, -0.4), 0.5))
  }
}
