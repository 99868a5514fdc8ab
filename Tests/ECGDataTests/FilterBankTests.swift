import ECGData
import Testing

@Suite struct FilterBankTests {
  func bank(_ text: String) throws -> FilterBank {
    try YAML.decode(text, over: FilterBank(), file: "r.yaml")
  }

  /// Medians, combs, windowed filters and the rest, on the long input and on those shorter than their padding.
  @Test(arguments: FilterGolden.shared.banks) func equalsSciPy(golden: FilterGolden.Bank) throws {
    let filter = try bank(golden.filters).design(rate: FilterGolden.shared.rate)
    let input = try #require(FilterGolden.shared.inputs[golden.input])
    #expect(relativeError(filter(input), golden.output, of: input) <= 1e-9)
  }

  @Test(arguments: FilterGolden.shared.gaps.indices) func carriesGapsAsGaps(index: Int) throws {
    let golden = FilterGolden.shared.gaps[index]
    let filter = try bank(golden.filters).design(rate: FilterGolden.shared.rate)
    let input = golden.input.map { $0 ?? .nan }
    let output = filter(input)
    try #require(output.count == golden.output.count)
    #expect(output.map(\.isNaN) == golden.output.map { $0 == nil })
    #expect(
      relativeError(
        output.map { $0.isNaN ? 0 : $0 }, golden.output.map { $0 ?? 0 }, of: input.filter { !$0.isNaN })
        <= 1e-9)
  }

  static let everything = """
    - bandpass: {low: 0.5, high: 40, order: 4}
    - lowpass: {cutoff: 60, family: chebyshev1, ripple: 0.5}
    - highpass: {cutoff: 0.5, order: 2, causal: true, family: chebyshev2, attenuation: 40}
    - bandstop: {low: 45, high: 55, family: elliptic, ripple: 0.5, attenuation: 40}
    - notch: {frequency: 50, q: 30}
    - comb: {frequency: 50}
    - fir: {type: lowpass, cutoff: 100, seconds: 0.1}
    - fir: {type: bandpass, low: 0.5, high: 40, seconds: 0.2, window: kaiser, beta: 6.5}
    - baseline: {method: median, windows: [0.2, 0.6]}
    - moving-average: {seconds: 0.03}
    """

  @Test func readsEveryFilter() throws {
    let expected: FilterBank = [
      .recursive(.bandpass(low: 0.5, high: 40)),
      .recursive(.lowpass(60), family: .chebyshev1(ripple: 0.5)),
      .recursive(.highpass(0.5), order: 2, family: .chebyshev2(attenuation: 40), causal: true),
      .recursive(.bandstop(low: 45, high: 55), family: .elliptic(ripple: 0.5, attenuation: 40)),
      .notch(frequency: 50), .comb(frequency: 50),
      .windowed(.lowpass(100), seconds: 0.1),
      .windowed(.bandpass(low: 0.5, high: 40), seconds: 0.2, window: .kaiser(beta: 6.5)),
      .medianBaseline(), .movingAverage(seconds: 0.03),
    ]
    #expect(try bank(Self.everything) == expected)
    #expect(try bank(YAML.encode(expected)) == expected)
    #expect(try bank("[]") == [])
    #expect(try bank(YAML.encode(FilterBank())) == [])
  }

  @Test func filtersLeadsAsOneLeadEach() throws {
    let filter = try bank(Self.everything).design(rate: 500)
    var record = noise("bank", count: 12 * 700)
    for index in [0, 12, 500, 501, 512, 524, 12 * 700 - 1] { record[index] = .nan }
    for row in 0..<700 { record[12 * row + 7] = .nan }
    let together = filter.timeMajor(record, leads: 12)
    for lead in 0..<12 {
      let alone = filter(stride(from: lead, to: record.count, by: 12).map { record[$0] })
      let column = stride(from: lead, to: record.count, by: 12).map { together[$0] }
      #expect(column.map(\.bitPattern) == alone.map(\.bitPattern))
    }
    #expect(together.map(\.isNaN) == record.map(\.isNaN))
  }

  @Test func changesNothingWithoutFilters() throws {
    let filter = try FilterBank().design(rate: 500)
    #expect(filter([1, 2]) == [1, 2])
    #expect(filter.gain(at: [0, 50]) == [1, 1])
  }

  @Test func tellsItsGain() throws {
    let filter = try bank(
      """
      - bandpass: {low: 0.5, high: 40}
      - notch: {frequency: 20}
      - highpass: {cutoff: 0.5, causal: true}
      - fir: {type: lowpass, cutoff: 100, seconds: 0.1}
      - moving-average: {seconds: 0.02}
      - baseline: {}
      """
    ).design(rate: 500)
    let gains = filter.gain(at: [0, 0.5, 10, 20, 250])
    #expect(gains[0] < 1e-12 && gains[3] < 1e-12 && gains[4] < 1e-12)
    // Both ways a Butterworth filter's edge is at one half, one way at its root; the average takes nothing here.
    #expect(abs(gains[1] - 0.5 * 0.5.squareRoot()) < 2e-3)
    // (sin(11 · π / 50) / (11 · sin(π / 50))) of the average at 10 Hz.
    #expect(abs(gains[2] - 0.923) < 2e-3)
  }

  @Test(arguments: [
    ("- bandpas: {low: 1}", "bandpas"), ("- bandpass: {lo: 0.5, high: 40}", "\"low\""),
    ("- bandpass: {low: 0.5, high: 40, oder: 4}", "oder"),
    ("- bandpass: {low: 0.5, high: 40, ripple: 4}", "ripple"),
    ("- bandpass: {low: 0.5, high: 40, family: chebyshev1}", "ripple"),
    ("- bandpass: {low: 0.5, high: 40, family: bessel}", "bessel"),
    ("- bandpass: {low: 40, high: 0.5}", "0.5 Hz"), ("- bandpass: {low: 0.5, high: 40, order: 9}", "9"),
    ("- bandpass: {low: 0.5, high: 40, order: 2.5}", "order"),
    ("- lowpass: {cutoff: fast}", "cutoff"), ("- lowpass: {cutoff: .nan}", "nan"),
    ("- lowpass: {}", "cutoff"),
    ("- notch: {q: 30}", "frequency"), ("- notch: {frequency: 50, q: -1}", "-1"),
    ("- comb: {frequency: 50, q: 1}", "q of 1"), ("- fir: {type: lowpass, cutoff: 40}", "seconds"),
    ("- fir: {type: low, cutoff: 40, seconds: 1}", "low"),
    ("- fir: {type: lowpass, cutoff: 40, seconds: 1, window: kaiser}", "beta"),
    ("- fir: {type: lowpass, cutoff: 40, seconds: 1, beta: 3}", "beta"),
    ("- baseline: {method: mean}", "mean"), ("- baseline: {windows: []}", "windows"),
    ("- baseline: {windows: [0.2, -0.6]}", "-0.6"), ("- baseline: {causal: true}", "causal"),
    ("- moving-average: {seconds: 0}", "0.0 s"), ("- notch", ""),
    ("- {notch: {frequency: 50}, comb: {}}", "one key"),
    ("notch: {frequency: 50}", ""), ("- notch: 50", ""),
    ("- lowpass: {cutoff: 40, causal: perhaps}", "causal"),
  ]) func namesWhatItDoesNotKnow(text: String, named: String) throws {
    let error = try error { try bank(text) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains(named), "\(error.message)")
    #expect(!error.description.contains("\n"))
  }

  @Test(
    arguments: [
      ("- lowpass: {cutoff: 60}", 100, "filter 1 (lowpass): 60.0 Hz is not below 50.0 Hz"),
      ("- notch: {frequency: 20}\n- notch: {frequency: 50}", 100, "filter 2 (notch): 50.0 Hz"),
      ("- comb: {frequency: 60}", 500, "filter 1 (comb): a rate of 500.0 Hz"),
      ("- fir: {type: lowpass, cutoff: 40, seconds: 0.001}", 500, "filter 1 (fir): 0.001 s"),
      ("- baseline: {windows: [1e300]}", 500, "filter 1 (baseline): 1e+300 s"),
      (
        "- baseline: {windows: [0.2, 0.001]}", 500, "filter 1 (baseline): 0.001 s are less than three samples"
      ),
      ("- moving-average: {seconds: 0.001}", 500, "filter 1 (moving-average): 0.001 s"),
      ("- comb: {frequency: 0.25}", 1e6, "filter 1 (comb): the comb's 0.25 Hz"),
      ("- lowpass: {cutoff: 1e-4, order: 8}", 500, "filter 1 (lowpass): the filter is too sharp"),
      ("- lowpass: {cutoff: 1e-6, order: 2}", 500, "filter 1 (lowpass): the filter is too sharp"),
      ("- moving-average: {seconds: 0.1}", .nan, "filter 1 (moving-average): a sampling rate of nan Hz"),
    ] as [(String, Double, String)])
  func namesWhatARateDoesNotAllow(text: String, rate: Double, named: String) throws {
    let error = try error { try bank(text).design(rate: rate) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains(named), "\(error.message)")
  }

  @Test func combGoesOnWhereItStopped() throws {
    let filter = try CombFilter(frequency: 50, q: 30, rate: 500)
    let input = noise("comb", count: 100)
    var state = filter.restState
    let parts = [0..<3, 3..<13, 13..<100].flatMap { filter.filter(input[$0], carrying: &state) }
    #expect(parts.map(\.bitPattern) == filter.filter(input).map(\.bitPattern))
  }

  /// Against sorting every window, with ties.
  @Test(arguments: [3, 5, 31, 101], [1, 2, 17, 400]) func mediansAreTheMiddleOfEveryWindow(
    width: Int, count: Int
  ) {
    let input = noise("medians", count: count).map { ($0 * 3).rounded() }
    let output = RunningMedian(width: width).centered(input)
    for (index, value) in output.enumerated() {
      let window = (index - width / 2...index + width / 2).map { place in
        let turned = ((place % (2 * count)) + 2 * count) % (2 * count)
        return input[min(turned, 2 * count - 1 - turned)]
      }
      #expect(value == window.sorted()[width / 2])
    }
  }
}
