import Foundation

extension BeatMorphology {
  /// How normal QRS complexes differ beside their size: the first principal axes, each for one standard
  /// deviation, of the vectors of septum, main wave, lateral wall and base fitted to PTB-XL's normal records.
  private static let modes: [[SIMD3<Double>]] = [
    [SIMD3(-0.06, 0.00, 0.02), SIMD3(0.08, -0.15, -0.40), SIMD3(0.09, 0.06, 0.08), SIMD3(-0.04, 0.00, 0.07)],
    [
      SIMD3(-0.05, 0.02, 0.01), SIMD3(0.20, 0.05, -0.07), SIMD3(-0.07, -0.16, -0.18),
      SIMD3(0.03, -0.01, -0.08),
    ],
    [
      SIMD3(0.09, 0.03, -0.02), SIMD3(-0.04, -0.13, -0.02), SIMD3(-0.21, -0.11, 0.08),
      SIMD3(0.00, -0.01, 0.02),
    ],
    [SIMD3(0.02, 0.04, 0.04), SIMD3(0.02, -0.13, 0.07), SIMD3(0.11, -0.07, -0.02), SIMD3(-0.01, 0.00, 0.00)],
    [
      SIMD3(0.04, 0.01, 0.02), SIMD3(-0.12, 0.03, -0.06), SIMD3(0.03, -0.06, -0.07),
      SIMD3(-0.03, -0.01, -0.01),
    ],
  ]

  /// A normal heart, varied as hearts are: smaller voltages with age, weight and in women, an axis that turns
  /// left with age, and T waves that point forward in men.
  ///
  /// - Parameters:
  ///   - age: In years.
  ///   - sex: As recorded.
  ///   - build: The body mass index.
  ///   - isHealthy: Whether no finding will be applied; hearts that have one differ more among themselves.
  ///   - generator: What is drawn from.
  init(
    age: Double, sex: SimulatedPatient.Sex, build: Double, isHealthy: Bool,
    using generator: inout SplitMix64
  ) {
    self.init()
    func normal() -> Double { min(max(generator.normal(), -2.5), 2.5) }
    func direction() -> SIMD3<Double> { SIMD3(normal(), normal(), normal()) }
    func spread(_ deviation: Double) -> Double { exp(deviation * normal()) }
    let isFemale = sex == .female
    let decades = (age - 50) / 10

    var vectors = [septal.vector, main.vector, lateral.vector, basal.vector]
    let variety = isHealthy ? 1.0 : 1.25
    for mode in Self.modes {
      let size = variety * normal()
      for wave in vectors.indices { vectors[wave] += size * mode[wave] }
    }
    for wave in vectors.indices { vectors[wave] += variety * 0.07 * direction() }
    vectors[1] += isFemale ? SIMD3(-0.05, 0.05, 0.06) : SIMD3(0.05, -0.05, -0.06)
    vectors[2].z += isFemale ? -0.05 : 0.05
    let voltage =
      exp(0.12 - 0.04 * decades - (isFemale ? 0.13 : 0) - 0.010 * (build - 25.5)) * spread(0.21)
    // Septal activation goes forward in every healthy heart, so that V1 begins with an R wave.
    if isHealthy { vectors[0].z = min(vectors[0].z, -0.14) }
    septal.vector = voltage * vectors[0]
    main.vector = voltage * vectors[1]
    lateral.vector = voltage * vectors[2]
    basal.vector = voltage * vectors[3]
    if generator.uniform() < 0.06 {
      // The crista supraventricularis, late: a small r' in V1 within a narrow complex.
      extra.append(DipoleWave(0.036, width: 0.008, SIMD3(-0.08, 0, -0.16) * generator.uniform(0.5..<1)))
    }
    turn((7 * normal() - 2.5 * decades + (isFemale ? 3 : -3)) * Double.pi / 180)
    widen(spread(0.08) * (isFemale ? 0.98 : 1.02))

    let atria = spread(0.22)
    for wave in atrial.indices { atrial[wave].vector = atria * atrial[wave].vector + 0.014 * direction() }
    t += isFemale ? SIMD3(-0.025, 0.009, 0.06) : SIMD3(0.025, -0.009, -0.06)
    t =
      t * exp(-0.05 * decades) * spread(0.16) * voltage.squareRoot() + SIMD3(0.055, 0.045, 0.10) * direction()
    st.z += isFemale ? 0.013 : -0.013
    st += SIMD3(0.022, 0.018, 0.028) * direction()
    if isHealthy, age < 55, generator.uniform() < 0.03 {
      // Early repolarization.
      st += generator.uniform(0.7..<1.3) * SIMD3(0.09, 0.06, -0.10)
      t *= 1.2
    }
    pr *= spread(0.10) * exp(0.012 * decades)
    qt *= spread(0.04) * (isFemale ? 1.015 : 0.985)
    tRise *= spread(0.15)
    tFall *= spread(0.08)
  }
}
