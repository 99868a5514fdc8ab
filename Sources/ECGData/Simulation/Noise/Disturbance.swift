/// Something that adds to the potentials of electrodes.
protocol Disturbance: Sendable {
  /// What of it is plain to see.
  var artefacts: [SimulatedArtefact] { get }
  /// Adds it to potentials sampled at `rate` Hz.
  func add(to potentials: inout ElectrodePotentials, rate: Double)
}

extension Disturbance {
  /// A number for each electrode but the right leg.
  static func perElectrode(_ draw: () -> Double) -> SIMD16<Double> {
    var values = SIMD16<Double>.zero
    for electrode in Electrode.measuring { values[electrode.rawValue] = draw() }
    return values
  }

  /// One of the nine electrodes that leads are measured from.
  static func electrode(_ generator: inout SplitMix64) -> Electrode {
    let index = generator.index(below: Electrode.measuring.count)
    return Electrode(rawValue: index) ?? .V1
  }
}
