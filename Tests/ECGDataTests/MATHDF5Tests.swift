#if HDF5
import ECGData
import Foundation
import TestSupport
import Testing

/// MAT-files of version 7.3, as h5py lays them out in MATLAB's way; their values are SciPy's of level 5.
@Suite struct MATHDF5Tests {
  private static func path(_ name: String) -> String {
    MATGolden.folder.appending(path: "\(name).mat").path()
  }

  @Test func readsWhatSciPyReadsOfLevel5() throws {
    let file = try MATFile(contentsOf: MATHDF5Tests.path("version73"))
    let expected = try #require(try MATGolden.read().files["version73"])
    #expect(file.variables.count == 28 && file.variables.map(\.name) == expected.map(\.name))
    for (variable, expected) in zip(file.variables, expected) {
      #expect(expected.difference(variable.value) == nil, "\(variable.name)")
    }
  }

  @Test func givesWhatLevel5Gives() throws {
    let new = try MATFile(contentsOf: MATHDF5Tests.path("version73"))
    let old = try MATFile(contentsOf: MATHDF5Tests.path("level5"))
    // A NaN is not equal to itself.
    let same = old.variables.filter { old in new[old.name].map { "\($0)" } == "\(old.value)" }
    let others = ["ECG", "complex", "complexSingle", "records", "cells"]
    #expect(same.map(\.name) == old.variables.map(\.name).filter { !others.contains($0) })
    #expect(try new.numeric("ECG", "data") == old.numeric("ECG", "data"))
    #expect(try new.text("ECG", "sex") == "Female" && new.numeric("ECG", "age").scalar == 62)
    #expect(try new.numeric("ECG", "more", "depth", "last").integers == [-1])
    #expect(try error { try new.value("cells") }.message == "cells is of class cell, which is not read")
    #expect(try error { try new.numeric("records", "id") }.code == .notFound)
    #expect(new["#refs#"] == nil && new.file == MATHDF5Tests.path("version73"))
  }

  @Test func takesWhatHasNoClassForItsNumbers() throws {
    let file = try MATFile(contentsOf: MATHDF5Tests.path("plain73"))
    let classes = [
      "f2": "single", "f4": "single", "f8": "double", "i1": "int8", "i2": "int16", "i4": "int32",
      "i8": "int64", "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "bf8": "double",
      "bi2": "int16",
    ]
    for (name, type) in classes {
      let array = try file.numeric(name)
      #expect(array.type.name == type && array.dimensions == [3, 2] && array.integers == [1, 2, 3, 4, 5, 6])
    }
    #expect(try file.numeric("scalar").scalar == 2.5 && file.numeric("scalar").dimensions == [1, 1])
    #expect(try file.numeric("column").dimensions == [3, 1])
    #expect(try file.numeric("group", "x").doubles == [7])
    #expect(file["text"] == .unsupported(className: "text"))
  }

  @Test(
    arguments: [
      ("cycle", "malformed", "its group 'a/b/back' is held by two, or by itself"),
      ("root", "malformed", "its group 'a/root/a' is held by two, or by itself"),
      ("deep", "unsupported", "nested deeper than 64"),
      ("wide", "unsupported", "would take more than 67108864 bytes"),
      ("long", "unsupported", "would take more than 67108864 bytes"),
      ("chunk", "unsupported", "would take more than 67108864 bytes"),
      ("gibibyte", "malformed", "the attribute MATLAB_class of 'x' is broken"),
      ("letters", "unsupported", "the attribute MATLAB_class of 'x' is not one number, nor one text"),
      ("list", "unsupported", "the attribute MATLAB_class of 'x' is not one number, nor one text"),
      ("variable", "unsupported", "the attribute MATLAB_class of 'x' is not one number, nor one text"),
      ("empty_none", "malformed", "is marked as empty, and has dimensions [3, 4]"),
      ("empty_scalar", "malformed", "is marked as empty, and holds no dimensions"),
      ("empty_negative", "mismatch", "dataset 'x'"),
      ("text", "mismatch", "dataset 'x'"),
      ("elsewhere", "unsupported", "has its values in other files, which are not opened"),
    ])
  func refusesWhatIsBroken(name: String, code: String, text: String) throws {
    let path = MATHDF5Tests.path("broken73_\(name)")
    let failure = try error { try MATFile(contentsOf: path) }
    #expect(failure.code.rawValue == code && failure.message.contains(text), "\(failure)")
    #expect(failure.file == path && !failure.description.contains("\n"))
  }

  @Test func keepsToItsMemory() throws {
    let path = MATHDF5Tests.path("version73")
    #expect(try MATFile(contentsOf: path, memoryLimit: 1 << 14).variables.count == 28)
    for limit in [0, 1 << 10, 1 << 12] {
      let failure = try error { try MATFile(contentsOf: path, memoryLimit: limit) }
      #expect(failure.code == .unsupported && failure.message.contains("more than \(limit) bytes"))
    }
  }

  @Test func saysThatItIsCut() throws {
    let bytes = try MATGolden.bytes("version73.mat")
    try withDirectory { directory in
      // Shorter than the signature behind the user block, it is level 5 without variables.
      for count in stride(from: 520, to: bytes.count, by: 331) {
        let path = try directory.write(Array(bytes.prefix(count)), to: "x.mat")
        #expect(try error { try MATFile(contentsOf: path) }.code == .malformed)
      }
      let header = try directory.write(Array(bytes.prefix(512)), to: "x.mat")
      #expect(try error { try MATFile(contentsOf: header) }.message.contains("no HDF5 follows"))
    }
  }

  /// A changed byte is read as something else or refused; nothing else can happen.
  @Test func survivesChangedBytes() throws {
    let bytes = try MATGolden.bytes("version73.mat")
    var refused = 0
    try withDirectory { directory in
      for index in stride(from: 512, to: bytes.count, by: 61) {
        var changed = bytes
        changed[index] ^= UInt8(truncatingIfNeeded: index &* 151 | 1)
        let path = try directory.write(changed, to: "x.mat")
        do {
          _ = try MATFile(contentsOf: path)
        } catch let failure as ECGError {
          #expect(failure.file == path)
          refused += 1
        }
      }
    }
    #expect(refused > 20)
  }

  @Test func asksForTheFileInPlaceOfItsBytes() throws {
    let failure = try error { try MATFile(bytes: MATGolden.bytes("version73.mat"), file: "x.mat") }
    #expect(failure.code == .unsupported && failure.advice?.contains("give the file itself") == true)
  }
}
#endif
