import Foundation

/// One person of the simulator: who they are, their body, and what their heart has.
///
/// Recordings of one patient share the shape of the beats and the findings; rhythm, severity as seen that
/// day, and noise are each recording's own.
public struct SimulatedPatient: Sendable {
  /// The sex as recorded.
  public enum Sex: String, CaseIterable, Sendable {
    /// Female.
    case female
    /// Male.
    case male
  }

  /// The age in years, 18 … 95.
  public let age: Int
  /// The sex as recorded.
  public let sex: Sex
  /// The height in cm.
  public let height: Double
  /// The weight in kg.
  public let weight: Double

  let findings: [SimulatedFinding]
  let leadField: LeadField
  /// The beats without any finding.
  let morphology: BeatMorphology
  /// The direction of the patient's ventricular premature beats.
  let ectopicFocus: SIMD3<Double>

  /// Draws a patient; about 60 % have a normal heart.
  public init(using generator: inout SplitMix64) {
    let isAbnormal = generator.uniform() < 0.40
    self.init(findings: isAbnormal ? Self.drawFindings(&generator) : [], using: &generator)
  }

  /// Draws a patient with the given findings, by the codes of ``SimulatedECG/findingCodes``; none for a
  /// normal heart.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) for a code that the simulator does not know.
  public init(findings codes: [String], using generator: inout SplitMix64) throws {
    let findings = try codes.map { code in
      guard let finding = SimulatedFinding(rawValue: code) else {
        throw ECGError(
          .invalidArgument, "cannot simulate \(code)",
          advice: "choose among \(SimulatedECG.findingCodes.joined(separator: ", "))")
      }
      return finding
    }
    self.init(findings: findings, using: &generator)
  }

  private init(findings: [SimulatedFinding], using generator: inout SplitMix64) {
    self.findings = findings
    let age = findings.isEmpty ? 52 + 17 * generator.normal() : 66 + 13 * generator.normal()
    self.age = Int(min(max(age, 18), 95).rounded())
    sex = generator.uniform() < 0.48 ? .female : .male
    height = (sex == .male ? 175 : 163) + (7 * generator.normal()).rounded()
    let build = 25.5 + 3.5 * generator.normal()
    weight = (max(build, 17) * height * height / 10_000).rounded()
    leadField = LeadField(using: &generator)
    morphology = Self.anatomy(age: Double(self.age), sex: sex, build: build, &generator)
    let side = generator.uniform() < 0.6 ? 1.0 : -1.0
    ectopicFocus = SIMD3(
      side * generator.uniform(0.5..<0.9), generator.uniform(-0.9..<0.9), side * generator.uniform(0.5..<1.0))
  }

  /// One finding, at times with a second one of another superclass.
  private static func drawFindings(_ generator: inout SplitMix64) -> [SimulatedFinding] {
    // Superclasses in PTB-XL's proportions.
    let shares: [(SimulatedFinding.Superclass, Double)] = [
      (.infarction, 0.30), (.repolarization, 0.27), (.conduction, 0.26), (.hypertrophy, 0.17),
    ]
    func draw(except other: SimulatedFinding.Superclass?) -> SimulatedFinding {
      let open = shares.filter { $0.0 != other }
      let superclass = pick(open, weight: \.1, &generator)?.0 ?? .infarction
      let members = SimulatedFinding.allCases.filter { $0.superclass == superclass }
      return pick(members, weight: \.weight, &generator) ?? .inferiorInfarction
    }
    let first = draw(except: nil)
    guard generator.uniform() < 0.35 else { return [first] }
    let second = draw(except: first.superclass)
    // A left bundle branch block hides the others, and preexcitation stands alone.
    let alone: [SimulatedFinding] = [.leftBundleBranchBlock, .preexcitation]
    if alone.contains(first) || alone.contains(second) { return [first] }
    // Conduction replaces waves that the others then change.
    return second.superclass == .conduction ? [second, first] : [first, second]
  }

  private static func pick<Element>(
    _ elements: [Element], weight: (Element) -> Double, _ generator: inout SplitMix64
  ) -> Element? {
    var rest = generator.uniform() * elements.reduce(0) { $0 + weight($1) }
    for element in elements {
      rest -= weight(element)
      if rest < 0 { return element }
    }
    return elements.last
  }

  /// A normal heart, varied as hearts are: smaller voltages with age and weight, an axis that turns left with
  /// age.
  private static func anatomy(
    age: Double, sex: Sex, build: Double, _ generator: inout SplitMix64
  ) -> BeatMorphology {
    func spread(_ share: Double) -> Double { exp(share * min(max(generator.normal(), -2.2), 2.2)) }
    func direction() -> SIMD3<Double> {
      SIMD3(generator.normal(), generator.normal(), generator.normal())
    }
    var beat = BeatMorphology()
    let constitution = (1 - 0.0025 * (age - 50)) * (1 - 0.012 * (build - 25))
    let voltage = 1.05 * spread(0.17) * constitution * (sex == .female ? 0.93 : 1.03)
    beat.septal.vector *= voltage * spread(0.25)
    // Small inferior Q waves and a poor R progression are seen in healthy hearts as well.
    beat.septal.vector += SIMD3(0.05, 0.09, 0.07) * direction()
    beat.main.vector *= voltage * SIMD3(spread(0.08), spread(0.14), 1)
    beat.main.vector.z += 0.10 * generator.normal()
    beat.lateral.vector *= voltage * SIMD3(spread(0.2), spread(0.2), spread(0.18))
    beat.basal.vector *= voltage * spread(0.35)
    if generator.uniform() < 0.08 {
      // The crista supraventricularis, late: a small r' in V1 within a narrow complex.
      beat.extra.append(DipoleWave(0.042, width: 0.009, SIMD3(-0.08, 0, -0.16) * generator.uniform(0.5..<1)))
    }
    let axis = min(max(12 * generator.normal() - 8 - 0.45 * (age - 50), -45), 28)
    beat.turn(axis * Double.pi / 180)
    beat.widen(spread(0.075) * (sex == .male ? 1.03 : 0.97))
    beat.atrial[0].vector *= spread(0.25)
    beat.atrial[1].vector *= spread(0.25)
    beat.t *= spread(0.25) * (1 - 0.004 * (age - 50)) * (sex == .female ? 0.9 : 1.05)
    beat.t += 0.03 * direction()
    beat.st += 0.012 * direction()
    beat.pr *= spread(0.10)
    beat.qt *= spread(0.035) * (sex == .female ? 1.02 : 0.99)
    beat.tRise *= spread(0.12)
    return beat
  }
}
