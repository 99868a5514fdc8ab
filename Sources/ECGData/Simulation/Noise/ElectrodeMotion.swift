import Foundation

/// An electrode moved on the skin, once or several times: waves of 0.5 to 7 Hz that swell and fade.
struct ElectrodeMotion: Disturbance {
  let artefacts: [SimulatedArtefact]
  private struct Movement: Sendable {
    var electrode: Electrode
    var start: Double
    var length: Double
    var waves: [(frequency: Double, phase: Double, gain: Double)]
  }
  private let movements: [Movement]

  init(duration: Double, using generator: inout SplitMix64) {
    let electrode = Self.electrode(&generator)
    var movements: [Movement] = []
    var artefacts: [SimulatedArtefact] = []
    for _ in 0...generator.index(below: 3) {
      let length = min(generator.uniform(0.6..<2.5), duration)
      let start = generator.uniform() * (duration - length)
      let size = generator.uniform(0.2..<0.9)
      let waves = (0..<6).map { _ in
        let frequency = 0.5 * pow(14, generator.uniform())
        return (frequency, generator.uniform(0..<(2 * Double.pi)), size / 2.5 / (0.5 + 0.3 * frequency))
      }
      movements.append(Movement(electrode: electrode, start: start, length: length, waves: waves))
      artefacts.append(SimulatedArtefact(.motion, [electrode], start...(start + length), size: size))
    }
    self.movements = movements
    self.artefacts = artefacts
  }

  func add(to potentials: inout ElectrodePotentials, rate: Double) {
    for movement in movements {
      let rows = potentials.rows.indices.clamped(
        to: Int(movement.start * rate)..<(Int((movement.start + movement.length) * rate) + 1))
      for index in rows {
        let time = Double(index) / rate - movement.start
        let envelope = sin(Double.pi * min(max(time / movement.length, 0), 1))
        let value = movement.waves.reduce(0) {
          $0 + $1.gain * sin(2 * Double.pi * $1.frequency * time + $1.phase)
        }
        potentials.rows[index][movement.electrode.rawValue] += envelope * value
      }
    }
  }
}
