import ECGData
import Foundation
import TestSupport
import Testing

/// `Fixtures/golden/hdf5`, which `tools/golden/hdf5.py` writes with h5py.
struct HDF5Golden: Decodable, Sendable {
  struct Dataset: Decodable, Sendable {
    var shape: [Int]?
    var integers: [Int64]?
    var reals: [Double]?
    var texts: [String]?
    /// Another dataset with the same values.
    var like: String?
  }
  struct Recording: Decodable, Sendable {
    var shape: [Int]
    var first: [Double]
    var last: [Double]
    var sum: Double
    var weighted: Double
  }

  var files: [String: [String: Dataset]]
  var sph: [String: Recording]

  static func path(_ name: String) -> String {
    Repository.root.appending(path: "Fixtures/golden/hdf5/\(name)").path()
  }

  static let shared: HDF5Golden? = try? JSONDecoder().decode(
    HDF5Golden.self, from: Data(contentsOf: URL(filePath: path("expected.json"))))

  func dataset(_ file: String, _ name: String) throws -> Dataset {
    let dataset = try #require(files[file]?[name])
    guard let like = dataset.like else { return dataset }
    return try self.dataset(file, like)
  }
}

@Suite("HDF5 files that h5py wrote")
struct HDF5GoldenTests {
  @Test("read as h5py reads them", arguments: ["types.h5", "layouts.h5", "layouts_110.h5"])
  func values(name: String) throws {
    let golden = try #require(HDF5Golden.shared)
    let file = try HDF5File(HDF5Golden.path(name))
    let expected = try #require(golden.files[name])
    let names = try file.datasetNames()
    #expect(Set(expected.keys).isSubset(of: names))
    #expect(expected.count >= 17)
    for key in expected.keys.sorted() where !HDF5GoldenTests.unread.contains(key) {
      let dataset = try file.dataset(key)
      let wanted = try golden.dataset(name, key)
      #expect(dataset.shape == wanted.shape, "\(key)")
      let rows = 0..<dataset.rowCount
      if let texts = wanted.texts {
        #expect(try dataset.readText(rows: rows) == texts, "\(key)")
        #expect(try dataset.readText(rows: 1..<2) == [texts[1]], "\(key)")
      } else if let integers = wanted.integers {
        #expect(try dataset.read(rows: rows, as: Int64.self) == integers, "\(key)")
      } else {
        let reals = try #require(wanted.reals)
        let bits = reals.map(\.bitPattern)
        #expect(try dataset.read(rows: rows, as: Double.self).map(\.bitPattern) == bits, "\(key)")
        if !key.hasSuffix("f8") {
          #expect(try dataset.read(rows: rows, as: Float.self) == reals.map { Float($0) }, "\(key)")
        }
        // Every stretch of rows is the same part of the whole.
        for first in rows {
          for end in first...dataset.rowCount {
            let part = try dataset.read(rows: first..<end, as: Double.self)
            let range = (first * dataset.elementsPerRow)..<(end * dataset.elementsPerRow)
            #expect(part == Array(reals[range]), "\(key) \(first)..<\(end)")
          }
        }
      }
    }
  }

  /// Datasets named after a filter that is not undone.
  static let unread = ["lzf", "scaleoffset"]

  @Test("a filter that is not read is named", arguments: unread)
  func missingFilter(name: String) throws {
    let dataset = try HDF5File(HDF5Golden.path("layouts.h5")).dataset(name)
    #expect(dataset.filters == [name])
    let error = try error { try dataset.read(rows: 0..<1, as: Float.self) }
    #expect(error.code == .unsupported && error.message.contains("'\(name)'"))
  }

  @Test("descriptions")
  func descriptions() throws {
    let file = try HDF5File(HDF5Golden.path("layouts.h5"))
    let checked = try file.dataset("checked")
    #expect(checked.layout == .chunked && checked.chunkShape == [4, 7, 2] && checked.rowsPerBlock == 4)
    #expect(checked.filters == ["shuffle", "deflate", "fletcher32"] && checked.elementType == .float32)
    let compact = try file.dataset("compact")
    #expect(compact.layout == .compact && compact.isBigEndian && compact.elementType == .int32)
    #expect(try file.dataset("contiguous").layout == .contiguous)
    let types = try HDF5File(HDF5Golden.path("types.h5"))
    #expect(try types.dataset("fixed").elementType == .text(byteCount: 7))
    #expect(try types.dataset("variable").elementType == .text(byteCount: nil))
    #expect(try types.dataset("bool").elementType == .int8)
    #expect(try types.dataset("empty").read(rows: 0..<0, as: Float.self) == [])
    #expect(try types.dataset("little/f2").elementType == .float16)
  }

  @Test("what a type does not hold is an error, not another number")
  func unfit() throws {
    let types = try HDF5File(HDF5Golden.path("types.h5"))
    let cases: [(String, any HDF5Element.Type)] = [
      ("too_large", Int64.self), ("too_large", Double.self), ("little/i8", Double.self),
      ("big/i4", Float.self), ("big/f4", Int64.self), ("little/f8", Float.self),
    ]
    for (name, type) in cases {
      let dataset = try types.dataset(name)
      func read<Element: HDF5Element>(_: Element.Type) throws {
        _ = try dataset.read(rows: 0..<dataset.rowCount, as: Element.self)
      }
      #expect(try error { try read(type) }.code == .mismatch, "\(name) as \(type)")
    }
    for name in ["compound", "fixed"] {
      let dataset = try types.dataset(name)
      #expect(try error { try dataset.read(rows: 0..<1, as: Double.self) }.code == .unsupported)
    }
    let dataset = try types.dataset("bool")
    #expect(try error { try dataset.read(rows: 2..<4, as: Double.self) }.code == .invalidArgument)
    #expect(try error { try dataset.read(rows: -1..<1, as: Double.self) }.code == .invalidArgument)
    #expect(try error { try dataset.readText(rows: 0..<1) }.code == .unsupported)
  }

  @Test("links: soft ones inside the file are followed, none out of it, and no circle")
  func links() throws {
    let file = try HDF5File(HDF5Golden.path("links.h5"))
    #expect(try file.datasetNames() == ["outside", "text", "virtual", "z", "a/b/x"])
    #expect(try error { try file.dataset("text").readText(rows: 0..<2) }.code == .unsupported)
    #expect(try file.dataset("soft").read(rows: 0..<4, as: Int64.self) == [0, 1, 2, 3])
    #expect(try file.dataset("a/b/up/a/b/again").read(rows: 0..<3, as: Int64.self) == [0, 1, 2])
    for name in ["circle", "dangling", "elsewhere", "through", "nothing", "a", "", "a//"] {
      #expect(try error { try file.dataset(name) }.code == .notFound, "\(name)")
    }
    for name in ["outside", "virtual"] {
      #expect(try error { try file.dataset(name) }.code == .unsupported, "\(name)")
    }
  }

  @Test(
    "SPH's recordings",
    .enabled(if: Repository.exists(Repository.sharedData.appending(path: "sph/SPH00001.h5"))))
  func sph() throws {
    let golden = try #require(HDF5Golden.shared)
    #expect(golden.sph.count == 6)
    for (name, wanted) in golden.sph {
      let path = Repository.sharedData.appending(path: "sph/\(name)").path()
      let dataset = try HDF5File(path).dataset("ecg")
      #expect(dataset.shape == wanted.shape && dataset.elementType == .float16)
      let values = try dataset.read(rows: 0..<12, as: Float.self).map { Double($0) }
      #expect(Array(values.prefix(5)) == wanted.first && Array(values.suffix(5)) == wanted.last)
      #expect(values.reduce(0, +) == wanted.sum)
      #expect(zip(values.indices, values).reduce(0) { $0 + Double($1.0 % 101) * $1.1 } == wanted.weighted)
    }
  }
}
