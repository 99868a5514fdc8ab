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

  /// Draws a patient; about half have a normal heart.
  public init(using generator: inout SplitMix64) {
    let isAbnormal = generator.uniform() < 0.50
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
    let age = findings.isEmpty ? 52 + 17 * generator.normal() : 67 + 13 * generator.normal()
    self.age = Int(min(max(age, 18), 95).rounded())
    sex = generator.uniform() < 0.48 ? .female : .male
    height = (sex == .male ? 175 : 163) + (7 * generator.normal()).rounded()
    let build = 25.5 + 3.5 * generator.normal()
    weight = (max(build, 17) * height * height / 10_000).rounded()
    // A normal axis is part of a normal ECG; the few bodies that would show another are drawn again.
    var attempts = 0
    var drawn: (LeadField, BeatMorphology)
    repeat {
      drawn = (
        LeadField(using: &generator),
        BeatMorphology(
          age: Double(self.age), sex: sex, build: build, isHealthy: findings.isEmpty, using: &generator)
      )
      attempts += 1
    } while findings.isEmpty && attempts < 20 && !(-30...90).contains(drawn.0.axis(of: drawn.1.netArea))
    (leadField, morphology) = drawn
    let side = generator.uniform() < 0.6 ? 1.0 : -1.0
    ectopicFocus = SIMD3(
      side * generator.uniform(0.5..<0.9), generator.uniform(-0.9..<0.9), side * generator.uniform(0.5..<1.0))
  }

  /// One finding of each superclass that is drawn, as superclasses come together in PTB-XL.
  private static func drawFindings(_ generator: inout SplitMix64) -> [SimulatedFinding] {
    typealias Superclass = SimulatedFinding.Superclass
    let combinations: [([Superclass], Double)] = [
      ([.repolarization], 290), ([.infarction], 274), ([.conduction], 192),
      ([.conduction, .infarction], 115),
      ([.repolarization, .hypertrophy], 88), ([.infarction, .repolarization], 68), ([.hypertrophy], 60),
      ([.conduction, .repolarization], 55), ([.infarction, .repolarization, .hypertrophy], 48),
      ([.conduction, .hypertrophy], 36), ([.conduction, .infarction, .repolarization], 25),
      ([.infarction, .hypertrophy], 21), ([.conduction, .repolarization, .hypertrophy], 20),
    ]
    let superclasses = pick(combinations, weight: \.1, &generator)?.0 ?? [.infarction]
    var findings: [SimulatedFinding] = []
    // Conduction first: it replaces waves that the others then change.
    for superclass in superclasses {
      let members = SimulatedFinding.allCases.filter { $0.superclass == superclass }
      // Strain is read as ischemia.
      if superclass == .repolarization, superclasses.contains(.hypertrophy), generator.uniform() < 0.85 {
        findings.append(.ischemia)
      } else if let finding = pick(members, weight: \.weight, &generator) {
        findings.append(finding)
      }
    }
    if findings.contains(.anteroseptalInfarction), generator.uniform() < 0.15 {
      findings.append(.inferiorInfarction)
    }
    // A left bundle branch block hides the others, and preexcitation stands alone.
    for finding in [SimulatedFinding.leftBundleBranchBlock, .preexcitation] where findings.contains(finding) {
      return [finding]
    }
    return findings
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
}
