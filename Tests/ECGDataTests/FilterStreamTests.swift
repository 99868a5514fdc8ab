import ECGData
import Testing

@Suite struct FilterStreamTests {
  static let steps: [FilterStep] = [
    .recursive(.bandpass(low: 0.5, high: 40), causal: true),
    .recursive(.lowpass(60), family: .elliptic(ripple: 0.5, attenuation: 40), causal: true),
    .notch(frequency: 50, causal: true), .comb(frequency: 50, causal: true),
    .windowed(.lowpass(100), seconds: 0.1, causal: true), .movingAverage(seconds: 0.03, causal: true),
  ]

  /// Each filter alone and all in a row, in parts shorter and longer than what they remember.
  @Test(arguments: steps.map { [$0] } + [steps]) func equalsTheWholeToTheLastBit(steps: [FilterStep]) throws {
    let bank = try FilterBank(steps).design(rate: 500)
    var generator = SplitMix64("stream", 1)
    let signal = (0..<1500).map { _ in generator.normal() * 300 + 5000 }
    let whole = bank(signal)
    for size in [1, 7, 64, 999] {
      var stream = try FilterStream(bank)
      var parts: [Double] = []
      for start in stride(from: 0, to: signal.count, by: size) {
        parts += stream.filter(Array(signal[start..<min(start + size, signal.count)]))
        #expect(stream.filter([]).isEmpty)
      }
      #expect(parts.map(\.bitPattern) == whole.map(\.bitPattern))
    }
  }

  @Test func holdsTheLastSampleThroughAGap() throws {
    let bank = try FilterBank(Self.steps).design(rate: 500)
    var holed = (0..<400).map { Double($0 % 50) }
    var held = holed
    for index in 100..<120 {
      holed[index] = .nan
      held[index] = held[99]
    }
    var (stream, other) = (try FilterStream(bank), try FilterStream(bank))
    let output = stream.filter(Array(holed[..<110])) + stream.filter(Array(holed[110...]))
    let expected = other.filter(held)
    for index in output.indices {
      #expect((100..<120).contains(index) ? output[index].isNaN : output[index] == expected[index])
    }
  }

  /// What is missing at the begin is as if the first sample had been there: an offset does not ring.
  @Test func beginsWithTheFirstSampleThereIs() throws {
    let bank = try FilterBank(Self.steps).design(rate: 500)
    let signal = [Double](repeating: .nan, count: 40) + (0..<300).map { 5000 + Double($0 % 50) }
    var stream = try FilterStream(bank)
    let parts = [0..<20, 20..<60, 60..<340].flatMap { stream.filter(Array(signal[$0])) }
    let whole = bank(signal)
    for index in signal.indices {
      #expect(index < 40 ? parts[index].isNaN : abs(parts[index] - whole[index]) < 1e-8)
    }
  }

  @Test(arguments: [FilterStep.notch(frequency: 50), .medianBaseline()])
  func refusesWhatLooksAhead(step: FilterStep) throws {
    let bank = try FilterBank([.notch(frequency: 60, causal: true), step]).design(rate: 500)
    #expect { try FilterStream(bank) } throws: {
      ($0 as? ECGError)?.message.contains("filter 2") == true
    }
  }
}
