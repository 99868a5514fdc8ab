import ECGData
import Foundation
import TestSupport
import Testing

/// Real files beside the repository, against what SciPy reads: `Fixtures/golden/mat/real.json`.
@Suite struct MATRealFileTests {
  private struct Golden: Decodable {
    struct Figures: Decodable {
      var type: String
      var dims: [Int]
      var first: Double
      var last: Double
      /// In order, from the first on.
      var sum: Double
      /// The exclusive or of each number's bits.
      var bits: String

      enum CodingKeys: String, CodingKey {
        case dims, first, last, sum, bits
        case type = "class"
      }

      func difference(_ array: MATArray) -> String? {
        let values = array.doubles
        var bits: UInt64 = 0
        switch array.real {
        case .double(let values): for value in values { bits ^= value.bitPattern }
        case .single(let values): for value in values { bits ^= UInt64(value.bitPattern) }
        default: for value in array.integers ?? [] { bits ^= UInt64(bitPattern: Int64(value)) }
        }
        var sum = 0.0
        for value in values { sum += value }
        let isSame =
          array.type.name == type && array.dimensions == dims && values.first == first && values.last == last
          && sum == self.sum && String(bits) == self.bits
        return isSame ? nil : "\(array.type) \(array.dimensions) \(sum) \(bits), not \(self)"
      }
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    struct CPSC: Decodable {
      var sex: String
      var age: Double
      var data: Figures
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    var cpsc2018_original: [String: CPSC]
    var code15: [String: [String: Figures]]

    static func read() throws -> Golden {
      try JSONDecoder().decode(
        Golden.self, from: Data(contentsOf: MATGolden.folder.appending(path: "real.json")))
    }
  }

  private static let cpsc = Repository.sharedData.appending(path: "cpsc2018_original")

  @Test(.enabled(if: Repository.exists(cpsc), "shared/data/cpsc2018_original is absent"))
  func readsCPSC2018() throws {
    let golden = try Golden.read().cpsc2018_original
    #expect(golden.count == 7)
    for (name, expected) in golden {
      let file = try MATFile(contentsOf: MATRealFileTests.cpsc.appending(path: name).path())
      #expect(
        file.variables.map(\.name) == ["ECG"] && file["ECG"]?.structure?.fields == ["sex", "age", "data"])
      #expect(
        try file.text("ECG", "sex") == expected.sex && file.numeric("ECG", "age").scalar == expected.age)
      #expect(expected.data.difference(try file.numeric("ECG", "data")) == nil, "\(name)")
    }
  }

  @Test(.enabled(if: SharedVectors.ecgfm != nil, "shared/data/code15/ecgfm.tar.xz is absent"))
  func readsCODE15() throws {
    let folder = try #require(SharedVectors.ecgfm)
    let golden = try Golden.read().code15
    #expect(golden.count == 12)
    for (path, expected) in golden {
      let file = try MATFile(contentsOf: folder + "/" + path)
      #expect(Set(file.variables.map(\.name)) == Set(expected.keys))
      for (name, figures) in expected {
        #expect(figures.difference(try file.numeric(name)) == nil, "\(path) \(name)")
      }
    }
  }
}
