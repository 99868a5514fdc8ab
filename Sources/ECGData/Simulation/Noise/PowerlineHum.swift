import Foundation

/// Hum of the mains with its third harmonic, as strong at each electrode as its contact is bad.
struct PowerlineHum: Disturbance {
  let artefacts: [SimulatedArtefact]
  private let frequency: Double
  private let phase: Double
  private let harmonic: Double
  private let gains: SIMD16<Double>

  init(isVisible: Bool, frequency: Double, duration: Double, using generator: inout SplitMix64) {
    // The power grid keeps its frequency within some hundredths of a hertz.
    self.frequency = frequency + generator.uniform(-0.03..<0.03)
    phase = generator.uniform(0..<(2 * Double.pi))
    harmonic = generator.uniform(0..<0.2)
    let faint = min(0.002 * exp(0.8 * generator.normal()), 0.008)
    let strong = 0.03 * exp(0.5 * generator.normal())
    let size = isVisible ? min(max(strong, 0.015), 0.15) : faint
    gains = Self.perElectrode { size * generator.uniform(0.2..<1) }
    artefacts =
      isVisible ? [SimulatedArtefact(.powerline, Array(Electrode.measuring), 0...duration, size: size)] : []
  }

  func add(to potentials: inout ElectrodePotentials, rate: Double) {
    var first = SampledWave(frequency: frequency, phase: phase, rate: rate)
    // What a recorder's filter would take away before it samples cannot be seen.
    let gain = 3 * frequency < rate / 2 ? harmonic : 0
    for index in potentials.rows.indices {
      // sin 3x = 3 sin x − 4 sin³ x
      let sine = first.sine
      let third = 3 * sine - 4 * sine * sine * sine
      potentials.rows[index] += gains * (sine + gain * third)
      first.advance()
    }
  }
}
