import ECGData
import Foundation
import TestSupport
import Testing

/// A header from the net is untrusted: no name in it leads out of its folder, and no count in it takes memory
/// that no file stands for.
@Suite struct WFDBFolderTests {
  func record(_ file: String, in directory: Directory) throws -> String {
    try directory.write([7, 0, 8, 0], to: "outside/secret.dat")
    try directory.write([1, 0, 2, 0], to: "record/sub/x.dat")
    return try directory.write("x 1 500 2\n\(file) 16 200 16 0 0 0 0 I\n", to: "record/x.hea")
  }

  func link(_ path: String, to goal: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: goal)
  }

  @Test func readsBelowTheFolder() throws {
    try withDirectory { directory in
      let path = try record("sub/x.dat", in: directory)
      #expect(try WFDBReader.read(path).recording.frameCount == 2)
    }
  }

  @Test(arguments: [
    "../outside/secret.dat", "sub/../../outside/secret.dat", "sub//x.dat", "./sub/x.dat", "sub/",
  ])
  func refusesPathsOut(name: String) throws {
    try withDirectory { directory in
      let path = try record(name, in: directory)
      for mode in WFDBMode.allCases {
        #expect(throws: ECGError.self) { try WFDBReader.read(path, mode: mode) }
      }
    }
  }

  @Test func refusesAbsolutePaths() throws {
    try withDirectory { directory in
      let path = try record(directory.path("outside/secret.dat"), in: directory)
      #expect(try error { try WFDBReader.read(path) }.code == .malformed)
    }
  }

  /// Links of the file and of a folder on the way, absolute and relative.
  @Test func refusesLinksOut() throws {
    try withDirectory { directory in
      let path = try record("l.dat", in: directory)
      for goal in [directory.path("outside/secret.dat"), "../outside/secret.dat"] {
        try link(directory.path("record/l.dat"), to: goal)
        let error = try error { try WFDBReader.read(path, mode: .lenient) }
        #expect(error.code == .malformed && error.message.contains("leads out"))
        try directory.remove("record/l.dat")
      }
      try link(directory.path("record/door"), to: "../outside")
      let through = try record("door/secret.dat", in: directory)
      #expect(try error { try WFDBReader.read(through) }.code == .malformed)
    }
  }

  @Test func followsLinksThatStay() throws {
    try withDirectory { directory in
      let path = try record("l.dat", in: directory)
      try link(directory.path("record/l.dat"), to: "sub/x.dat")
      #expect(try WFDBReader.read(path).recording.frameCount == 2)
      // Out of the folder, but below a root that the caller trusts.
      try directory.remove("record/l.dat")
      try link(directory.path("record/l.dat"), to: "../outside/secret.dat")
      #expect(try WFDBReader.read(path, within: directory.path).recording.frameCount == 2)
      // A folder of links to whole records elsewhere.
      try directory.write([1, 0, 2, 0], to: "archive/x.dat")
      try directory.write("x 1 500 2\nx.dat 16 200 16 0 0 0 0 I\n", to: "archive/x.hea")
      try FileManager.default.createDirectory(
        atPath: directory.path("subset"), withIntermediateDirectories: true)
      for name in ["x.hea", "x.dat"] { try link(directory.path("subset/\(name)"), to: "../archive/\(name)") }
      #expect(try WFDBReader.read(directory.path("subset/x")).recording.frameCount == 2)
    }
  }

  @Test func refusesSegmentsBehindLinksOut() throws {
    try withDirectory { directory in
      _ = try WFDBFixture(name: "s", leads: ["I"], samples: [1, 2]).write(to: directory, folder: "outside")
      try directory.write("m/1 1 500 2\ns 2\n", to: "record/m.hea")
      try link(directory.path("record/s.hea"), to: "../outside/s.hea")
      #expect(
        try error { try WFDBReader.read(directory.path("record/m"), mode: .lenient) }.code == .malformed)
    }
  }

  /// Claims of 2^40 and more frames over files of a few bytes end in an error, at once.
  @Test(arguments: [
    "x 1 500 281474976710656\n~ 0 200 16 0 0 0 0 I\n",
    "x 2 500 1000000000000\n~ 0 200\n~ 0 200\n",
    "x 1 500 281474976710656\nsub/x.dat 16 200 16 0 0 0 0 I\n",
    "x 1 500 281474976710656\nsub/x.dat 16x1000000:2147483647+2147483647 200 16 0 0 0 0 I\n",
    "x 1 500 1000000000000\nsub/x.dat 8 200 16 0 0 0 0 I\n",
    "x/1 1 500 281474976710656\nx_1 281474976710656\n",
    "x 1 500 281474976710656\n~ 0x1000000 200 16 0 0 0 0 I\n",
    "x 2 500 281474976710656\nsub/x.dat 310x999999 200\nsub/x.dat 310x1000000 200\n",
    "x 1 100 56964870322733\nsub/x.dat 311x121435 200\n", "x 1 100 14197294936951\n~ 0x649657 200\n",
    "x 1 500 300000000\n~ 0 200\n",
  ])
  func refusesClaimsThatNoFileBacks(header: String) throws {
    try withDirectory { directory in
      _ = try record("sub/x.dat", in: directory)
      try directory.write("x_1 1 500 281474976710656\n~ 0 200 16 0 0 0 0 I\n", to: "record/x_1.hea")
      let path = try directory.write(header, to: "record/x.hea")
      #expect(throws: ECGError.self) { try WFDBReader.read(path) }
      let lenient = try? WFDBReader.read(path, mode: .lenient)
      #expect(lenient.map { $0.recording.frameCount <= 4 } ?? true)
      _ = try? WFDBReader(path, mode: .lenient).verify()
      #expect(throws: ECGError.self) { try WFDBReader(path).read(form: .expanded) }
    }
  }

  /// A null signal is missing wherever the record has frames.
  @Test func readsNullSignals() throws {
    try withDirectory { directory in
      try directory.write([7, 0, 8, 0], to: "n.dat")
      let path = try directory.write("n 3 500 2\n~ 0 200\nn.dat 16 200\n~ 0 200\n", to: "n.hea")
      let missing = Recording.missing
      let recording = try WFDBReader.read(path).recording
      guard case .digital(let samples) = recording.samples else {
        Issue.record("the samples are not digital")
        return
      }
      #expect(samples == [missing, 7, missing, missing, 8, missing])
      try directory.write("n 1 500 3\n~ 0 200\n", to: "n.hea")
      #expect(try WFDBReader.read(path).recording.physical(channel: 0).allSatisfy(\.isNaN))
    }
  }

  /// A signal that is late by 2 frames has nothing at the record's end.
  @Test func undoesSkew() throws {
    try withDirectory { directory in
      try directory.write((1...10).flatMap { [UInt8($0), 0] }, to: "k.dat")
      let path = try directory.write(
        "k 2 500 5\nk.dat 16 200 16 0 1 25 0 A\nk.dat 16:2 200 16 0 2 30 0 B\n", to: "k.hea")
      let record = try WFDBReader(path, mode: .strict)
      func digital(_ range: Range<Int>) throws -> [Int32] {
        guard case .digital(let samples) = try record.read(range).recording.samples else { return [] }
        return samples
      }
      #expect(try digital(0..<5) == [1, 6, 3, 8, 5, 10, 7, Recording.missing, 9, Recording.missing])
      #expect(try digital(1..<3) == [3, 8, 5, 10])
      #expect(try digital(3..<4) == [7, Recording.missing])
      #expect(try record.verify().isEmpty)
    }
  }

  /// Files of other lengths, and files of nothing, where the header declares none.
  @Test func comparesFilesWithoutADeclaredLength() throws {
    try withDirectory { directory in
      try directory.write([UInt8](repeating: 1, count: 20), to: "a.dat")
      try directory.write([UInt8](repeating: 1, count: 14), to: "b.dat")
      let path = try directory.write("u 2 100\na.dat 16 200\nb.dat 16 200\n", to: "u.hea")
      let reading = try WFDBReader.read(path)
      #expect(reading.recording.frameCount == 7)
      #expect(reading.findings.map(\.rule) == [.wfdbLength] && reading.findings[0].message.contains("a.dat"))
      #expect(throws: ECGError.self) { try WFDBReader.read(path, mode: .strict) }
      try directory.write("u 2 100\na.dat 16x1000000 200\na.dat 16x1000000 200\n", to: "u.hea")
      #expect(try WFDBReader.read(path).recording.frameCount == 0)
      try directory.write("u 1 100\nb.dat 16 200\n", to: "u.hea")
      try directory.write([UInt8](), to: "b.dat")
      #expect(try WFDBReader.read(path).findings.contains { $0.message.contains("no samples") })
    }
  }

  /// Thousands of null signals of a million samples a frame take next to nothing.
  @Test func takesNoMemoryForNullSignals() throws {
    try withDirectory { directory in
      let lines = String(repeating: "~ 0x1000000 200\n", count: 2000)
      let path = try directory.write("n 2001 100 2\n\(lines)n.dat 16 200\n", to: "n.hea")
      try directory.write([1, 0, 2, 0], to: "n.dat")
      #expect(try WFDBReader.read(path).recording.physical(channel: 2000) == [0.005, 0.01])
    }
  }
}
