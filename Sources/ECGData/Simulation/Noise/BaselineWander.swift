import Foundation

/// The baseline's movement: respiration, and slower waves whose power falls off as 1/f².
struct BaselineWander: Disturbance {
  let drifting: Electrode?
  let artefacts: [SimulatedArtefact]
  private let waves: [(frequency: Double, phase: Double, gain: Double)]
  /// How much of each of the four movements reaches an electrode: breathing in and a quarter later, and two
  /// slow ones.
  private let mixing: [SIMD16<Double>]

  init(isVisible: Bool, duration: Double, respiration: Double, using generator: inout SplitMix64) {
    let drifting = isVisible ? Self.electrode(&generator) : nil
    self.drifting = drifting
    let size = 0.030 * exp(0.60 * generator.normal())
    let visible = generator.uniform(0.10..<0.25)
    var waves = [(respiration, 0.0, 1.0), (respiration, Double.pi / 2, 1.0)]
    for index in 0..<10 {
      let frequency = 0.035 * pow(1.9, Double(index / 2)) * generator.uniform(0.85..<1.15)
      waves.append((frequency, generator.uniform(0..<(2 * Double.pi)), 0.08 / (0.05 + frequency)))
    }
    self.waves = waves
    mixing = (0..<4).map { movement in
      var gains = Self.perElectrode { (movement < 2 ? 0.5 : 1.0) * size * generator.normal() }
      if let drifting {
        gains[drifting.rawValue] = visible * generator.uniform(0.4..<1) * (movement & 1 == 0 ? 1 : -1)
      }
      return gains
    }
    artefacts =
      drifting.map { [SimulatedArtefact(.wander, [$0], 0...duration, size: visible)] } ?? []
  }

  func add(to potentials: inout ElectrodePotentials, rate: Double) {
    var waves = self.waves.map { SampledWave(frequency: $0.frequency, phase: $0.phase, rate: rate) }
    for index in potentials.rows.indices {
      var movements = SIMD4<Double>.zero
      for wave in waves.indices {
        let movement = wave < 2 ? wave : 2 + wave & 1
        movements[movement] += self.waves[wave].gain * waves[wave].sine
        waves[wave].advance()
      }
      var row = potentials.rows[index]
      for movement in 0..<4 { row += mixing[movement] * movements[movement] }
      potentials.rows[index] = row
    }
  }
}
