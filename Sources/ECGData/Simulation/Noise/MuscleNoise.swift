import Foundation

/// Muscle noise: broad, some µV always, and at times plain to see all along or as a burst.
struct MuscleNoise: Disturbance {
  let isStatic: Bool
  let hasBurst: Bool
  let artefacts: [SimulatedArtefact]
  private let gains: SIMD16<Double>
  private let burst: (time: Double, width: Double, gain: Double)
  private let state: SplitMix64

  init(isVisible: Bool, duration: Double, using generator: inout SplitMix64) {
    let bursts = isVisible && generator.uniform() < 0.18
    (isStatic, hasBurst) = (isVisible && !bursts, bursts)
    let faint = 0.0056 * exp(0.4 * generator.normal())
    let size = isStatic ? generator.uniform(0.014..<0.028) : faint
    burst = (
      generator.uniform(0..<duration), generator.uniform(0.2..<0.6),
      hasBurst ? generator.uniform(5..<9) : 0
    )
    gains = Self.perElectrode { size * generator.uniform(0.7..<1.3) }
    if isVisible {
      let time =
        hasBurst
        ? max(0, burst.time - 2 * burst.width)...min(duration, burst.time + 2 * burst.width) : 0...duration
      artefacts = [
        SimulatedArtefact(.muscle, Array(Electrode.measuring), time, size: 2 * size * (1 + burst.gain))
      ]
    } else {
      artefacts = []
    }
    state = SplitMix64(state: generator.next())
  }

  func add(to potentials: inout ElectrodePotentials, rate: Double) {
    var generator = state
    // The same density whatever the rate; two neighbours averaged, so that it falls off as a recorder's
    // low-pass does.
    let gains = self.gains * ((rate / 500).squareRoot() / 2.0.squareRoot())
    var previous = SIMD16<Double>.zero
    for index in potentials.rows.indices {
      var noise = SIMD16<Double>.zero
      for lane in 0..<9 { noise[lane] = generator.approximatelyNormal() }
      var sum = noise + previous
      previous = noise
      if hasBurst {
        let distance = (Double(index) / rate - burst.time) / burst.width
        sum *= 1 + burst.gain * exp(-0.5 * distance * distance)
      }
      potentials.rows[index] += gains * sum
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
