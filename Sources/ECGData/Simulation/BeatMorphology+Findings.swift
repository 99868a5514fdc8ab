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

  /// The first 40 ms point away from the dead wall, ST towards it while fresh, T away from it later.
  private mutating func infarct(
    _ wall: SIMD3<Double>, _ severity: Double, _ acuity: Double, remaining: SIMD3<Double>
  ) {
    let depth = severity * (1 - 0.5 * acuity)
    septal.vector *= 1 - 0.9 * min(depth, 1)
    extra.append(DipoleWave(-0.021, width: 0.0125, -wall * (0.55 * depth)))
    main.vector *= 1 - (1 - remaining) * min(depth, 1)
    lateral.vector *= 1 - (1 - remaining) * (0.5 * min(depth, 1))
    onset = min(onset, -0.05)
    st += wall * (0.28 * acuity * severity)
    t += wall * (severity * (0.15 * acuity - 0.42 * (1 - acuity)))
  }

  private mutating func applyInfarction(_ finding: SimulatedFinding, _ severity: Double, _ acuity: Double) {
    let (inferior, anterior, lateral) = (SIMD3(0.0, 1.0, 0.1), SIMD3(0.1, 0.0, -1.0), SIMD3(1.0, -0.15, 0.0))
    switch finding {
    case .inferiorInfarction:
      infarct(inferior, severity, acuity, remaining: SIMD3(1, 0.55, 1))
    case .anteroseptalInfarction:
      infarct(anterior, 0.85 * severity, acuity, remaining: SIMD3(0.9, 1, 1.5))
    case .anteriorInfarction:
      infarct(SIMD3(0.55, 0.0, -0.95), severity, acuity, remaining: SIMD3(0.55, 1, 2.5))
    case .lateralInfarction:
      infarct(lateral, 0.9 * severity, acuity, remaining: SIMD3(0.6, 1, 1))
    case .inferolateralInfarction:
      infarct(inferior, 0.85 * severity, acuity, remaining: SIMD3(1, 0.6, 1))
      infarct(lateral, 0.65 * severity, acuity, remaining: SIMD3(0.7, 1, 1))
    default:
      infarct(anterior, 0.7 * severity, acuity, remaining: SIMD3(0.8, 1, 1.5))
      infarct(lateral, 0.75 * severity, acuity, remaining: SIMD3(0.65, 1, 1))
    }
  }

  private mutating func applyRepolarization(_ finding: SimulatedFinding, _ severity: Double) {
    switch finding {
    case .nonDiagnosticT:
      t *= 1 - 0.8 * min(severity, 1.15)
    case .nonSpecificST:
      st += severity * SIMD3(-0.075, -0.06, 0.03)
      t *= 0.75
    case .ischemia:
      st += severity * SIMD3(-0.12, -0.08, 0.05)
      t += severity * (SIMD3(-1.1, -0.9, -0.4) * t + SIMD3(-0.14, -0.06, 0.04))
    case .anterolateralIschemia:
      st += severity * SIMD3(-0.09, 0.0, 0.07)
      t += severity * (SIMD3(-1.2, 0.0, -1.0) * t + SIMD3(-0.18, 0.0, 0.08))
    case .inferiorIschemia:
      st += severity * SIMD3(0.02, -0.12, 0.0)
      t += severity * (SIMD3(0.0, -1.2, 0.0) * t + SIMD3(0.0, -0.16, 0.0))
    case .longQT:
      qt *= 1 + 0.24 * severity
      tRise *= 1.15
    default:
      qt *= 0.88
      st += severity * SIMD3(-0.13, -0.10, 0.04)
      t *= 0.5
    }
  }

  private mutating func applyConduction(_ finding: SimulatedFinding, _ severity: Double) {
    switch finding {
    case .leftBundleBranchBlock:
      septal = DipoleWave(-0.034, width: 0.015, SIMD3(0.12, 0.08, 0.16))
      main = DipoleWave(0, width: 0.021, SIMD3(0.66, 0.28, 0.75))
      lateral = DipoleWave(0.053, width: 0.021, SIMD3(0.72, 0.16, 0.80))
      basal = DipoleWave(0.092, width: 0.016, SIMD3(0.20, 0.0, 0.22))
      extra = []
      (onset, end) = (-0.062, 0.118)
      st = SIMD3(-0.10, -0.03, -0.14)
      t = SIMD3(-0.32, -0.08, -0.36)
      qt += 0.045
    case .rightBundleBranchBlock:
      lateral.vector *= 0.75
      extra = [DipoleWave(0.066, width: 0.018, (0.4 + 0.6 * severity) * SIMD3(-0.52, 0.02, -0.60))]
      end = 0.104
      t += SIMD3(0.02, 0.0, 0.26)
      qt += 0.02
    case .incompleteRightBundleBranchBlock:
      extra.append(DipoleWave(0.047, width: 0.011, severity * SIMD3(-0.24, 0.0, -0.40)))
      end = 0.066
      t.z += 0.08
    case .leftAnteriorFascicularBlock:
      septal.vector = SIMD3(-0.12, 0.28, -0.16)
      main = DipoleWave(0.002, width: 0.0115, SIMD3(0.80, -0.42, 0.15))
      lateral = DipoleWave(0.024, width: 0.0115, SIMD3(0.12, -0.50, 0.50))
      basal = DipoleWave(0.044, width: 0.010, SIMD3(-0.16, -0.22, 0.14))
      end = 0.062
    case .intraventricularDelay:
      extra.append(DipoleWave(0.030, width: 0.008, severity * SIMD3(0.14, 0.12, 0.05)))
      widen(1.14 + 0.3 * severity)
      t *= 0.8
    case .firstDegreeBlock:
      pr = 0.205 + 0.07 * severity
    default:
      pr = 0.105
      septal.vector *= 0.3
      main.rise *= 1.2
      extra.append(DipoleWave(-0.032, rise: 0.021, fall: 0.016, severity * SIMD3(0.30, 0.26, -0.04)))
      onset = -0.085
      t *= 0.4
      st += SIMD3(-0.05, -0.03, 0.0)
    }
  }

  private mutating func applyHypertrophy(_ finding: SimulatedFinding, _ severity: Double) {
    switch finding {
    case .leftVentricularHypertrophy:
      main.vector *= SIMD3(1, 1, 1) + severity * SIMD3(1.05, 0.2, 0.7)
      lateral.vector *= SIMD3(1, 1, 1) + severity * SIMD3(0.6, 0.0, 0.95)
      main.fall *= 1.15
      // The strain pattern belongs to the severe cases.
      let strain = max(0, severity - 0.45)
      st += strain * SIMD3(-0.14, -0.03, -0.08)
      t += strain * SIMD3(-0.60, -0.15, -0.10)
    case .rightVentricularHypertrophy:
      atrial[0].vector *= 1.8
      septal.vector *= 0.6
      main.vector += severity * SIMD3(-0.70, -0.05, -0.50)
      lateral.vector += severity * SIMD3(-0.65, 0.15, -0.95)
      end = 0.06
      st += severity * SIMD3(0, -0.02, 0.05)
      t += severity * SIMD3(0.0, -0.05, 0.30)
    default:
      atrial[0].vector *= 0.9
      atrial[1] = DipoleWave(0.084, width: 0.021, SIMD3(0.08, 0.07, 0.04) * (1 + 0.7 * severity))
      atrial[1].vector.z += 0.03 * severity
      pr += 0.02
    }
  }
}
