import ECGData
import Foundation
import Testing

@Suite struct PolyphaseResamplerTests {
  /// One case of `Fixtures/golden/resample.json`, which `tools/golden/resample.py` writes with SciPy.
  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    var from: Double
    var to: Double
    var up: Int
    var down: Int
    var input: [Double]
    var output: [Double]

    var testDescription: String { "\(input.count) samples, \(from) to \(to) Hz" }

    static let all: [Golden] = {
      struct File: Decodable { var cases: [Golden] }
      let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
      let data = try? Data(contentsOf: root.appending(path: "Fixtures/golden/resample.json"))
      return (try? data.map { try JSONDecoder().decode(File.self, from: $0) })?.cases ?? []
    }()
  }

  @Test func goldenCasesAreThere() {
    #expect(Golden.all.count > 10)
  }

  @Test(arguments: Golden.all) func equalsSciPy(golden: Golden) throws {
    let resampler = try PolyphaseResampler(from: golden.from, to: golden.to)
    #expect(resampler.up == golden.up && resampler.down == golden.down)
    #expect(resampler.outputCount(golden.input.count) == golden.output.count)
    let output = resampler(golden.input)
    try #require(output.count == golden.output.count)
    let scale = golden.output.map(abs).max() ?? 1
    let error = zip(output, golden.output).map { abs($0 - $1) }.max() ?? 0
    #expect(error <= 1e-12 * scale)
  }

  /// Pairs of rates, several seconds of signal each.
  static let rates: [(Double, Double)] = [
    (500, 100), (500, 250), (1000, 500), (400, 500), (257, 250), (360, 100), (100, 500), (62.4725, 100),
  ]

  /// The ripple of the filter's phases is below 1e-3; near the ends the zeros outside weigh in.
  @Test(arguments: rates) func keepsLevelAndPhase(from: Double, to: Double) throws {
    let resampler = try PolyphaseResampler(from: from, to: to)
    let count = Int(from * 4)
    let constant = resampler([Double](repeating: 1.5, count: count))
    let wave = resampler((0..<count).map { sin(2 * Double.pi * 10 * Double($0) / from) })
    for index in wave.indices where (1.0..<3.0).contains(Double(index) / to) {
      #expect(abs(constant[index] - 1.5) < 2e-3)
      #expect(abs(wave[index] - sin(2 * Double.pi * 10 * Double(index) / to)) < 2e-3)
    }
  }

  /// 60 Hz would alias to 40 Hz; 50 Hz is the new Nyquist frequency, where the response is one half.
  @Test(arguments: [(60.0, 0.0025), (75.0, 0.001), (100.0, 0.001)])
  func dampsWhatWouldAlias(frequency: Double, bound: Double) throws {
    let resampler = try PolyphaseResampler(from: 500, to: 100)
    let output = resampler((0..<5000).map { sin(2 * Double.pi * frequency * Double($0) / 500 + 0.4) })
    #expect((output[100..<900].map(abs).max() ?? 1) < bound)
  }

  @Test(arguments: rates) func resamplesLeadsAsOneLeadEach(from: Double, to: Double) throws {
    let resampler = try PolyphaseResampler(from: from, to: to)
    var generator = SplitMix64("leads", UInt64(to))
    var record = (0..<(3 * 700)).map { _ in generator.normal() }
    record[3 * 40 + 1] = .nan
    let together = resampler.timeMajor(record, leads: 3)
    for lead in 0..<3 {
      let alone = resampler(stride(from: lead, to: record.count, by: 3).map { record[$0] })
      let column = stride(from: lead, to: together.count, by: 3).map { together[$0] }
      #expect(column.map(\.bitPattern) == alone.map(\.bitPattern))
    }
  }

  @Test(arguments: rates) func leavesOutputsInsideAGapMissing(from: Double, to: Double) throws {
    let resampler = try PolyphaseResampler(from: from, to: to)
    let whole = (0..<600).map { sin(Double($0) / 40) }
    var holed = whole
    for index in [0, 1, 100, 101, 102, 103, 104, 105, 106, 300, 599] { holed[index] = .nan }
    let output = resampler(holed)
    let reference = resampler(whole)
    for (index, value) in output.enumerated() {
      let (floor, remainder) = (index * resampler.down).quotientAndRemainder(dividingBy: resampler.up)
      let ceiling = min(remainder == 0 ? floor : floor + 1, 599)
      #expect(value.isNaN == (holed[floor].isNaN || holed[ceiling].isNaN))
      // The bridge departs from this slow wave by at most 0.025 (at the held ends), so little can ring.
      if !value.isNaN { #expect(abs(value - reference[index]) < 0.01) }
    }
  }

  @Test func keepsASignalOfNothingMissing() throws {
    let resampler = try PolyphaseResampler(from: 500, to: 100)
    let output = resampler([Double](repeating: .nan, count: 101))
    #expect(output.count == 21 && output.allSatisfy(\.isNaN))
    #expect(resampler([]).isEmpty)
  }

  @Test func handsTheSameRateThroughUnchanged() throws {
    let resampler = try PolyphaseResampler(from: 500, to: 500)
    #expect(resampler([1, .infinity, -3]) == [1, .infinity, -3])
  }

  @Test(arguments: [(0, 100), (-500, 100), (.nan, 100), (500, .infinity), (1e-4, 500)] as [(Double, Double)])
  func refusesImpossibleRates(from: Double, to: Double) {
    #expect { try PolyphaseResampler(from: from, to: to) } throws: { ($0 as? ECGError)?.code == .unsupported }
  }
}
