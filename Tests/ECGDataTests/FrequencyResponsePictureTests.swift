import Foundation
import Testing

@testable import ECGData

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct FrequencyResponsePictureTests {
  let bank: FilterBank = [
    .recursive(.bandpass(low: 0.5, high: 40)), .notch(frequency: 50), .medianBaseline(),
    .windowed(.lowpass(100), seconds: 0.1, causal: true),
  ]

  @Test func isWellFormedAndSaysWhatItDraws() throws {
    let svg = try FrequencyResponsePicture(bank, rate: 500, outputRate: 100).svg()
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    for text in [
      "500 Hz", "half of 100 Hz", "notch: {causal: false, frequency: 50, q: 30}", "not linear", "group delay",
      "0.557 Hz", "all that are drawn together",
    ] {
      #expect(svg.contains(text), "\(text)")
    }
    // The bank, and three of its four filters; a curve has over a thousand points.
    #expect(svg.components(separatedBy: "<path").count - 1 == 5)
    #expect(svg.components(separatedBy: "L").count > 4000)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func isTheSameEachTime() throws {
    let first = try FrequencyResponsePicture(bank, rate: 360).svg()
    #expect(try FrequencyResponsePicture(bank, rate: 360).svg() == first)
  }

  @Test(arguments: [1.0, 3, 62.4725, 100, 1e5]) func drawsAtAnyRate(rate: Double) throws {
    let svg = try FrequencyResponsePicture([.recursive(.lowpass(rate / 8))], rate: rate).svg()
    #expect(XMLParser(data: Data(svg.utf8)).parse() && svg.contains("one filter"))
  }

  @Test func refusesNothingAndTheImpossible() {
    #expect(throws: ECGError.self) { try FrequencyResponsePicture([], rate: 500) }
    #expect(throws: ECGError.self) { try FrequencyResponsePicture([.notch(frequency: 250)], rate: 500) }
  }

  /// Each filter's delay against the slope of its own phase.
  @Test(arguments: FilterStreamTests.steps) func groupDelayIsThePhasesSlope(step: FilterStep) throws {
    let designed = try FilterBank([step]).design(rate: 500)
    for frequency in [0.7, 3, 11, 31, 47] {
      let ends = designed.response(at: [frequency - 1e-4, frequency + 1e-4])
      let slope =
        (ends[0].phase - ends[1].phase).remainder(dividingBy: 2 * Double.pi) / (2 * Double.pi * 2e-4)
      let delay = designed.groupDelay(at: [frequency])[0]
      #expect(abs(delay - slope) < 1e-5 + 1e-4 * abs(delay))
    }
  }

  /// Edges of a Butterworth filter are at -3 dB, and narrower bands than a pixel are drawn.
  @Test func marksEdgesWhereTheyAre() throws {
    let causal = try FrequencyResponsePicture([.recursive(.lowpass(40), causal: true)], rate: 500).svg()
    #expect(causal.contains(">40 Hz<"))
    let narrow = try FrequencyResponsePicture(
      [.recursive(.bandpass(low: 150.1, high: 150.3), order: 2, causal: true)], rate: 500)
    // 0 dB, 5 of 85 dB below the top of the panel.
    let top = 64 + 350 * 5.0 / 85
    let curve = narrow.svg().components(separatedBy: "<path d=\"M")[1]
    let heights = curve.components(separatedBy: "L").compactMap { point in
      point.split(separator: " ").dropFirst().first.flatMap {
        Double($0.prefix { "0123456789.".contains($0) })
      }
    }
    #expect(heights.contains { abs($0 - top) < 0.5 })
  }

  @Test func saysThatMediansAreNotDrawn() throws {
    let svg = try FrequencyResponsePicture([.medianBaseline()], rate: 500).svg()
    #expect(svg.contains("not linear") && !svg.contains("<path") && !svg.contains("together"))
  }

  /// The group delay of a symmetric window is half its length at every frequency.
  @Test func bankHasItsStepsPhase() throws {
    let designed = try FilterBank([.windowed(.lowpass(100), seconds: 0.1, causal: true)]).design(rate: 500)
    let response = designed.response(at: [3, 3.1])
    let turn = response[0].phase - response[1].phase
    #expect(abs(turn / (2 * Double.pi * 0.1) - 25.0 / 500) < 1e-9)
    let zero = try FilterBank([.notch(frequency: 50), .comb(frequency: 50)]).design(rate: 500)
    #expect(zero.response(at: [1, 20, 60]).allSatisfy { $0.imaginary == 0 && $0.real > 0 })
  }
}
