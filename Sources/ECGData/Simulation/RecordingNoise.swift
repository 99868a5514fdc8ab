import Foundation

/// What a recording holds beside the heart: baseline wander, muscle and mains.
///
/// All of it arises at the nine electrodes, so the derived leads obey their laws with the noise as without:
/// I = LA − RA, II = LL − RA, Vₖ = Cₖ − (RA + LA + LL) / 3.
struct RecordingNoise: Sendable {
  /// An electrode's part in each disturbance, in mV.
  private struct Electrode: Sendable {
    /// The wander's parts in phase and in quadrature: respiration, and two slower waves.
    var sine = SIMD3<Double>.zero
    var cosine = SIMD3<Double>.zero
    var mains = 0.0
    var muscle = 0.0
  }

  /// RA, LA, LL, C1 … C6.
  private var electrodes: [Electrode]
  private var frequencies: SIMD3<Double>
  private var mainsPhase: Double
  private var burstTime: Double
  private var burstGain: Double
  private var state: SplitMix64
  /// Whether one electrode drifts visibly, as PTB-XL's `baseline_drift` notes; its index among RA, LA, LL, C1
  /// … C6.
  let driftingElectrode: Int?
  /// Whether the muscle noise is visible everywhere, as PTB-XL's `static_noise` notes.
  let isStatic: Bool
  /// Whether a short burst of muscle noise is visible, as PTB-XL's `burst_noise` notes.
  let hasBurst: Bool

  /// Draws the disturbances of one recording; `respiration` in Hz is the heart's own.
  init(duration: Double, respiration: Double, using generator: inout SplitMix64) {
    let drifting = generator.uniform() < 0.08 ? generator.index(below: 9) : nil
    driftingElectrode = drifting
    isStatic = generator.uniform() < 0.12
    hasBurst = generator.uniform() < 0.03
    frequencies = SIMD3(respiration, generator.uniform(0.04..<0.09), generator.uniform(0.1..<0.16))
    mainsPhase = generator.uniform(0..<(2 * Double.pi))
    burstTime = generator.uniform(0..<duration)
    burstGain = hasBurst ? generator.uniform(5..<9) : 0
    let wander = 0.018 * exp(0.6 * generator.normal())
    let mains = 0.002 * exp(0.8 * generator.normal())
    let muscle = isStatic ? generator.uniform(0.014..<0.024) : 0.0048 * exp(0.4 * generator.normal())
    electrodes = (0..<9).map { index in
      var electrode = Electrode()
      let gain = index == drifting ? generator.uniform(0.10..<0.22) : wander
      for wave in 0..<3 {
        let amplitude = gain * generator.uniform(0.3..<1)
        let phase = generator.uniform(0..<(2 * Double.pi))
        electrode.sine[wave] = amplitude * cos(phase)
        electrode.cosine[wave] = amplitude * sin(phase)
      }
      electrode.mains = min(mains, 0.008) * generator.uniform(0.2..<1)
      electrode.muscle = muscle * generator.uniform(0.7..<1.3)
      return electrode
    }
    state = SplitMix64(state: generator.next())
  }

  /// Adds the noise to I, II, V1 … V6 of a recording sampled at `rate` Hz.
  func add(to leads: inout [SIMD8<Double>], rate: Double) {
    var generator = state
    // Muscle noise of the same density whatever the rate; two neighbours averaged, so that it falls off as a
    // recorder's low-pass does.
    let density = (rate / 500).squareRoot() / 2.0.squareRoot()
    var previous = [Double](repeating: 0, count: electrodes.count)
    var potentials = previous
    for index in leads.indices {
      let time = Double(index) / rate
      let angles = 2 * Double.pi * time * frequencies
      let sines = SIMD3(sin(angles.x), sin(angles.y), sin(angles.z))
      let cosines = SIMD3(cos(angles.x), cos(angles.y), cos(angles.z))
      let burst = 1 + burstGain * exp(-0.5 * ((time - burstTime) / 0.25) * ((time - burstTime) / 0.25))
      let hum = sin(2 * Double.pi * 50 * time + mainsPhase)
      for (place, electrode) in electrodes.enumerated() {
        let noise = generator.approximatelyNormal()
        potentials[place] =
          (electrode.sine * sines + electrode.cosine * cosines).sum() + electrode.mains * hum
          + electrode.muscle * density * burst * (noise + previous[place])
        previous[place] = noise
      }
      let central = (potentials[0] + potentials[1] + potentials[2]) / 3
      leads[index][0] += potentials[1] - potentials[0]
      leads[index][1] += potentials[2] - potentials[0]
      for lead in 2..<8 { leads[index][lead] += potentials[lead + 1] - central }
    }
  }
}

extension SplitMix64 {
  /// The sum of four 16-bit uniform numbers, scaled to variance 1: near enough to normal for noise, and
  /// bounded by 3.5.
  fileprivate mutating func approximatelyNormal() -> Double {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
    return (Double(sum) / 65_536 - 2) * 3.0.squareRoot()
  }
}
