extension PTBXLSimulation {
  /// Makes the folders of a collection, in a directory that is empty or not there yet.
  static func prepare(_ directory: String, records: Int) throws {
    guard File.list(directory).isEmpty else {
      throw ECGError(
        .invalidArgument, "the directory is not empty", file: directory, advice: "name a new or empty one")
    }
    for thousand in 0...(records / 1000) {
      for rate in ["records100", "records500"] {
        try File.makeDirectory(File.join(directory, "\(rate)/\(PTBXLRow.padded(1000 * thousand))"))
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
      try File.write(text.utf8, to: File.join(directory, name))
      digests.append((name, Digest.sha256(text.utf8)))
    }
    // In the order of the paths' bytes, as sha256sum of a sorted listing gives it.
    digests.sort { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
    let sums = digests.map { "\($0.digest) \($0.path)\n" }.joined()
    try File.write(sums.utf8, to: File.join(directory, "SHA256SUMS.txt"))
  }
}
