import Foundation

/// Sudden steps of an electrode's potential, each fading as the recorder's high-pass lets it.
struct ElectrodePops: Disturbance {
  let artefacts: [SimulatedArtefact]
  private let pops: [(electrode: Electrode, time: Double, size: Double, decay: Double)]

  init(duration: Double, using generator: inout SplitMix64) {
    let electrode = Self.electrode(&generator)
    pops = (0...generator.index(below: 3)).map { _ in
      let sign = generator.uniform() < 0.5 ? -1.0 : 1.0
      return (
        electrode, generator.uniform(0..<duration), sign * generator.uniform(0.4..<2.0),
        generator.uniform(0.1..<0.9)
      )
    }
    // Three time constants leave a twentieth.
    artefacts = pops.map {
      SimulatedArtefact(
        .pop, [$0.electrode], $0.time...min(duration, $0.time + 3 * $0.decay), size: abs($0.size))
    }
  }

  func add(to potentials: inout ElectrodePotentials, rate: Double) {
    for pop in pops {
      // Below a thousandth nothing is left to see.
      let rows = potentials.rows.indices.clamped(
        to: Int((pop.time * rate).rounded(.up))..<(Int((pop.time + 7 * pop.decay) * rate) + 1))
      for index in rows {
        potentials.rows[index][pop.electrode.rawValue] +=
          pop.size * exp(-(Double(index) / rate - pop.time) / pop.decay)
      }
    }
  }
}
