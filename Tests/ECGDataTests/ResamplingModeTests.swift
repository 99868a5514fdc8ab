import ECGData
import Foundation
import Testing

/// What each mode does to sines on the way from 500 to 100 Hz: the figures of ``ResamplingMode``.
@Suite struct ResamplingModeTests {
  /// A component of the output of ten seconds of a sine, without the first and the last second, as a phasor.
  private func component(_ mode: ResamplingMode, of source: Double, at found: Double) throws -> (
    Double, Double
  ) {
    let resampler = try mode.resampler(from: 500, to: 100)
    let output = resampler((0..<5000).map { sin(2 * Double.pi * source * Double($0) / 500) })
    var (real, imaginary) = (0.0, 0.0)
    for index in 100..<900 {
      let angle = 2 * Double.pi * found * Double(index) / 100
      real += output[index] * sin(angle) / 400
      imaginary += output[index] * cos(angle) / 400
    }
    return (real, imaginary)
  }

  private func size(_ phasor: (Double, Double)) -> Double {
    (phasor.0 * phasor.0 + phasor.1 * phasor.1).squareRoot()
  }

  @Test(arguments: ResamplingMode.allCases)
  func gainsLeakAndShiftAreThoseOfTheReference(mode: ResamplingMode) throws {
    let golden = try #require(ResamplingGolden.all.responses[mode.rawValue])
    let gains = try [10.0, 20, 30, 40].map { size(try component(mode, of: $0, at: $0)) }
    try #require(golden.gains.count == gains.count)
    for (gain, expected) in zip(gains, golden.gains) { #expect(abs(gain - expected) < 1e-9) }
    #expect(abs(size(try component(mode, of: 60, at: 40)) - golden.leak) < 1e-9)
    let (real, imaginary) = try component(mode, of: 10, at: 10)
    #expect(abs(atan2(imaginary, real) / (2 * Double.pi * 10) * 1000 - golden.shift) < 1e-9)
  }

  /// What was measured of the public tools, to two digits; paper 1's is the third.
  @Test(
    arguments: [
      (.polyphase, 1, 0.002, 0), (.fourier, 1, 0, 0), (.linear, 1, 1, 0), (.p1, 0.75, 0.32, 4),
    ] as [(ResamplingMode, Double, Double, Double)])
  func figuresAreThoseOfTheDocumentation(
    mode: ResamplingMode, gainAt30: Double, leak: Double, milliseconds: Double
  ) throws {
    #expect(abs(size(try component(mode, of: 30, at: 30)) - gainAt30) < 0.005)
    #expect(abs(size(try component(mode, of: 60, at: 40)) - leak) < 0.001)
    let (real, imaginary) = try component(mode, of: 10, at: 10)
    #expect(abs(atan2(imaginary, real) / (2 * Double.pi * 10) * 1000 - milliseconds) < 0.001)
  }

  @Test func p1SaysItsShift() throws {
    #expect(abs(try P1Resampler(from: 500, to: 100).shift - 0.004) < 1e-15)
  }

  private func departure(_ mode: ResamplingMode, _ signal: [Double], _ index: Int) throws -> Double {
    let resampler = try mode.resampler(from: 500, to: 100)
    let output = resampler.timeMajor(signal, leads: 1)
    return abs(output[index] - signal[5 * index])
  }

  /// A step between the end and the begin of a signal: who spreads it, and how far.
  @Test func edgesAreAsDocumented() throws {
    let drift = (0..<5000).map { Double($0) / 5000 }
    #expect(abs(try departure(.fourier, drift, 0) - 0.4) < 0.001)
    #expect(abs(try departure(.fourier, drift, 10) - 0.01) < 0.001)
    #expect(abs(try departure(.fourier, drift, 100) - 0.001) < 0.0002)
    let level = [Double](repeating: 1, count: 5000)
    #expect(abs(try departure(.polyphase, level, 0) - 0.4) < 0.001)
    let polyphase = try PolyphaseResampler(from: 500, to: 100).timeMajor(level, leads: 1)
    #expect(abs(polyphase[1] - 1.084) < 0.001)
    #expect(try departure(.polyphase, level, 10) < 1e-12)
    #expect(try departure(.linear, drift, 0) == 0)
    #expect(try departure(.p1, level, 0) < 1e-14)
  }
}
