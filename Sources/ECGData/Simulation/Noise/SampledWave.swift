import Foundation

/// A sinusoid sampled step by step, by turning a pointer; exact again every 1024 samples.
struct SampledWave {
  private(set) var sine = 0.0
  private(set) var cosine = 1.0
  private var index = 0
  private let step: Double
  private let phase: Double
  private let turn: (cosine: Double, sine: Double)

  init(frequency: Double, phase: Double, rate: Double) {
    step = 2 * Double.pi * frequency / rate
    self.phase = phase
    turn = (cos(step), sin(step))
    (sine, cosine) = (sin(phase), cos(phase))
  }

  /// Goes on by one sample.
  mutating func advance() {
    index += 1
    if index & 1023 == 0 {
      (sine, cosine) = (sin(phase + step * Double(index)), cos(phase + step * Double(index)))
    } else {
      (sine, cosine) = (sine * turn.cosine + cosine * turn.sine, cosine * turn.cosine - sine * turn.sine)
    }
  }
}
