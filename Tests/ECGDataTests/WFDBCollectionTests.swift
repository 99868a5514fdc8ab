import ECGData
import Foundation
import TestSupport
import Testing

/// Published records of many collections: each is read, or refused, as its own quirks ask.
@Suite(.enabled(if: SharedVectors.collections != nil, "needs ../shared/data"))
struct WFDBCollectionTests {
  static let headers: [String] = {
    guard let root = SharedVectors.collections,
      let names = FileManager.default.enumerator(atPath: root)?.compactMap({ $0 as? String })
    else { return [] }
    return names.filter { $0.hasSuffix(".hea") }.sorted().map { "\(root)/\($0)" }
  }()

  @Test func readsAllThatHaveSignals() throws {
    var read = 0
    var withoutSignal = 0
    for path in WFDBCollectionTests.headers {
      let stem = path.dropLast(4)
      let hasSignal =
        ["mat", "dat"].contains { FileManager.default.fileExists(atPath: "\(stem).\($0)") }
        || path.hasSuffix("9190_low_sample_rate.hea")
      if hasSignal {
        let reading = try WFDBReader.read(path)
        let rules = Set(reading.findings.map(\.rule))
        #expect(rules.isSubset(of: [.wfdbHeader, .unitsAssumed]), "\(path): \(reading.findings)")
        #expect(reading.isWhole && reading.recording.frameCount > 0)
        #expect(reading.findings.filter { $0.rule == .wfdbHeader }.count == reading.repairs.count)
        read += 1
      } else {
        let error = try error { try WFDBReader.read(path) }
        #expect(error.code == .notFound)
        // The header itself is sound.
        #expect(try WFDBHeader(contentsOf: path).signals.count == 12)
        withoutSignal += 1
      }
    }
    #expect(read == 144 + 300 + 3 && withoutSignal == 36)
  }

  /// One record under two names, and what its headers are known for.
  @Test(
    arguments: [
      ("E00015", [.recordName, .dateBeforeTime]), ("E07500", []), ("HR00599", [.dateBeforeTime]),
      ("9190", []),
      ("9190_low_sample_rate", [.recordName]), ("JS00001", [.dateBeforeTime]),
    ] as [(String, Set<WFDBRepair.Kind>)])
  func saysWhatIsRepaired(record: String, kinds: Set<WFDBRepair.Kind>) throws {
    let path = try #require(WFDBCollectionTests.headers.first { $0.hasSuffix("/\(record).hea") })
    #expect(try Set(WFDBReader(path).header.repairs.map(\.kind)) == kinds)
  }
}
