import Foundation

/// The beats of one recording, with those just before and after it.
struct BeatSequence: Sendable {
  /// How premature beats are arranged.
  enum Ectopy: Sendable, Equatable {
    /// This many, wherever they come.
    case scattered(Int)
    /// One after every `n` − 1 conducted beats: 2 for bigeminy, 3 for trigeminy.
    case every(Int)
  }

  private(set) var beats: [SimulatedBeat] = []
  /// How each beat differs from the next.
  private(set) var variations: [BeatVariation] = []
  /// Flutter waves per second, for flutter only.
  let flutterRate: Double
  /// The frequency in Hz and phase of respiration, which the baseline follows as well.
  let respirationRate: Double
  private let respirationPhase: Double

  /// The position within the breath at a time, −1 … 1.
  func respiration(_ time: Double) -> Double {
    sin(2 * Double.pi * respirationRate * time + respirationPhase)
  }

  /// Draws the beats of a rhythm for `duration` seconds, with premature beats of a kind among them.
  init(
    rhythm: SimulatedRhythm, duration: Double, ectopy: Ectopy, kind: SimulatedBeat.Kind, age: Double,
    using generator: inout SplitMix64
  ) {
    respirationRate = generator.uniform(0.15..<0.38)
    respirationPhase = generator.uniform(0..<(2 * Double.pi))
    flutterRate = generator.uniform(4.5..<5.4)
    let pace = RateVariability(
      of: rhythm, age: age, respiration: (respirationRate, respirationPhase), using: &generator)
    let conduction = 2 + generator.index(below: 3)
    var time = -2.5 + generator.uniform(0..<0.8)
    while time < duration + 1.5 {
      let interval: Double
      switch rhythm {
      case .flutter:
        let waves = generator.uniform() < 0.75 ? conduction : 2 + generator.index(below: 3)
        interval = Double(waves) / flutterRate
      case .fibrillation:
        // The AV node lets through what it can: no interval tells the next (Bootsma et al., Circulation 41,
        // 1970), and none is shorter than its refractory period.
        interval = max(0.30, pace.interval(at: time) * exp(0.21 * generator.normal() - 0.02))
      case .paced:
        interval = pace.mean
      case .sinus, .bradycardia, .tachycardia, .arrhythmia, .supraventricularTachycardia:
        interval = pace.interval(at: time) + 0.005 * generator.normal()
      }
      beats.append(SimulatedBeat(time: time, kind: rhythm == .paced ? .paced : .normal, interval: interval))
      time += interval
    }
    insert(ectopy, kind, duration, &generator)
    for index in beats.indices.dropFirst() {
      beats[index].interval = beats[index].time - beats[index - 1].time
    }
    drawVariations(&generator)
  }

  /// Amplitudes breathe and wander a little, T more than QRS, and the axis turns with the diaphragm.
  private mutating func drawVariations(_ generator: inout SplitMix64) {
    let breath = generator.uniform(0.01..<0.07)
    let turn = generator.uniform(0.01..<0.06)
    var recovery = 0.0
    variations = beats.map { beat in
      let position = respiration(beat.time)
      recovery = 0.7 * recovery + 0.02 * generator.normal()
      return BeatVariation(
        gain: 1 + breath * position + 0.012 * generator.normal(), atrialGain: 1 + 0.06 * generator.normal(),
        recoveryGain: 1 + recovery, turn: turn * position)
    }
  }

  /// Moves beats forward; after a ventricular one the next comes when it would have, after an atrial one
  /// earlier.
  private mutating func insert(
    _ ectopy: Ectopy, _ kind: SimulatedBeat.Kind, _ duration: Double, _ generator: inout SplitMix64
  ) {
    let candidates = beats.indices.dropFirst(2).filter { (0.8..<(duration - 0.4)).contains(beats[$0].time) }
    guard !candidates.isEmpty else { return }
    let coupling = generator.uniform(0.58..<0.72)
    let chosen =
      switch ectopy {
      case .scattered(let count):
        (0..<count).map { _ in candidates[generator.index(below: candidates.count)] }
      case .every(let length): candidates.filter { $0.isMultiple(of: length) }
      }
    for index in chosen {
      guard beats[index].kind == .normal, beats[index - 1].kind == .normal, beats[index + 1].kind == .normal
      else { continue }
      let before = beats[index - 1].time
      let early = (before + coupling * (beats[index].time - before)) - beats[index].time
      beats[index].kind = kind
      beats[index].time += early
      if kind == .atrialPremature {
        for later in beats.indices[(index + 1)...] { beats[later].time += 0.8 * early }
      }
    }
  }
}
