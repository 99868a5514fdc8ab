import Foundation

/// An electrode's potential far beyond the range of the amplifiers, from which it comes back slowly.
struct Saturation: Disturbance {
  let artefacts: [SimulatedArtefact]
  /// The end of the amplifiers' range in mV.
  let range: Double
  private let electrode: Electrode
  private let start: Double
  private let offset: Double
  private let decay: Double

  init(duration: Double, using generator: inout SplitMix64) {
    electrode = Self.electrode(&generator)
    range = generator.uniform() < 0.5 ? 5 : 3.2767
    let sign = generator.uniform() < 0.5 ? -1.0 : 1.0
    let beyond = generator.uniform(2.5..<6)
    offset = sign * beyond * range
    start = generator.uniform(0..<(0.7 * duration))
    // Beyond the range for one to four seconds; the heart's own ±1 mV blurs the end.
    let seconds = generator.uniform(1..<4)
    decay = seconds / log(beyond)
    artefacts = [
      SimulatedArtefact(
        .saturation, [electrode], start...min(duration, start + seconds), size: range, isRailed: true)
    ]
  }

  func add(to potentials: inout ElectrodePotentials, rate: Double) {
    for index in potentials.rows.indices.dropFirst(Int((start * rate).rounded(.up))) {
      potentials.rows[index][electrode.rawValue] += offset * exp(-(Double(index) / rate - start) / decay)
    }
  }
}
