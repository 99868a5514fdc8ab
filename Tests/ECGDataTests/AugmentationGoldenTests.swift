import Foundation
import TestSupport
import Testing

@testable import ECGData

/// `Fixtures/golden/augmentations.json`, which `tools/golden/augmentations.py` writes with NumPy.
struct AugmentationGolden: Decodable, Sendable {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var text: String
    var rate: Double
    var state: String
    var after: String
    var output: [Double]

    var testDescription: String { "\(text) at \(rate) Hz" }
  }

  var input: [Float]
  var unit: [Float]
  var cases: [Case]

  static let shared: AugmentationGolden? = {
    let url = Repository.root.appending(path: "Fixtures/golden/augmentations.json")
    return (try? Data(contentsOf: url)).flatMap {
      try? JSONDecoder().decode(AugmentationGolden.self, from: $0)
    }
  }()
}

@Suite struct AugmentationGoldenTests {
  /// All kinds are there.
  @Test func namesAllKinds() throws {
    let golden = try #require(AugmentationGolden.shared)
    let names = Set(golden.cases.compactMap { $0.text.split(separator: ":").first.map(String.init) })
    #expect(names == Set(Augmentation.names))
  }

  /// The same draws give the same crop, and no draw more or less.
  @Test(arguments: AugmentationGolden.shared?.cases ?? []) func isWhatNumPyMakes(
    item: AugmentationGolden.Case
  ) throws {
    let golden = try #require(AugmentationGolden.shared)
    let crop = try Augmentation(item.text).applied(
      to: golden.input, rate: item.rate, unit: golden.unit, state: try #require(UInt64(item.state)))
    #expect("\(crop.state)" == item.after)
    #expect(item.output.count == 12 * crop.count)
    var worst = 0.0
    for (index, expected) in item.output.enumerated() {
      worst = max(worst, abs(Double(crop[index % 12][index / 12]) - expected) / max(1, abs(expected)))
    }
    #expect(worst < 1e-5, "\(worst)")
    #expect(crop.beyond.allSatisfy { $0 == 0 })
  }
}
