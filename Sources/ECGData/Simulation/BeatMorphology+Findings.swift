extension BeatMorphology {
  /// Changes the beats to those of a finding.
  ///
  /// - Parameters:
  ///   - finding: What is to be seen.
  ///   - severity: 1 for a textbook case, 0 for nothing to be seen.
  ///   - acuity: For an infarction, 1 for the first day (ST elevation, upright T), 0 for an old one (Q and
  ///     inverted T).
  mutating func apply(_ finding: SimulatedFinding, severity: Double, acuity: Double) {
    switch finding.superclass {
    case .infarction: applyInfarction(finding, severity, acuity)
    case .repolarization: applyRepolarization(finding, severity)
    case .conduction: applyConduction(finding, severity)
    case .hypertrophy: applyHypertrophy(finding, severity)
    }
  }

  /// What an infarction does to the waves of QRS, and to ST and T.
  ///
  /// The wall that died no longer pulls, so the early forces point away from it; ST points towards it while it
  /// is fresh, T away from it later.
  private struct Scar {
    var septal = SIMD3<Double>.zero
    var main = SIMD3<Double>.zero
    var lateral = SIMD3<Double>.zero
    var wall: SIMD3<Double>
    var t: SIMD3<Double>
  }

  private mutating func infarct(_ scar: Scar, _ severity: Double, _ acuity: Double) {
    // A fresh infarction has its Q wave yet to come.
    let depth = severity * (1 - 0.6 * acuity)
    septal.vector += depth * scar.septal
    main.vector += depth * scar.main
    lateral.vector += depth * scar.lateral
    extra.append(DipoleWave(-0.026, width: 0.0095, -scar.wall * (0.09 * depth)))
    st += scar.wall * (0.32 * acuity * severity)
    t += severity * ((1 - acuity) * scar.t + acuity * (0.2 * scar.wall))
  }

  private mutating func applyInfarction(_ finding: SimulatedFinding, _ severity: Double, _ acuity: Double) {
    let inferior = Scar(
      septal: SIMD3(0.04, -0.13, 0.0), main: SIMD3(-0.02, -0.28, 0.03), wall: SIMD3(-0.05, 1.0, 0.1),
      t: SIMD3(-0.05, -0.15, -0.03))
    let anteroseptal = Scar(
      septal: SIMD3(-0.02, 0.06, 0.32), main: SIMD3(-0.28, -0.15, 0.70), wall: SIMD3(0.1, 0.0, -1.0),
      t: SIMD3(-0.15, 0.0, 0.15))
    let lateral = Scar(
      septal: SIMD3(-0.04, 0.02, 0.0), main: SIMD3(-0.42, -0.06, 0.04), lateral: SIMD3(-0.18, 0.0, 0.10),
      wall: SIMD3(1.0, -0.15, 0.0), t: SIMD3(-0.17, -0.03, -0.02))
    let posterior = Scar(
      main: SIMD3(0.0, 0.0, -0.35), lateral: SIMD3(0.0, 0.0, -0.35), wall: SIMD3(0.1, 0.1, 1.0),
      t: SIMD3(0.0, 0.0, -0.18))
    switch finding {
    case .inferiorInfarction:
      infarct(inferior, severity, acuity)
    case .anteroseptalInfarction:
      infarct(anteroseptal, severity, acuity)
    case .anteriorInfarction:
      infarct(anteroseptal, 0.8 * severity, acuity)
      infarct(lateral, 0.35 * severity, acuity)
    case .lateralInfarction:
      infarct(lateral, severity, acuity)
    case .inferolateralInfarction:
      infarct(inferior, severity, acuity)
      infarct(lateral, 0.8 * severity, acuity)
    case .anterolateralInfarction:
      infarct(anteroseptal, 0.75 * severity, acuity)
      infarct(lateral, 0.8 * severity, acuity)
    case .inferoposteriorInfarction:
      infarct(inferior, 0.9 * severity, acuity)
      infarct(posterior, 0.8 * severity, acuity)
    case .posteriorInfarction:
      infarct(posterior, severity, acuity)
    // Subendocardial injury: ST away from the wall.
    case .anteroseptalInjury:
      st += severity * SIMD3(-0.04, 0.0, 0.14)
      t += severity * SIMD3(-0.12, 0.0, 0.18)
    case .anterolateralInjury:
      st += severity * SIMD3(-0.13, -0.03, 0.07)
      t += severity * SIMD3(-0.26, -0.05, 0.06)
    default:
      st += severity * SIMD3(-0.04, -0.15, 0.02)
      t += severity * SIMD3(-0.04, -0.18, -0.02)
    }
  }

  private mutating func applyRepolarization(_ finding: SimulatedFinding, _ severity: Double) {
    switch finding {
    case .nonDiagnosticT:
      st += severity * SIMD3(-0.02, -0.01, 0.01)
      t += severity * SIMD3(-0.15, -0.08, 0.02)
    case .nonSpecificST:
      st += severity * SIMD3(-0.055, -0.04, 0.025)
      t += severity * SIMD3(-0.11, -0.07, 0.01)
    case .ischemia:
      st += severity * SIMD3(-0.10, -0.04, 0.0)
      t += severity * SIMD3(-0.30, -0.11, -0.04)
      septal.vector.x += 0.05 * severity
    case .anterolateralIschemia:
      st += severity * SIMD3(-0.07, 0.0, 0.02)
      t += severity * SIMD3(-0.30, -0.07, 0.08)
    case .inferiorIschemia:
      st += severity * SIMD3(0.0, -0.08, 0.0)
      t += severity * SIMD3(-0.06, -0.27, -0.04)
    case .inferolateralIschemia:
      st += severity * SIMD3(-0.06, -0.06, 0.0)
      t += severity * SIMD3(-0.22, -0.22, -0.04)
    case .anteroseptalIschemia:
      t += severity * SIMD3(-0.16, 0.0, 0.34)
    case .lateralIschemia:
      st += severity * SIMD3(-0.06, 0.0, 0.0)
      t += severity * SIMD3(-0.30, -0.05, -0.03)
    case .aneurysm:
      septal.vector += severity * SIMD3(-0.06, 0.0, 0.26)
      main.vector += severity * SIMD3(-0.30, 0.05, 0.45)
      st += severity * SIMD3(0.06, 0.0, -0.16)
      t += severity * SIMD3(-0.12, 0.0, 0.05)
    case .longQT:
      qt *= 1 + 0.22 * severity
      tRise *= 1.25
      t += severity * SIMD3(-0.06, -0.02, 0.06)
    default:
      qt *= 0.88
      st += severity * SIMD3(-0.12, -0.08, 0.02)
      t += severity * SIMD3(-0.12, -0.06, 0.04)
    }
  }

  private mutating func applyConduction(_ finding: SimulatedFinding, _ severity: Double) {
    switch finding {
    case .leftBundleBranchBlock:
      // The patient's own voltage stays.
      let gain = min(max((main.vector * main.vector).sum().squareRoot() / 1.1, 0.6), 1.7)
      septal = DipoleWave(-0.032, width: 0.0120, gain * SIMD3(0.06, 0.04, 0.13))
      main = DipoleWave(-0.004, width: 0.0165, gain * SIMD3(0.70, 0.26 + main.vector.y / 3, 1.50))
      lateral = DipoleWave(0.028, width: 0.0165, gain * (0.7 + 0.3 * severity) * SIMD3(0.48, 0.05, 1.05))
      basal = DipoleWave(0.054, width: 0.0120, gain * SIMD3(0.16, -0.02, 0.32))
      extra = []
      (onset, end) = (-0.056, 0.084)
      st = gain * SIMD3(-0.10, -0.03, -0.20)
      t = gain * (0.18 * t + SIMD3(-0.17, 0.04, -0.34))
      qt += 0.035
    case .incompleteLeftBundleBranchBlock:
      septal.vector += severity * SIMD3(0.06, 0.02, 0.30)
      main.vector += severity * SIMD3(-0.15, -0.05, 0.25)
      lateral.vector += severity * SIMD3(0.25, 0.0, 0.20)
      widen(1.22)
      t += severity * SIMD3(-0.12, -0.03, -0.08)
    case .rightBundleBranchBlock:
      let late = 0.75 + 0.35 * severity
      main.vector += SIMD3(-0.05, -0.22, -0.30)
      lateral.vector = 0.25 * lateral.vector + SIMD3(-0.16, 0.0, 0.05)
      basal.vector = late * SIMD3(-0.27, -0.06, -0.34)
      extra = [DipoleWave(0.061, width: 0.017, late * SIMD3(-0.38, -0.04, -0.50))]
      (onset, end) = (min(onset, -0.038), 0.096)
      st += SIMD3(-0.05, 0.01, 0.04)
      t += SIMD3(0.06, 0.01, 0.22)
      qt += 0.02
    case .incompleteRightBundleBranchBlock:
      lateral.vector += severity * SIMD3(-0.18, -0.12, -0.40)
      basal.vector += severity * SIMD3(-0.10, -0.04, -0.18)
      extra.append(DipoleWave(0.044, width: 0.010, severity * SIMD3(-0.10, 0.0, -0.16)))
      end = max(end, 0.064)
      t += severity * SIMD3(0.04, 0.0, 0.06)
    case .leftAnteriorFascicularBlock:
      septal.vector += SIMD3(-0.02, 0.15, 0.03)
      main.vector += (0.75 + 0.25 * severity) * SIMD3(-0.22, -0.46, 0.06)
      lateral.vector += (0.75 + 0.25 * severity) * SIMD3(-0.30, -0.48, 0.0)
      basal.vector += severity * SIMD3(-0.16, -0.22, 0.01)
      widen(1.08)
      t += SIMD3(-0.03, 0.0, 0.0)
    case .leftPosteriorFascicularBlock:
      septal.vector += SIMD3(0.05, -0.15, 0.0)
      main.vector += severity * SIMD3(-0.55, 0.30, -0.10)
      lateral.vector += severity * SIMD3(-0.45, 0.30, 0.0)
      widen(1.06)
    case .intraventricularDelay:
      lateral.vector.z += 0.12 * severity
      extra.append(DipoleWave(0.042, width: 0.011, severity * SIMD3(0.06, 0.06, 0.14)))
      widen(1.08 + 0.12 * severity)
      t *= 0.85
    case .firstDegreeBlock:
      pr = 0.208 + 0.05 * severity * severity
    default:
      pr = 0.105
      septal.vector *= 0.3
      main.rise *= 1.3
      extra.append(DipoleWave(-0.030, rise: 0.018, fall: 0.014, severity * SIMD3(0.34, 0.10, -0.08)))
      (onset, end) = (-0.072, max(end, 0.056))
      t *= 0.4
      st += SIMD3(-0.05, -0.03, 0.0)
    }
  }

  private mutating func applyHypertrophy(_ finding: SimulatedFinding, _ severity: Double) {
    switch finding {
    case .leftVentricularHypertrophy:
      septal.vector += severity * SIMD3(-0.03, -0.02, -0.08)
      main.vector += severity * SIMD3(0.76, 0.24, 0.42)
      lateral.vector += severity * SIMD3(0.06, 0.04, 0.28)
      basal.vector.z += 0.06 * severity
      widen(1.06)
      // The strain pattern belongs to the severe cases.
      let strain = max(0, severity - 1)
      st += strain * SIMD3(-0.14, -0.03, -0.08)
      t += strain * SIMD3(-0.45, -0.12, -0.15)
    case .rightVentricularHypertrophy:
      atrial[0].vector *= 1.6
      septal.vector *= 0.6
      main.vector += severity * SIMD3(-0.45, 0.10, -0.55)
      lateral.vector += severity * SIMD3(-0.45, 0.15, -0.85)
      end = max(end, 0.054)
      st += severity * SIMD3(0, -0.02, 0.05)
      t += severity * SIMD3(0.0, -0.05, 0.24)
    case .rightAtrialEnlargement:
      atrial[0].vector *= 1 + 1.1 * severity
    default:
      atrial[0].vector *= 0.9
      atrial[1] = DipoleWave(0.084, width: 0.021, atrial[1].vector * (1 + 0.5 * severity))
      atrial[1].vector.z += 0.045 * severity
      pr += 0.02
    }
  }
}
