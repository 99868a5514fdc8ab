import Foundation
import TestSupport
import Testing

@testable import ECGData

/// A directory is whole or looks empty, whatever becomes of the run that fills it.
@Suite struct HiddenTreeTests {
  private static let name = ".test.partial"

  @Test func theNamelessIsRefused() throws {
    try withDirectory { directory in
      let before = try FileManager.default.contentsOfDirectory(atPath: ".")
      let refusal = try error { try HiddenTree("", name: Self.name) }
      #expect(refusal.code == .invalidArgument)
      #expect(
        try error { try Simulation(layout: "code-test", records: 1, seed: 1).write(to: "", jobs: 1) }.code
          == .invalidArgument)
      // Nor is anything made where the tool happens to stand.
      #expect(try FileManager.default.contentsOfDirectory(atPath: ".") == before)
    }
  }

  @Test func oneRunAtATime() throws {
    try withDirectory { directory in
      let goal = directory.path("goal")
      do {
        let first = try HiddenTree(goal, name: Self.name)
        try directory.write("one", to: "goal/\(Self.name)/file")
        let refusal = try error { try HiddenTree(goal, name: Self.name) }
        #expect(refusal.code == .inputOutput && refusal.message == "another run is at work here")
        // The first's work is untouched.
        #expect(try directory.text("goal/\(Self.name)/file") == "one")
        try first.commit()
      }
      #expect(try Directory(path: goal).contents(withHidden: true) == ["file": Array("one".utf8)])
      // The lock is gone with the first; what refuses now is the content.
      #expect(try error { try HiddenTree(goal, name: Self.name) }.message == "the directory is not empty")
    }
  }

  @Test func whatIsAbandonedIsGone() throws {
    try withDirectory { directory in
      do {
        _ = try HiddenTree(directory.path("goal"), name: Self.name)
      }
      #expect(!directory.exists("goal"))
    }
  }

  /// Killed before all was there, a run has left a part: the next one begins anew.
  @Test func aPartIsThrownAway() throws {
    try withDirectory { directory in
      try directory.write("part", to: "goal/\(Self.name)/old")
      let tree = try HiddenTree(directory.path("goal"), name: Self.name)
      try directory.write("whole", to: "goal/\(Self.name)/new")
      try tree.commit()
      #expect(
        try Directory(path: directory.path("goal")).contents(withHidden: true) == ["new": Array("whole".utf8)]
      )
    }
  }

  /// Killed while it gave everything its place, a run is ended by the next, which then finds the directory taken.
  @Test func aCommitIsEnded() throws {
    try withDirectory { directory in
      try directory.write("1", to: "goal/a")
      try directory.write("2", to: "goal/\(Self.name)/b/c")
      try directory.write("", to: "goal/\(Self.name)/.whole")
      #expect(
        try error { try HiddenTree(directory.path("goal"), name: Self.name) }.message
          == "the directory is not empty")
      #expect(
        try Directory(path: directory.path("goal")).contents(withHidden: true)
          == ["a": Array("1".utf8), "b/c": Array("2".utf8)])
    }
  }

  /// Killed while it removed the emptied folder, a run has left nothing but that.
  @Test func theEmptiedFolderIsRemoved() throws {
    try withDirectory { directory in
      try directory.write("1", to: "goal/a")
      try FileManager.default.createDirectory(
        atPath: directory.path("goal/\(Self.name)"), withIntermediateDirectories: false)
      #expect(throws: ECGError.self) { _ = try HiddenTree(directory.path("goal"), name: Self.name) }
      #expect(!directory.exists("goal/\(Self.name)"))
      #expect(directory.exists("goal/a"))
    }
  }

  /// The file that says that all is whole follows the others in the first commit and in one that ends it.
  @Test func theLastFileIsLast() throws {
    try withDirectory { directory in
      let goal = directory.path("goal")
      do {
        let tree = try HiddenTree(goal, name: Self.name)
        for name in ["a", "manifest", "z"] { try directory.write(name, to: "goal/\(Self.name)/\(name)") }
        // Somebody else's folder is in the way of a file.
        try directory.write("", to: "goal/z/other")
        #expect(throws: ECGError.self) { try tree.commit(last: "manifest") }
        #expect(directory.exists("goal/a") && !directory.exists("goal/manifest"))
      }
      #expect(throws: ECGError.self) { _ = try HiddenTree(goal, name: Self.name) }
      #expect(!directory.exists("goal/manifest"))
      try directory.remove("goal/z")
      #expect(
        try error { try HiddenTree(goal, name: Self.name) }.message == "the directory is not empty")
      #expect(
        try Directory(path: goal).contents(withHidden: true)
          == ["a": Array("a".utf8), "manifest": Array("manifest".utf8), "z": Array("z".utf8)])
    }
  }

  /// Threads that write records make the same folders above them at once.
  @Test func foldersAreMadeByAllAtOnce() throws {
    try withDirectory { directory in
      for round in 0..<300 {
        _ = try Parallel.map(4, jobs: 4) { try File.makeDirectory(directory.path("\(round)/a/b/\($0 % 2)")) }
      }
      try directory.write("", to: "file")
      #expect(try error { try File.makeDirectory(directory.path("file/a")) }.code == .inputOutput)
    }
  }
}
