extension SimulatedECG {
  /// Draws a rhythm, each about as frequent as in PTB-XL; a normal ECG has a sinus rhythm.
  static func drawRhythm(isNormal: Bool, _ generator: inout SplitMix64) -> SimulatedRhythm {
    let normal: [(SimulatedRhythm, Double)] = [
      (.sinus, 0.76), (.bradycardia, 0.08), (.arrhythmia, 0.09), (.tachycardia, 0.07),
    ]
    let abnormal: [(SimulatedRhythm, Double)] = [
      (.sinus, 0.72), (.fibrillation, 0.12), (.tachycardia, 0.06), (.bradycardia, 0.05), (.arrhythmia, 0.02),
      (.flutter, 0.01), (.paced, 0.02),
    ]
    var rest = generator.uniform()
    for (rhythm, share) in isNormal ? normal : abnormal {
      rest -= share
      if rest < 0 { return rhythm }
    }
    return .sinus
  }

  /// How sure a reader is of a finding, and how severe it looks: the less severe, the less sure.
  static func drawCertainty(
    of finding: SimulatedFinding, _ generator: inout SplitMix64
  ) -> (likelihood: Double, severity: Double) {
    // Blocks are measured, not guessed.
    if finding.superclass == .conduction { return (100, generator.uniform(0.45..<1.2)) }
    let isInfarction = finding.superclass == .infarction
    let draw = generator.uniform()
    if draw < 0.55 { return (100, generator.uniform(isInfarction ? 0.45..<1.1 : 0.7..<1.2)) }
    if draw < 0.70 { return (80, generator.uniform(isInfarction ? 0.35..<0.9 : 0.65..<1.05)) }
    if draw < 0.90 { return (50, generator.uniform(isInfarction ? 0.20..<0.6 : 0.5..<0.9)) }
    return isInfarction ? (15, generator.uniform(0.10..<0.35)) : (35, generator.uniform(0.4..<0.7))
  }

  /// Beats a minute between the first and the last beat.
  static func rate(of beats: [SimulatedBeat]) -> Double {
    guard let first = beats.first, let last = beats.last, last.time > first.time else { return 0 }
    return 60 * Double(beats.count - 1) / (last.time - first.time)
  }
}

extension BeatMorphology {
  /// A beat that starts in a ventricle: no P, a wide QRS complex, ST and T against it.
  static func ectopic(_ focus: SIMD3<Double>) -> BeatMorphology {
    var beat = BeatMorphology()
    beat.atrial = []
    beat.septal = DipoleWave(-0.045, width: 0.020, 0.35 * focus)
    beat.main = DipoleWave(0, width: 0.026, 1.45 * focus)
    beat.lateral = DipoleWave(0.055, width: 0.024, 0.8 * focus.turnedFrontally(0.5))
    beat.basal = DipoleWave(0.095, width: 0.020, 0.15 * focus)
    (beat.onset, beat.end) = (-0.085, 0.13)
    beat.st = -0.20 * focus
    beat.t = -0.55 * focus
    beat.qt = 0.45
    return beat
  }

  /// Turns a beat into one that a pacemaker releases at the apex of the right ventricle.
  mutating func pace() {
    self = BeatMorphology.ectopic(SIMD3(0.55, -0.75, 0.65))
    let stimulus = DipoleWave(-0.095, width: 0.0012, SIMD3(0.5, 1.0, -0.4))
    extra = [stimulus]
  }
}
