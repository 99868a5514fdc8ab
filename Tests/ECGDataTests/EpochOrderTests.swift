import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct EpochOrderTests {
  /// One case of `Fixtures/golden/epoch_order.json`, which `tools/golden/epoch_order.py` writes.
  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    var count: Int
    var seed: String
    var epoch: Int
    var sha256: String
    /// The first hundred.
    var order: [Int]

    var testDescription: String { "\(count) records, seed \(seed), epoch \(epoch)" }

    static let all: [Golden] = {
      struct File: Decodable { var cases: [Golden] }
      let data = try? Data(contentsOf: Repository.root.appending(path: "Fixtures/golden/epoch_order.json"))
      return (try? data.map { try JSONDecoder().decode(File.self, from: $0) })?.cases ?? []
    }()
  }

  @Test func goldenCasesAreThere() {
    #expect(Golden.all.count >= 12)
  }

  @Test(arguments: Golden.all) func equalsTheReference(golden: Golden) throws {
    let seed = try #require(UInt64(golden.seed))
    let order = EpochOrder.shuffled.places(shardStarts: [0, golden.count], seed: seed, epoch: golden.epoch)
      .map(Int.init)
    #expect(Array(order.prefix(100)) == golden.order)
    #expect(order.sorted() == Array(0..<golden.count))
    let bytes = order.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    #expect(Digest.sha256(bytes) == golden.sha256)
  }
}
