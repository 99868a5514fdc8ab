import Foundation

/// An electrode without contact: its cable shows a level of the amplifier's own, with hum or without.
struct LostContact: Sendable {
  let artefact: SimulatedArtefact
  /// The end of the amplifiers' range in mV.
  let range = 5.0
  private let electrode: Electrode
  private let time: ClosedRange<Double>
  private let level: Double
  private let hum: Double
  private let frequency: Double
  private let phase: Double

  init(_ noise: SimulatedNoise, duration: Double, using generator: inout SplitMix64) {
    let chosen = Electrode(rawValue: generator.index(below: Electrode.measuring.count)) ?? .V1
    electrode = chosen
    let draw = generator.uniform()
    if draw < 0.6 {
      time = 0...duration
    } else {
      let length = generator.uniform(0.2..<0.6) * duration
      let start = generator.uniform() * (duration - length)
      time = start...(start + length)
    }
    // At zero, or so far beyond the range that the lead stays at the rail.
    let isRailed = generator.uniform() < 0.4
    level = isRailed ? (generator.uniform() < 0.5 ? -1 : 1) * 10 * range : 0
    let isHumming = generator.uniform() < 0.5 && noise.shares[.powerline] != nil
    hum = generator.uniform(0.05..<0.8) * (isHumming ? 1 : 0)
    frequency = noise.mainsFrequency
    phase = generator.uniform(0..<(2 * Double.pi))
    let size = isRailed ? range : hum
    artefact = SimulatedArtefact(.leadOff, [chosen], time, size: size, isRailed: isRailed)
  }

  func replace(in potentials: inout ElectrodePotentials, rate: Double) {
    var wave = SampledWave(frequency: frequency, phase: phase, rate: rate)
    for index in potentials.rows.indices {
      if time.contains(Double(index) / rate) {
        let row = potentials.rows[index]
        // A chest lead is then constant: its amplifier gets nothing to compare with the limbs.
        let reference = electrode.isLimb ? 0 : (row[0] + row[1] + row[2]) / 3
        potentials.rows[index][electrode.rawValue] = level + hum * wave.sine + reference
      }
      wave.advance()
    }
  }
}
