/// What a recording holds beside the heart.
///
/// All of it arises at the electrodes, so the derived leads obey their laws with the noise as without, and
/// after electrodes are interchanged.
struct RecordingNoise: Sendable {
  /// What is plain to see, in the order of ``SimulatedNoise/Kind``.
  let artefacts: [SimulatedArtefact]
  /// The electrode that drifts visibly, as PTB-XL's `baseline_drift` notes; among RA, LA, LL, V1 … V6.
  let driftingElectrode: Int?
  /// Whether the muscle noise is visible everywhere, as PTB-XL's `static_noise` notes.
  let isStatic: Bool
  /// Whether a short burst of muscle noise is visible, as PTB-XL's `burst_noise` notes.
  let hasBurst: Bool

  private let additive: [any Disturbance]
  private let wiring: [Electrode]?
  private let lostContact: LostContact?
  /// The end of the amplifiers' range in mV, where something drives them there.
  private let range: Double?

  /// Draws the disturbances of one recording.
  ///
  /// - Parameters:
  ///   - noise: The kinds that are on.
  ///   - duration: The recording's length in seconds.
  ///   - respiration: The frequency of breathing in Hz, the heart's own.
  ///   - generator: Moves on by one draw, whatever is on.
  init(
    _ noise: SimulatedNoise, duration: Double, respiration: Double, using generator: inout SplitMix64
  ) {
    let key = generator.next()
    /// A generator for each kind, so that none depends on what else is on.
    func draw<Value>(
      _ kind: SimulatedNoise.Kind, _ body: (_ isVisible: Bool, inout SplitMix64) -> Value
    ) -> Value? {
      guard let share = noise.shares[kind] else { return nil }
      var generator = SplitMix64("simulation.noise.\(kind.rawValue)", key)
      let isVisible = generator.uniform() < share
      return body(isVisible, &generator)
    }
    let wander = draw(.wander) {
      BaselineWander(isVisible: $0, duration: duration, respiration: respiration, using: &$1)
    }
    let hum = draw(.powerline) {
      PowerlineHum(isVisible: $0, frequency: noise.mainsFrequency, duration: duration, using: &$1)
    }
    let muscle = draw(.muscle) { MuscleNoise(isVisible: $0, duration: duration, using: &$1) }
    let motion = draw(.motion) { $0 ? ElectrodeMotion(duration: duration, using: &$1) : nil } ?? nil
    let pops = draw(.pop) { $0 ? ElectrodePops(duration: duration, using: &$1) : nil } ?? nil
    let saturation = draw(.saturation) { $0 ? Saturation(duration: duration, using: &$1) : nil } ?? nil
    lostContact = draw(.leadOff) { $0 ? LostContact(noise, duration: duration, using: &$1) : nil } ?? nil
    let limbs = draw(.limbSwap) { $0 ? Self.limbSwap(&$1) : nil } ?? nil
    let chest = draw(.chestSwap) { $0 ? Self.chestSwap(&$1) : nil } ?? nil

    let disturbances: [(any Disturbance)?] = [wander, hum, muscle, motion, pops, saturation]
    additive = disturbances.compactMap(\.self)
    range = saturation?.range ?? lostContact?.range
    var wiring = Electrode.allCases
    var artefacts = additive.dropLast(saturation == nil ? 0 : 1).flatMap(\.artefacts)
    artefacts += lostContact.map { [$0.artefact] } ?? []
    artefacts += saturation?.artefacts ?? []
    for (kind, swap) in [(SimulatedNoise.Kind.limbSwap, limbs), (.chestSwap, chest)] {
      guard let swap else { continue }
      for (cable, place) in swap { wiring[cable.rawValue] = place }
      let electrodes = Electrode.allCases.filter { swap[$0] != nil }
      artefacts.append(SimulatedArtefact(kind, electrodes, 0...duration, size: 0))
    }
    self.artefacts = artefacts
    self.wiring = limbs == nil && chest == nil ? nil : wiring
    driftingElectrode = wander?.drifting?.rawValue
    isStatic = muscle?.isStatic ?? false
    hasBurst = muscle?.hasBurst ?? false
  }

  /// I, II, V1 … V6 as the recorder shows them, of what they are at the heart; sampled at `rate` Hz.
  func recorded(_ leads: [SIMD8<Double>], rate: Double) -> [SIMD8<Double>] {
    if additive.isEmpty && wiring == nil && lostContact == nil { return leads }
    var potentials = ElectrodePotentials(leads)
    for disturbance in additive { disturbance.add(to: &potentials, rate: rate) }
    if let wiring { potentials.rewire(wiring) }
    lostContact?.replace(in: &potentials, rate: rate)
    guard let range else { return potentials.leads }
    let (low, high) = (SIMD8(repeating: -range), SIMD8(repeating: range))
    return potentials.leads.map { $0.clamped(lowerBound: low, upperBound: high) }
  }

  /// Which cable is connected to which place of the limbs, each about as likely as it is read of.
  private static func limbSwap(_ generator: inout SplitMix64) -> [Electrode: Electrode] {
    let draw = generator.uniform()
    return switch draw {
    case ..<0.45: [.rightArm: .leftArm, .leftArm: .rightArm]
    case ..<0.65: [.leftArm: .leftLeg, .leftLeg: .leftArm]
    case ..<0.80: [.rightArm: .leftLeg, .leftLeg: .rightArm]
    case ..<0.90: [.rightArm: .rightLeg, .rightLeg: .rightArm]
    case ..<0.95: [.leftArm: .rightLeg, .rightLeg: .leftArm]
    default: [.rightArm: .leftArm, .leftArm: .leftLeg, .leftLeg: .rightArm]
    }
  }

  private static func chestSwap(_ generator: inout SplitMix64) -> [Electrode: Electrode] {
    let pairs: [(Electrode, Electrode)] = [
      (.V1, .V2), (.V2, .V3), (.V1, .V3), (.V3, .V4), (.V4, .V5), (.V5, .V6), (.V4, .V6),
    ]
    let index = generator.index(below: pairs.count + 1)
    guard index < pairs.count else {
      // The whole row from the wrong end.
      return [.V1: .V6, .V2: .V5, .V3: .V4, .V4: .V3, .V5: .V2, .V6: .V1]
    }
    let (first, second) = pairs[index]
    return [first: second, second: first]
  }
}
