import ECGData
import Foundation
import TestSupport
import Testing

/// MAT-files of level 4 and 5, against what SciPy reads.
@Suite struct MATFileTests {
  @Test(
    arguments: [
      ("level5", 25), ("level5_compressed", 25), ("level5_big", 25), ("smaller", 23), ("smaller_big", 23),
      ("level4", 10), ("level4_big", 10), ("level4_sparse", 3),
    ])
  func readsWhatSciPyReads(name: String, count: Int) throws {
    let file = try MATFile(contentsOf: MATGolden.folder.appending(path: "\(name).mat").path())
    let expected = try #require(try MATGolden.read().files[name])
    #expect(file.variables.count == count && file.variables.map(\.name) == expected.map(\.name))
    for (variable, expected) in zip(file.variables, expected) {
      #expect(expected.difference(variable.value) == nil, "\(variable.name)")
    }
  }

  @Test func givesNumbersTextAndFields() throws {
    let file = try MATFile(bytes: MATGolden.bytes("level5.mat"), file: "x.mat")
    #expect(try file.numeric("ECG", "data").dimensions == [3, 4])
    #expect(try file.numeric("ECG", "data").doubles.prefix(4) == [0, 0.5, 1, 0.125])
    #expect(try file.text("ECG", "sex") == "Female" && file.numeric("ECG", "age").integers == [62])
    #expect(try file.numeric("ECG", "age").scalar == 62 && file.text("noText") == "")
    #expect(try file.numeric("ECG", "more", "depth", "last").integers == [-1])
    #expect(try file.numeric("single").floats?.count == 6 && file.numeric("double").floats == nil)
    #expect(try file.numeric("double").integers == nil && file.numeric("uint64").integers == nil)
    #expect(try file.numeric("complex").isComplex && file.numeric("complex").imaginary?.count == 4)
    let records = try #require(try file.value("records").structure)
    #expect(records[1, "id"]?.text == "b" && records[2, "id"] == nil && records[-1, "id"] == nil)
    #expect(records["id"] == nil && records[0, "other"] == nil)
    #expect(file["nothing"] == nil && file["cells"]?.cell?.values.count == 4)
  }

  @Test(
    arguments: [
      (["other"], "not-found", "has no other, but double, single"),
      (["ECG", "fs"], "not-found", "has no ECG.fs, but sex, age, data, more"),
      (["ECG", "data", "x"], "not-found", "has no ECG.data.x"),
      (["records", "id"], "not-found", "records.id"),
      (["ECG"], "malformed", "ECG is a struct of 1 × 1, no numeric array"),
    ])
  func saysWhatIsNotThere(path: [String], code: String, text: String) throws {
    let file = try MATFile(bytes: MATGolden.bytes("level5.mat"), file: "x.mat")
    let failure = try error {
      switch path.count {
      case 1: try file.numeric(path[0])
      case 2: try file.numeric(path[0], path[1])
      default: try file.numeric(path[0], path[1], path[2])
      }
    }
    #expect(failure.code.rawValue == code && failure.description.contains(text) && failure.file == "x.mat")
  }

  @Test func readsAroundWhatItDoesNotRead() throws {
    let file = try MATFile(bytes: MATGolden.bytes("unread.mat"), file: "x.mat")
    #expect(
      file.variables.map(\.name) == ["before", "sparse", "handle", "object", "string", "cells", "after"])
    #expect(
      file.variables.map(\.value.className) == [
        "double", "sparse", "function_handle", "object timeseries", "string", "cell", "double",
      ])
    #expect(try file.numeric("before").doubles == [1.5] && file.numeric("after").doubles == [3])
    // A tag of 0 bytes is [].
    #expect(file["cells"]?.cell?.values.map(\.dimensions) == [[0, 0], [1, 1]])
    #expect(try error { try file.numeric("string") }.code == .unsupported)
    #expect(try error { try file.value("sparse") }.description.contains("class sparse, which is not read"))
  }

  @Test(arguments: [0, 512, 1024, 32768, 65536])
  func knowsHDF5(offset: Int) throws {
    var bytes = [UInt8](repeating: 32, count: offset) + [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    #expect(MATFile.isHDF5(bytes))
    #expect(!MATFile.isHDF5(Array(bytes.dropLast())) && !MATFile.isHDF5([32] + bytes))
    bytes += [0, 0]
    let failure = try error { try MATFile(bytes: bytes, file: "x.mat") }
    #expect(failure.code == .unsupported && failure.message.contains("HDF5"))
    try withDirectory { directory in
      let path = try directory.write(bytes, to: "x.mat")
      let failure = try error { try MATFile(contentsOf: path) }
      #if HDF5
      #expect(failure.code == .malformed && failure.message.contains("superblock"))
      #else
      #expect([.malformed, .unsupported].contains(failure.code))
      #endif
      #expect(try error { try MATFile(contentsOf: path + "x") }.code == .notFound)
    }
  }
}
