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
      "0.56 Hz", "all together",
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
    let svg = try FrequencyResponsePicture([.movingAverage(seconds: 0.5)], rate: rate).svg()
    #expect(XMLParser(data: Data(svg.utf8)).parse() && svg.contains("one filter"))
  }

  @Test func refusesNothingAndTheImpossible() {
    #expect(throws: ECGError.self) { try FrequencyResponsePicture([], rate: 500) }
    #expect(throws: ECGError.self) { try FrequencyResponsePicture([.notch(frequency: 250)], rate: 500) }
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
