import CKernels
import Testing

@testable import ECGData

@Suite struct FilterDesignTests {
  @Test func goldenCasesAreThere() {
    #expect(FilterGolden.shared.designs.count == 4 * 4 * 8)
    #expect(FilterGolden.shared.banks.count > 200)
    #expect(FilterGolden.shared.gaps.count == 4)
  }

  @Test(arguments: FilterGolden.shared.designs) func equalsSciPy(golden: FilterGolden.Design) throws {
    let filter = try golden.sections()
    let input = try #require(FilterGolden.shared.inputs["long"])
    #expect(relativeError(filter.filter(input), golden.causal, of: input) <= 1e-9)
    #expect(relativeError(filter.zeroPhase(input), golden.zeroPhase, of: input) <= 1e-9)
    // The greatest gain is 1, so this too is a share of it.
    let response = filter.response(at: FilterGolden.shared.frequencies, rate: FilterGolden.shared.rate)
    #expect(relativeError(response.map(\.real), golden.real, of: [100]) <= 1e-9)
    #expect(relativeError(response.map(\.imaginary), golden.imaginary, of: [100]) <= 1e-9)
  }

  /// Far from the rates of the golden file the edges must still be where they are said to be.
  @Test(arguments: [62.4725, 100, 257, 1000, 8000], 1...8) func keepsItsEdges(rate: Double, order: Int) throws
  {
    let band = FilterBand.bandpass(low: 0.05, high: 0.3 * rate)
    func gains(_ filter: SecondOrderSections) -> [Double] {
      filter.response(at: band.edges, rate: rate).map(\.magnitude)
    }
    let ripple = 0.94406087628592338  // 0.5 dB
    // The poles at 0.05 Hz are within 4e-5 of 1 at 8 kHz; rounding of their coefficients moves the edge.
    for gain in gains(try .butter(order: order, band: band, rate: rate)) {
      #expect(abs(gain - 0.5.squareRoot()) < 1e-5)
    }
    for gain in gains(try .cheby1(order: order, ripple: 0.5, band: band, rate: rate)) {
      #expect(abs(gain - ripple) < 1e-5)
    }
    for gain in gains(try .cheby2(order: order, attenuation: 40, band: band, rate: rate)) {
      #expect(abs(gain - 0.01) < 1e-5)
    }
    for gain in gains(try .ellip(order: order, ripple: 0.5, attenuation: 40, band: band, rate: rate)) {
      #expect(abs(gain - ripple) < 1e-5)
    }
  }

  @Test(arguments: FilterGolden.shared.designs) func goesOnWhereItStopped(golden: FilterGolden.Design) throws
  {
    let filter = try golden.sections()
    let input = noise("parts", count: 333)
    var state = filter.restState
    var parts: [Double] = []
    for range in [0..<0, 0..<1, 1..<2, 2..<9, 9..<200, 200..<333] {
      parts += filter.filter(input[range], carrying: &state)
    }
    #expect(parts.map(\.bitPattern) == filter.filter(input).map(\.bitPattern))
  }

  @Test(arguments: FilterGolden.shared.designs)
  func keepsASteadyLevel(golden: FilterGolden.Design) throws {
    let filter = try golden.sections()
    let input = [Double](repeating: 2, count: 50)
    let gain = try #require(filter.response(at: [0], rate: 500).first).real
    let output = filter.filter(input, initial: filter.steadyState(at: 2))
    #expect(output.allSatisfy { abs($0 - 2 * gain) < 1e-9 })
  }

  @Test(arguments: 1...13) func filtersLeadsAsOneLeadEach(leads: Int) throws {
    let filter = try SecondOrderSections.butter(order: 3, band: .bandpass(low: 0.5, high: 40), rate: 500)
    for count in [1, 2, 9, 400] {
      let record = noise("leads \(leads)", count: count * leads)
      let together = filter.zeroPhase(timeMajor: record, leads: leads)
      for lead in 0..<leads {
        let alone = filter.zeroPhase(stride(from: lead, to: record.count, by: leads).map { record[$0] })
        let column = stride(from: lead, to: record.count, by: leads).map { together[$0] }
        #expect(column.map(\.bitPattern) == alone.map(\.bitPattern))
      }
    }
  }

  /// The recursion as one would write it, against the loops for each set of instructions.
  @Test(arguments: 1...8) func givesTheSameBitsWithAllInstructions(sections: Int) throws {
    let filter = SecondOrderSections(
      Array(
        try SecondOrderSections.ellip(
          order: 8, ripple: 1, attenuation: 30, band: .bandpass(low: 1, high: 30), rate: 250
        ).sections.prefix(sections)))
    let input = noise("instructions", count: 8 * 101)
    for backwards in [false, true] {
      var expected = input
      var memory = [Double](repeating: 0.25, count: 16 * sections)
      for step in 0..<101 {
        for lane in 0..<8 {
          let place = (backwards ? 100 - step : step) * 8 + lane
          for (index, section) in filter.sections.enumerated() {
            let (p, q) = (16 * index + lane, 16 * index + 8 + lane)
            let x = expected[place]
            let y = x * section.b0 + memory[p]
            memory[p] = (x * section.b1 + memory[q]) - y * section.a1
            memory[q] = x * section.b2 - y * section.a2
            expected[place] = y
          }
        }
      }
      for raw in 0...einthoven_best_variant().rawValue {
        let variant = einthoven_variant(rawValue: raw)
        #expect(lanes(SIMD8<Double>.self, filter, input, backwards, variant) == expected)
        #expect(lanes(SIMD4<Double>.self, filter, input, backwards, variant) == expected)
        #expect(lanes(SIMD2<Double>.self, filter, input, backwards, variant) == expected)
        #expect(lanes(Double.self, filter, input, backwards, variant) == expected)
      }
    }
  }

  /// Eight leads, as many at once as `Lanes` holds.
  private func lanes<Lanes: SampleLanes>(
    _: Lanes.Type, _ filter: SecondOrderSections, _ input: [Double], _ backwards: Bool,
    _ variant: einthoven_variant
  ) -> [Double] {
    let width = MemoryLayout<Lanes>.size / MemoryLayout<Double>.size
    let rows = input.count / 8
    var output = input
    for first in stride(from: 0, to: 8, by: width) {
      var line = [Lanes](repeating: .zero, count: rows)
      var memories = [Lanes](repeating: .zero, count: 2 * filter.sections.count)
      line.withUnsafeMutableBytes { bytes in
        let samples = bytes.assumingMemoryBound(to: Double.self)
        for place in samples.indices { samples[place] = input[place / width * 8 + first + place % width] }
      }
      memories.withUnsafeMutableBytes { bytes in
        let samples = bytes.assumingMemoryBound(to: Double.self)
        for place in samples.indices { samples[place] = 0.25 }
      }
      line.withUnsafeMutableBufferPointer { line in
        memories.withUnsafeMutableBufferPointer {
          filter.run(line, $0, backwards: backwards, variant: variant)
        }
      }
      line.withUnsafeBytes { bytes in
        let samples = bytes.assumingMemoryBound(to: Double.self)
        for place in samples.indices { output[place / width * 8 + first + place % width] = samples[place] }
      }
    }
    return output
  }

  @Test func refusesWhatNoFilterCanHave() throws {
    let refused: [(String, () throws -> SecondOrderSections)] = [
      ("order of 0", { try .butter(order: 0, band: .lowpass(40), rate: 500) }),
      ("order of 9", { try .butter(order: 9, band: .lowpass(40), rate: 500) }),
      ("250.0 Hz", { try .butter(order: 2, band: .lowpass(250), rate: 500) }),
      ("nan Hz", { try .butter(order: 2, band: .highpass(.nan), rate: 500) }),
      ("-1.0 Hz", { try .butter(order: 2, band: .bandpass(low: -1, high: 40), rate: 500) }),
      ("40.0 Hz", { try .butter(order: 2, band: .bandstop(low: 40, high: 40), rate: 500) }),
      ("rate of 0", { try .butter(order: 2, band: .lowpass(40), rate: 0) }),
      ("rate of inf", { try .butter(order: 2, band: .lowpass(40), rate: .infinity) }),
      ("ripple of 0", { try .cheby1(order: 2, ripple: 0, band: .lowpass(40), rate: 500) }),
      ("attenuation of nan", { try .cheby2(order: 2, attenuation: .nan, band: .lowpass(40), rate: 500) }),
      ("40.0 dB", { try .ellip(order: 2, ripple: 40, attenuation: 30, band: .lowpass(40), rate: 500) }),
      ("q of 0", { try .iirnotch(frequency: 50, q: 0, rate: 500) }),
      ("300.0 Hz", { try .iirnotch(frequency: 300, q: 30, rate: 500) }),
    ]
    for (named, design) in refused {
      let error = try error { try design() }
      #expect(error.code == .invalidArgument)
      #expect(error.message.contains(named), "\(error.message)")
    }
  }

  /// What is designed is stable; what rounding would make unstable is refused.
  @Test(arguments: 1...8) func designsTheExtremes(order: Int) throws {
    let bands: [FilterBand] = [
      .lowpass(1e-9), .highpass(1e-9), .lowpass(249.999999), .bandpass(low: 0.5, high: 40),
      .bandpass(low: 1e-3, high: 2e-3), .bandstop(low: 50, high: 50 * (1 + 1e-15)),
    ]
    for (ripple, attenuation) in [(1e-6, 300.0), (1e-6, 0.2), (3, 3.1), (100, 300), (299, 300)] {
      for band in bands {
        do {
          let filter = try SecondOrderSections.ellip(
            order: order, ripple: ripple, attenuation: attenuation, band: band, rate: 500)
          #expect(filter.sections.allSatisfy { ($0.b0 + $0.b1 + $0.b2).isFinite })
          #expect(filter.sections.allSatisfy { abs($0.a2) < 1 && abs($0.a1) < 1 + $0.a2 })
        } catch let refused as ECGError {
          #expect(refused.message.contains("too sharp"))
        }
      }
    }
    let lowpass = try error { try SecondOrderSections.butter(order: order, band: .lowpass(1e-20), rate: 500) }
    #expect(lowpass.message.contains("too sharp"))
    let notch = try error { try SecondOrderSections.iirnotch(frequency: 50, q: 1e20, rate: 500) }
    #expect(notch.message.contains("too sharp"))
  }
}
