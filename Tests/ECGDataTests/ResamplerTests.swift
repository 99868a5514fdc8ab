import CKernels
import Foundation
import Testing

@testable import ECGData

/// `Fixtures/golden/resample.json`, which `tools/golden/resample.py` writes with SciPy and scikit-image.
struct ResamplingGolden: Decodable, Sendable {
  /// A signal and what it becomes; a missing sample is null.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var from: Double
    var to: Double
    var up: Int
    var down: Int
    var input: [Double?]
    var outputs: [String: [Double?]]

    var testDescription: String {
      "\(input.count) samples\(input.contains(nil) ? " with gaps" : ""), \(from) to \(to) Hz"
    }
  }

  /// What is left of sines, 500 to 100 Hz.
  struct Response: Decodable, Sendable {
    /// Of 10, 20, 30 and 40 Hz.
    var gains: [Double]
    /// Of 60 Hz, at 40 Hz.
    var leak: Double
    /// How many milliseconds after its time an output's stands.
    var shift: Double
  }

  var cases: [Case]
  var responses: [String: Response]

  static let all: ResamplingGolden = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let data = try? Data(contentsOf: root.appending(path: "Fixtures/golden/resample.json"))
    let golden = try? data.map { try JSONDecoder().decode(ResamplingGolden.self, from: $0) }
    return golden ?? ResamplingGolden(cases: [], responses: [:])
  }()
}

@Suite struct ResamplerTests {
  @Test func goldenCasesAreThere() {
    #expect(ResamplingGolden.all.cases.count > 30)
    #expect(ResamplingGolden.all.cases.allSatisfy { $0.outputs.count == ResamplingMode.allCases.count })
    #expect(ResamplingGolden.all.responses.count == ResamplingMode.allCases.count)
  }

  @Test(arguments: ResamplingMode.allCases, ResamplingGolden.all.cases)
  func equalsSciPy(mode: ResamplingMode, golden: ResamplingGolden.Case) throws {
    let ratio = try RateRatio(from: golden.from, to: golden.to)
    #expect(ratio.up == golden.up && ratio.down == golden.down)
    let resampler = try mode.resampler(from: golden.from, to: golden.to)
    #expect(resampler.inputRate == golden.from && resampler.outputRate == golden.to)
    let expected = try #require(golden.outputs[mode.rawValue])
    #expect(resampler.outputCount(golden.input.count) == expected.count)
    let output = resampler(golden.input.map { $0 ?? .nan })
    try #require(output.count == expected.count)
    let scale = expected.map { abs($0 ?? 0) }.max() ?? 0
    for (value, expected) in zip(output, expected) {
      #expect(value.isNaN == (expected == nil))
      if let expected { #expect(abs(value - expected) <= 1e-12 * scale) }
    }
  }

  /// Pairs of rates, several seconds of signal each.
  static let rates: [(Double, Double)] = [
    (500, 100), (500, 250), (1000, 500), (400, 500), (257, 250), (360, 100), (100, 500), (62.4725, 100),
  ]

  /// The ripple of the filter's phases is below 1e-3; near the ends the zeros outside weigh in.
  @Test(arguments: rates) func polyphaseKeepsLevelAndPhase(from: Double, to: Double) throws {
    let resampler = try PolyphaseResampler(from: from, to: to)
    let count = Int(from * 4)
    let constant = resampler([Double](repeating: 1.5, count: count))
    let wave = resampler((0..<count).map { sin(2 * Double.pi * 10 * Double($0) / from) })
    for index in wave.indices where (1.0..<3.0).contains(Double(index) / to) {
      #expect(abs(constant[index] - 1.5) < 2e-3)
      #expect(abs(wave[index] - sin(2 * Double.pi * 10 * Double(index) / to)) < 2e-3)
    }
  }

  /// Leads in any number, cut in pieces or not, threads in any number, and Float give the same.
  @Test(arguments: ResamplingMode.allCases, rates)
  func resamplesLeadsAsOneLeadEach(mode: ResamplingMode, rates: (Double, Double)) throws {
    let resampler = try mode.resampler(from: rates.0, to: rates.1)
    var generator = SplitMix64("leads", UInt64(rates.1))
    for (leads, rows) in [(1, 20), (2, 700), (3, 701), (5, 90), (8, 700), (12, 1400), (15, 333)] {
      var record = (0..<(leads * rows)).map { _ in Double(Float(generator.normal())) }
      if leads > 2 { record[leads * 7 + 1] = .nan }
      let together = resampler.timeMajor(record, leads: leads)
      let lines = (0..<leads).map { lead in stride(from: lead, to: record.count, by: leads).map { record[$0] }
      }
      let alone = try Parallel.map(leads, jobs: 4) { resampler(lines[$0]) }
      for lead in 0..<leads {
        let column = stride(from: lead, to: together.count, by: leads).map { together[$0] }
        #expect(column.map(\.bitPattern) == alone[lead].map(\.bitPattern))
      }
      var narrow: [Float] = []
      resampler.resample(timeMajor: record.map(Float.init), leads: leads, into: &narrow)
      #expect(narrow.map(\.bitPattern) == together.map { Float($0).bitPattern })
    }
  }

  /// The plain loop that all sums are: tap after tap, multiplied, then added.
  @Test func sumsAreTheSameWithAllInstructions() {
    var generator = SplitMix64("taps", 1)
    for (up, down, lanes, count) in [
      (1, 5, 24, 37), (2, 5, 12, 31), (5, 4, 3, 90), (100, 257, 15, 333), (3, 1, 1, 8), (1, 1, 40, 1),
    ] {
      var taps: [einthoven_tap] = []
      var starts = [0]
      for phase in 0..<up {
        for tap in 0..<(3 + phase % 5) {
          taps.append(einthoven_tap(coefficient: generator.normal(), row: phase * down / up + tap - 2))
        }
        starts.append(taps.count)
      }
      let before = 2
      let input = (0..<((before + count * down / up + down + 8) * lanes)).map { _ in generator.normal() }
      var expected = [Double](repeating: 0, count: count * lanes)
      for output in 0..<count {
        for lane in 0..<lanes {
          var sum = 0.0
          for tap in taps[starts[output % up]..<starts[output % up + 1]] {
            sum += input[(before + output / up * down + tap.row) * lanes + lane] * tap.coefficient
          }
          expected[output * lanes + lane] = sum
        }
      }
      for raw in 0...einthoven_best_variant().rawValue {
        var output = [Double](repeating: .nan, count: expected.count)
        input.withUnsafeBufferPointer { input in
          taps.withUnsafeBufferPointer { taps in
            starts.withUnsafeBufferPointer { starts in
              var phases = einthoven_phases(
                taps: taps.baseAddress, starts: starts.baseAddress, up: up, down: down)
              einthoven_fir(
                einthoven_variant(rawValue: raw), &phases, input.baseAddress.map { $0 + before * lanes },
                lanes, count, &output)
            }
          }
        }
        #expect(output.map(\.bitPattern) == expected.map(\.bitPattern))
      }
    }
  }

  /// Against the sum that the transform is, and each lane against that lane alone.
  @Test(arguments: [1, 2, 3, 4, 5, 7, 9, 60, 121, 250, 31 * 4])
  func transformsAreTheSameWithAllInstructions(count: Int) throws {
    let transform = try #require(MixedRadixTransform(count: count))
    var generator = SplitMix64("transform", UInt64(count))
    let input = (0..<(8 * 2 * count)).map { _ in generator.normal() }
    /// `Lanes` leads from one on, real and imaginary parts.
    func transformed<Lanes: FourierLanes>(_: Lanes.Type, from lead: Int, _ raw: UInt32) -> [UInt64] {
      let width = MemoryLayout<Lanes>.size / MemoryLayout<Double>.size
      return ScratchMemory.with(2 * count, of: ComplexLanes<Lanes>.self) { memory in
        guard let first = memory.baseAddress else { return [] }
        let samples = UnsafeMutableRawPointer(first).assumingMemoryBound(to: Double.self)
        for index in 0..<(2 * count) {
          for lane in 0..<width { samples[index * width + lane] = input[index * 8 + lead + lane] }
        }
        let result = transform.apply(first, first + count, variant: einthoven_variant(rawValue: raw))
        let found = UnsafeRawPointer(result).assumingMemoryBound(to: Double.self)
        return (0..<(2 * count * width)).map { found[$0].bitPattern }
      }
    }
    for lead in 0..<8 {
      let alone = transformed(Double.self, from: lead, 0)
      for output in 0..<count {
        var (real, imaginary) = (0.0, 0.0)
        for index in 0..<count {
          let angle = -2 * Double.pi * Double(index * output % count) / Double(count)
          let (a, b) = (input[16 * index + lead], input[16 * index + 8 + lead])
          real += a * cos(angle) - b * sin(angle)
          imaginary += a * sin(angle) + b * cos(angle)
        }
        #expect(abs(Double(bitPattern: alone[2 * output]) - real) < 1e-12 * Double(count))
        #expect(abs(Double(bitPattern: alone[2 * output + 1]) - imaginary) < 1e-12 * Double(count))
      }
      for raw in 0...einthoven_best_variant().rawValue {
        func column(_ numbers: [UInt64], _ width: Int) -> [UInt64] {
          stride(from: lead % width, to: numbers.count, by: width).map { numbers[$0] }
        }
        #expect(transformed(Double.self, from: lead, raw) == alone)
        #expect(column(transformed(SIMD2<Double>.self, from: lead / 2 * 2, raw), 2) == alone)
        #expect(column(transformed(SIMD4<Double>.self, from: lead / 4 * 4, raw), 4) == alone)
        #expect(column(transformed(SIMD8<Double>.self, from: 0, raw), 8) == alone)
      }
    }
  }

  @Test func findsNaNWithAllInstructions() {
    for raw in 0...einthoven_best_variant().rawValue {
      let variant = einthoven_variant(rawValue: raw)
      for count in [0, 1, 7, 4095, 4097, 9001] {
        var samples = [Double](repeating: .infinity, count: count)
        #expect(einthoven_has_nan(variant, samples, count) == 0)
        for place in Set([0, count / 2, count - 1]) where samples.indices.contains(place) {
          samples[place] = .nan
          #expect(einthoven_has_nan(variant, samples, count) == 1)
          samples[place] = -1
        }
      }
    }
  }

  @Test(arguments: rates) func aGapDoesNotRing(from: Double, to: Double) throws {
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

  @Test(arguments: ResamplingMode.allCases) func keepsASignalOfNothingMissing(mode: ResamplingMode) throws {
    let resampler = try mode.resampler(from: 500, to: 100)
    let output = resampler([Double](repeating: .nan, count: 101))
    #expect(output.count == 21 && output.allSatisfy(\.isNaN))
    #expect(resampler([]).isEmpty)
  }

  @Test(arguments: ResamplingMode.allCases) func handsTheSameRateThroughUnchanged(mode: ResamplingMode) throws
  {
    let resampler = try mode.resampler(from: 500, to: 500)
    #expect(resampler([1, .infinity, -3]) == [1, .infinity, -3])
  }

  @Test func usesTheMemoryOfItsResultAgain() throws {
    let resampler = try PolyphaseResampler(from: 500, to: 100)
    var output = [Double](repeating: 7, count: 1200)
    let place = output.withUnsafeBufferPointer { $0.baseAddress }
    let input = [Double](repeating: 1, count: 12 * 500)
    resampler.resample(timeMajor: input, leads: 12, into: &output)
    #expect(output == resampler.timeMajor(input, leads: 12))
    #expect(output.withUnsafeBufferPointer { $0.baseAddress } == place)
  }

  @Test(
    arguments: ResamplingMode.allCases,
    [(0, 100), (-500, 100), (.nan, 100), (500, .infinity), (1e-4, 500)] as [(Double, Double)])
  func refusesImpossibleRates(mode: ResamplingMode, rates: (Double, Double)) {
    #expect {
      try mode.resampler(from: rates.0, to: rates.1)
    } throws: {
      ($0 as? ECGError)?.code == .unsupported
    }
  }
}
