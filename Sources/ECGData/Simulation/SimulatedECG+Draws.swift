import Foundation

extension SimulatedECG {
  /// Draws a rhythm, each about as frequent as in PTB-XL; a normal ECG has a sinus rhythm.
  static func drawRhythm(isNormal: Bool, _ generator: inout SplitMix64) -> SimulatedRhythm {
    let normal: [(SimulatedRhythm, Double)] = [
      (.sinus, 0.85), (.bradycardia, 0.045), (.arrhythmia, 0.065), (.tachycardia, 0.04),
    ]
    let abnormal: [(SimulatedRhythm, Double)] = [
      (.sinus, 0.755), (.fibrillation, 0.12), (.tachycardia, 0.045), (.bradycardia, 0.023),
      (.arrhythmia, 0.022),
      (.flutter, 0.01), (.supraventricularTachycardia, 0.003), (.paced, 0.022),
    ]
    var rest = generator.uniform()
    for (rhythm, share) in isNormal ? normal : abnormal {
      rest -= share
      if rest < 0 { return rhythm }
    }
    return .sinus
  }

  /// How sure a reader is of a finding, and how severe it looks: the less severe, the less sure.
  ///
  /// Severity is 1 for a plain case; PTB-XL's own are spread widely around 0.8.
  static func drawCertainty(
    of finding: SimulatedFinding, _ generator: inout SplitMix64
  ) -> (likelihood: Double, severity: Double) {
    let spread = exp(0.30 * min(max(generator.normal(), -2), 2))
    // Blocks are measured, not guessed.
    if finding.superclass == .conduction { return (100, min(max(0.8 * spread, 0.45), 1.4)) }
    let isInfarction = finding.superclass == .infarction
    let draw = generator.uniform()
    if draw < 0.55 { return (100, (isInfarction ? 0.95 : 0.90) * spread) }
    if draw < 0.70 { return (80, (isInfarction ? 0.80 : 0.85) * spread) }
    if draw < 0.90 { return (50, (isInfarction ? 0.60 : 0.75) * spread) }
    return isInfarction ? (15, 0.45 * spread) : (35, 0.65 * spread)
  }

  /// Whether premature beats come, and how; most of them alone.
  static func drawEctopy(isNormal: Bool, _ generator: inout SplitMix64) -> BeatSequence.Ectopy {
    let isEctopic = generator.uniform() < (isNormal ? 0.04 : 0.11)
    let draw = generator.uniform()
    let count = 1 + generator.index(below: 3)
    if !isEctopic { return .scattered(0) }
    return draw < 0.06 ? .every(2) : draw < 0.10 ? .every(3) : .scattered(count)
  }

  /// The statements of form: those that can be measured, and those that readers add to a scar.
  static func forms(
    of beat: BeatMorphology, through field: LeadField, with findings: [SimulatedFinding],
    _ generator: inout SplitMix64
  ) -> [String] {
    let (isScarred, isWritten) = (findings.contains(where: \.isScar), generator.uniform())
    // ST and T that follow from a block say nothing of their own.
    let isSecondary = !Set(findings).isDisjoint(with: [.leftBundleBranchBlock, .preexcitation])
    var codes = BeatMeasures(of: beat, through: field).forms
    if isSecondary || findings.isEmpty {
      let repolarization = ["STE_", "STD_", "INVT", "LOWT"]
      // Early repolarization is the one that a normal heart has.
      codes.removeAll { repolarization.contains($0) && (isSecondary || $0 != "STE_") }
    }
    // Tall S waves raise ST as well; that is not stated.
    if !findings.isEmpty, !isScarred, !findings.contains(.aneurysm) { codes.removeAll { $0 == "STE_" } }
    if isScarred, isWritten < 0.6 { codes.append("ABQRS") }
    if isScarred, (0.5..<0.65).contains(isWritten) { codes.append("QWAVE") }
    if findings.contains(.firstDegreeBlock), isWritten < 0.3 { codes.append("LPR") }
    return codes
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
    beat.septal = DipoleWave(-0.037, width: 0.016, 0.35 * focus)
    beat.main = DipoleWave(0, width: 0.021, 1.45 * focus)
    beat.lateral = DipoleWave(0.044, width: 0.020, 0.8 * focus.turnedFrontally(0.5))
    beat.basal = DipoleWave(0.078, width: 0.016, 0.15 * focus)
    (beat.onset, beat.end) = (-0.070, 0.108)
    beat.st = -0.20 * focus
    beat.t = -0.55 * focus
    beat.qt = 0.45
    return beat
  }

  /// Turns a beat into one that a pacemaker releases at the apex of the right ventricle.
  mutating func pace() {
    self = BeatMorphology.ectopic(SIMD3(0.55, -0.75, 0.65))
    let stimulus = DipoleWave(-0.080, width: 0.0012, SIMD3(0.4, 0.6, -0.3))
    extra = [stimulus]
  }
}
