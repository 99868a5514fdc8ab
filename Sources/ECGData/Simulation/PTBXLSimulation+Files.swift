import Crypto
import Foundation

extension PTBXLSimulation {
  /// Makes the folders of a collection, in a directory that is empty or not there yet.
  static func prepare(_ directory: String, records: Int) throws {
    let files = FileManager.default
    if files.fileExists(atPath: directory) {
      let content = try describing(directory) { try files.contentsOfDirectory(atPath: directory) }
      guard content.isEmpty else {
        throw ECGError(
          .invalidArgument, "the directory is not empty", file: directory, advice: "name a new or empty one")
      }
    }
    for thousand in 0...(records / 1000) {
      for rate in ["records100", "records500"] {
        let path = "\(directory)/\(rate)/\(PTBXLRow.padded(1000 * thousand))"
        try describing(path) { try files.createDirectory(atPath: path, withIntermediateDirectories: true) }
      }
    }
  }

  /// Writes the files beside the records: tables, `RECORDS`, licence and check sums.
  static func writeTables(_ entries: [Entry], to directory: String) throws {
    var digests: [(path: String, digest: String)] = []
    for (rate, first) in [("100", 0), ("500", 2)] {
      for (index, entry) in entries.enumerated() {
        let path = PTBXLRow.path(rate: rate, ecgID: index + 1)
        digests.append(("\(path).dat", entry.digests[first]))
        digests.append(("\(path).hea", entry.digests[first + 1]))
      }
    }
    let records = ["100", "500"].flatMap { rate in
      entries.indices.map { PTBXLRow.path(rate: rate, ecgID: $0 + 1) + "\n" }
    }
    let texts = [
      ("LICENSE.txt", license),
      ("RECORDS", records.joined()),
      ("ptbxl_database.csv", PTBXLRow.header + entries.map(\.row).joined()),
      ("scp_statements.csv", SCPStatementTable.csv),
    ]
    for (name, text) in texts {
      try write(text, to: "\(directory)/\(name)")
      digests.append((name, digest(Array(text.utf8))))
    }
    // In the order of the paths' bytes, as sha256sum of a sorted listing gives it.
    digests.sort { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
    try write(digests.map { "\($0.digest) \($0.path)\n" }.joined(), to: "\(directory)/SHA256SUMS.txt")
  }

  /// The SHA-256 of some bytes in hexadecimal.
  static func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func write(_ text: String, to path: String) throws {
    try describing(path) { try Data(text.utf8).write(to: URL(filePath: path)) }
  }

  private static func describing<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw ECGError(
        .inputOutput, "cannot write: \(error.localizedDescription)", file: path,
        advice: "check the disk's free space and the directory's permissions")
    }
  }
}
