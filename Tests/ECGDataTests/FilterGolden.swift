import ECGData
import Foundation
import Testing

/// `Fixtures/golden/filters.json`, which `tools/golden/filters.py` writes with SciPy.
struct FilterGolden: Decodable, Sendable {
  /// One designed filter, its response and what it makes of the long input, from rest and with zero phase.
  struct Design: Decodable, Sendable, CustomTestStringConvertible {
    var family: String
    var band: String
    var order: Int
    var real: [Double]
    var imaginary: [Double]
    var causal: [Double]
    var zeroPhase: [Double]

    var testDescription: String { "\(family) \(band) of order \(order)" }

    func sections() throws -> SecondOrderSections {
      let golden = FilterGolden.shared
      let edges = golden.edges[band] ?? []
      let range = (low: try #require(edges.first), high: try #require(edges.last))
      let designed: FilterBand =
        switch band {
        case "lowpass": .lowpass(range.low)
        case "highpass": .highpass(range.low)
        case "bandpass": .bandpass(low: range.low, high: range.high)
        default: .bandstop(low: range.low, high: range.high)
        }
      switch family {
      case "butterworth":
        return try .butter(order: order, band: designed, rate: golden.rate)
      case "chebyshev1":
        return try .cheby1(order: order, ripple: golden.ripple, band: designed, rate: golden.rate)
      case "chebyshev2":
        return try .cheby2(order: order, attenuation: golden.attenuation, band: designed, rate: golden.rate)
      default:
        return try .ellip(
          order: order, ripple: golden.ripple, attenuation: golden.attenuation, band: designed,
          rate: golden.rate)
      }
    }
  }

  /// What a bank makes of one of the inputs.
  struct Bank: Decodable, Sendable, CustomTestStringConvertible {
    var filters: String
    var input: String
    var output: [Double]

    var testDescription: String { "\(filters) on \(input)" }
  }

  /// What a bank makes of a signal with gaps, which are null.
  struct Gaps: Decodable, Sendable {
    var filters: String
    var input: [Double?]
    var output: [Double?]
  }

  var rate = 0.0
  var ripple = 0.0
  var attenuation = 0.0
  var frequencies: [Double] = []
  var edges: [String: [Double]] = [:]
  var inputs: [String: [Double]] = [:]
  var designs: [Design] = []
  var banks: [Bank] = []
  var gaps: [Gaps] = []

  static let shared: FilterGolden = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let data = try? Data(contentsOf: root.appending(path: "Fixtures/golden/filters.json"))
    return (try? data.map { try JSONDecoder().decode(FilterGolden.self, from: $0) }) ?? FilterGolden()
  }()
}

/// The greatest difference, as a share of the greatest expected value.
///
/// Where all that is expected is next to nothing, as for a constant in a high-pass, a hundredth of the input's
/// greatest value stands for it.
func relativeError(_ values: [Double], _ expected: [Double], of input: [Double]) -> Double {
  guard values.count == expected.count else { return .infinity }
  let scale = max(expected.map(abs).max() ?? 0, 1e-2 * (input.map(abs).max() ?? 0), .leastNormalMagnitude)
  var worst = 0.0
  for (value, other) in zip(values, expected) {
    let error = abs(value - other) / scale
    // NaN must not pass for small.
    worst = error <= worst ? worst : error.isNaN ? .infinity : error
  }
  return worst
}

/// A noise of normal distribution, always the same for the same name.
func noise(_ name: String, count: Int) -> [Double] {
  var generator = SplitMix64(name, UInt64(count))
  return (0..<count).map { _ in generator.normal() }
}
