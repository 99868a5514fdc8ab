import Foundation

/// The heart rhythms that the simulator knows.
///
/// Raw values are the codes of PTB-XL's `scp_statements.csv`.
public enum SimulatedRhythm: String, CaseIterable, Sendable {
  /// Sinus rhythm, 60 to 99 beats a minute.
  case sinus = "SR"
  /// Sinus bradycardia, below 60.
  case bradycardia = "SBRAD"
  /// Sinus tachycardia, 100 and more.
  case tachycardia = "STACH"
  /// Sinus arrhythmia: a rate that clearly follows respiration.
  case arrhythmia = "SARRH"
  /// Atrial fibrillation: no P waves, no two intervals alike.
  case fibrillation = "AFIB"
  /// Atrial flutter at about 300 a minute, of which every second to fourth wave is conducted.
  case flutter = "AFLT"
  /// A ventricular pacemaker.
  case paced = "PACE"

  /// The likelihood with which PTB-XL states it.
  var likelihood: Double {
    switch self {
    case .flutter, .paced: 100
    case .sinus, .bradycardia, .tachycardia, .arrhythmia, .fibrillation: 0
    }
  }

  var report: String {
    switch self {
    case .sinus: "sinusrhythmus"
    case .bradycardia: "sinusbradykardie"
    case .tachycardia: "sinustachykardie"
    case .arrhythmia: "sinusarrhythmie"
    case .fibrillation: "vorhofflimmern"
    case .flutter: "vorhofflattern"
    case .paced: "schrittmacher ekg"
    }
  }

  /// Whether an atrial wave leads to every beat.
  var hasSinusNode: Bool {
    switch self {
    case .sinus, .bradycardia, .tachycardia, .arrhythmia: true
    case .fibrillation, .flutter, .paced: false
    }
  }
}

/// One heartbeat of a simulated recording.
public struct SimulatedBeat: Sendable, Equatable {
  /// Where a beat comes from.
  public enum Kind: String, Sendable {
    /// Conducted from the atria in the usual way.
    case normal = "N"
    /// A premature beat of the atria.
    case atrialPremature = "A"
    /// A premature beat of a ventricle.
    case ventricularPremature = "V"
    /// Released by a pacemaker.
    case paced = "/"
  }

  /// The time of its R peak in seconds from the start of the recording.
  public var time: Double
  /// Where it comes from.
  public var kind: Kind
  /// The seconds since the beat before.
  public var interval: Double
}

/// The beats of one recording, with those just before and after it.
struct BeatSequence: Sendable {
  var beats: [SimulatedBeat]
  /// Flutter waves per second, for flutter only.
  var flutterRate = 5.0
  /// The frequency in Hz and phase of respiration, which the baseline follows as well.
  var respirationRate: Double
  var respirationPhase: Double

  /// The position within the breath at a time, −1 … 1.
  func respiration(_ time: Double) -> Double {
    sin(2 * Double.pi * respirationRate * time + respirationPhase)
  }

  /// Draws the beats of a rhythm for `duration` seconds, with `ectopic` premature beats of a kind among them.
  init(
    rhythm: SimulatedRhythm, duration: Double, ectopic: Int, kind: SimulatedBeat.Kind, age: Double,
    using generator: inout SplitMix64
  ) {
    respirationRate = generator.uniform(0.18..<0.33)
    respirationPhase = generator.uniform(0..<(2 * Double.pi))
    beats = []
    let perMinute: Double
    switch rhythm {
    case .sinus: perMinute = min(max(72 + 9 * generator.normal(), 62.5), 95)
    case .bradycardia: perMinute = min(max(52 + 4 * generator.normal(), 42), 57.5)
    case .tachycardia: perMinute = min(max(112 + 8 * generator.normal(), 103), 140)
    case .arrhythmia: perMinute = generator.uniform(58..<82)
    case .fibrillation: perMinute = min(max(88 + 20 * generator.normal(), 55), 150)
    case .flutter: perMinute = 0
    case .paced: perMinute = generator.uniform(60..<76).rounded()
    }
    let flutter = generator.uniform(4.6..<5.3)
    flutterRate = flutter
    // Respiratory sinus arrhythmia fades with age.
    let respiratory: Double
    switch rhythm {
    case .arrhythmia: respiratory = generator.uniform(0.12..<0.20)
    case .sinus, .bradycardia, .tachycardia: respiratory = max(0.005, 0.035 - 0.0003 * age)
    case .fibrillation, .flutter, .paced: respiratory = 0
    }
    let conduction = 2 + generator.index(below: 3)

    var time = -2.5 + generator.uniform(0..<0.8)
    var drift = 0.0
    while time < duration + 1.5 {
      var interval = 60 / perMinute
      switch rhythm {
      case .sinus, .bradycardia, .tachycardia, .arrhythmia:
        drift = 0.8 * drift + 0.006 * generator.normal()
        interval *= 1 + respiratory * respiration(time) + drift
      case .fibrillation:
        interval *= max(0.48, exp(0.20 * generator.normal() - 0.02))
      case .flutter:
        let waves = generator.uniform() < 0.75 ? conduction : 2 + generator.index(below: 3)
        interval = Double(waves) / flutter
      case .paced:
        break
      }
      beats.append(SimulatedBeat(time: time, kind: rhythm == .paced ? .paced : .normal, interval: interval))
      time += interval
    }
    insert(ectopic, kind, duration, &generator)
    for index in beats.indices.dropFirst() {
      beats[index].interval = beats[index].time - beats[index - 1].time
    }
  }

  /// Moves beats forward; after a ventricular one the next comes when it would have, after an atrial one
  /// earlier.
  private mutating func insert(
    _ count: Int, _ kind: SimulatedBeat.Kind, _ duration: Double, _ generator: inout SplitMix64
  ) {
    let candidates = beats.indices.dropFirst(2).filter { (0.8..<(duration - 0.4)).contains(beats[$0].time) }
    guard count > 0, !candidates.isEmpty else { return }
    let coupling = generator.uniform(0.58..<0.72)
    for _ in 0..<count {
      let index = candidates[generator.index(below: candidates.count)]
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
