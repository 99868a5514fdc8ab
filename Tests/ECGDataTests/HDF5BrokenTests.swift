import ECGData
import Foundation
import TestSupport
import Testing

@Suite("Broken HDF5 files")
struct HDF5BrokenTests {
  /// Reads all there is, in Doubles or texts; the errors.
  static func readAll(_ path: String) -> [ECGError] {
    var errors: [ECGError] = []
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch let error as ECGError { errors.append(error) } catch {
        Issue.record("another error: \(error)")
      }
    }
    attempt {
      let file = try HDF5File(path)
      for name in try file.datasetNames() {
        attempt {
          let dataset = try file.dataset(name)
          let rows = 0..<min(dataset.rowCount, 64)
          if case .text = dataset.elementType {
            _ = try dataset.readText(rows: rows)
          } else {
            _ = try dataset.read(rows: rows, as: Double.self)
          }
        }
      }
    }
    return errors
  }

  @Test("cut short at every 97th byte", arguments: ["types.h5", "layouts_110.h5", "links.h5"])
  func truncated(name: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: HDF5Golden.path(name))))
    try withDirectory { directory in
      for length in stride(from: 0, to: bytes.count, by: 97) {
        let path = try directory.write(Array(bytes[..<length]), to: "a.h5")
        let error = try error { try HDF5File(path) }
        #expect(error.code == .malformed && error.advice == "fetch the file again", "\(length): \(error)")
      }
    }
  }

  @Test("no HDF5 at all")
  func wrongMagic() throws {
    try withDirectory { directory in
      let text = try directory.write("ecg_id,patient_id\n1,2\n", to: "a.csv")
      #expect(try error { try HDF5File(text) }.message.contains("is no HDF5"))
      #expect(try error { try HDF5File(directory.path("none.h5")) }.code == .notFound)
      #expect(try error { try HDF5File(directory.path) }.code == .inputOutput)
      var bytes = try [UInt8](Data(contentsOf: URL(filePath: HDF5Golden.path("types.h5"))))
      bytes[8] = 9
      let later = try directory.write(bytes, to: "later.h5")
      #expect(try error { try HDF5File(later) }.code == .unsupported)
      bytes[8] = 0
      bytes[13] = 3
      let odd = try directory.write(bytes, to: "odd.h5")
      #expect(try error { try HDF5File(odd) }.code == .malformed)
    }
  }

  @Test("a shape beyond any memory costs only what is read of it")
  func absurdShape() throws {
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("a.h5"))
      let shape = [1 << 40, 4096, 12]
      _ = try writer.dataset(
        "long", shape: shape, type: .int8, storage: .init(chunkShape: [4, 4096, 12], gzip: 4))
      _ = try writer.dataset(
        "wide", shape: [2, 1 << 40], type: .float32, storage: .init(chunkShape: [1, 4096], gzip: 4))
      _ = try writer.dataset("fine", shape: [1 << 22, 8], type: .int8, storage: .init(chunkShape: [1, 1]))
      _ = try writer.dataset(
        "thick", shape: [1 << 20, 1 << 20], type: .int8, storage: .init(chunkShape: [1 << 15, (1 << 15) + 1]))
      try writer.close()
      let file = try HDF5File(directory.path("a.h5"))
      let long = try file.dataset("long")
      #expect(try long.read(rows: (1 << 39)..<(1 << 39 + 3), as: Float.self).allSatisfy { $0 == 0 })
      #expect(try error { try long.read(rows: 0..<(1 << 39), as: Float.self) }.code == .unsupported)
      #expect(try HDF5Rows(long, as: Float.self).row(1 << 38) == [Float](repeating: 0, count: 4096 * 12))
      let wide = try file.dataset("wide")
      #expect(try error { try wide.read(rows: 0..<1, as: Float.self) }.code == .unsupported)
      #expect(try error { try HDF5Rows(wide, as: Float.self).row(0) }.code == .unsupported)
      let fine = try file.dataset("fine")
      #expect(try error { try fine.read(rows: 0..<(1 << 22), as: Float.self) }.code == .unsupported)
      #expect(try error { try file.dataset("thick") }.code == .unsupported)
    }
  }

  /// A dataset of one deflated chunk of noise, whose stored bytes a test may change.
  private func withChunk(
    fletcher32: Bool, _ body: (Directory, _ chunk: Range<Int>) throws -> Void
  ) throws {
    try withDirectory { directory in
      var generator = SplitMix64("chunk", 1)
      let noise = (0..<4096).map { _ in Int64(generator.index(below: 256)) }
      let writer = try HDF5Writer(directory.path("a.h5"))
      let storage = HDF5Writer.Storage(chunkShape: [4, 1024], gzip: 1, fletcher32: fletcher32)
      try writer.dataset("x", shape: [4, 1024], type: .uint8, storage: storage).append(noise)
      try writer.close()
      // The stream begins by zlib's mark for level 1.
      let bytes = try directory.read("a.h5")
      let start = try #require(bytes.indices.dropLast().first { bytes[$0] == 0x78 && bytes[$0 + 1] == 0x01 })
      try body(directory, start..<min(start + 4096, bytes.count))
    }
  }

  @Test("flipped bytes of a chunk", arguments: [false, true])
  func flipped(fletcher32: Bool) throws {
    try withChunk(fletcher32: fletcher32) { directory, chunk in
      #expect(HDF5BrokenTests.readAll(directory.path("a.h5")).isEmpty)
      let whole = try directory.read("a.h5")
      for place in stride(from: chunk.lowerBound, to: chunk.upperBound, by: 131) {
        var bytes = whole
        bytes[place] ^= 0x41
        try directory.write(bytes, to: "b.h5")
        let errors = HDF5BrokenTests.readAll(directory.path("b.h5"))
        #expect(errors.map(\.code) == [.malformed], "byte \(place)")
        #expect(errors.first?.message.contains("chunk at [0, 0]") == true)
        if fletcher32 { #expect(errors.first?.message.contains("checksum") == true) }
      }
    }
  }

  @Test("a chunk that inflates to more than its size stops there")
  func bomb() throws {
    try withChunk(fletcher32: false) { directory, chunk in
      // 2 MiB of zeros take 2 kB of the 4 kB there are.
      let bomb = try #require(try HDF5BrokenTests.zeros(2 << 20, room: chunk.count))
      try directory.change("a.h5") { bytes in
        bytes.replaceSubrange(chunk.lowerBound..<(chunk.lowerBound + bomb.count), with: bomb)
      }
      let errors = HDF5BrokenTests.readAll(directory.path("a.h5"))
      #expect(errors.first?.message.contains("inflates to more than its 4096 bytes") == true, "\(errors)")
    }
  }

  /// `count` zeros as a zlib stream, taken out of a file that libhdf5 wrote.
  private static func zeros(_ count: Int, room: Int) throws -> [UInt8]? {
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("z.h5"))
      let storage = HDF5Writer.Storage(chunkShape: [count], gzip: 9)
      try writer.dataset("x", shape: [count], type: .uint8, storage: storage).append(
        [Int64](repeating: 0, count: count))
      try writer.close()
      let bytes = try directory.read("z.h5")
      guard let start = bytes.indices.dropLast().first(where: { bytes[$0] == 0x78 && bytes[$0 + 1] == 0xDA })
      else { return nil }
      return Array(bytes[start..<min(start + room, bytes.count)])
    }
  }

  @Test("contiguous bytes beyond the end of the file")
  func beyondTheEnd() throws {
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("a.h5"))
      try writer.dataset("x", shape: [3, 1000], type: .float64).append([Double](repeating: 1, count: 3000))
      try writer.close()
      // The first axis, 3, among the dimensions of the dataspace: 3, 1000 as 64-bit integers.
      try directory.change("a.h5") { bytes in
        let pattern: [UInt8] = [3, 0, 0, 0, 0, 0, 0, 0, 0xE8, 3, 0, 0, 0, 0, 0, 0]
        for start in 0..<(bytes.count - 16) where Array(bytes[start..<(start + 16)]) == pattern {
          bytes[start + 3] = 0x7F
        }
      }
      let file = try HDF5File(directory.path("a.h5"))
      #expect(try error { try file.dataset("x") }.code == .malformed)
    }
  }

  @Test("any byte changed: an error or other numbers, and nothing worse")
  func changed() throws {
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("a.h5"))
      let storage = HDF5Writer.Storage(chunkShape: [2, 8], gzip: 4, shuffle: true, fletcher32: true)
      try writer.dataset("x", shape: [4, 8], type: .float16, storage: storage).append(
        (0..<32).map { Double($0) })
      try writer.dataset("ids", shape: [4], type: .int64).append([Int64](0..<4))
      try writer.close()
      let whole = try directory.read("a.h5")
      var refused = 0
      for place in stride(from: 0, to: whole.count, by: 11) {
        var bytes = whole
        bytes[place] ^= UInt8(truncatingIfNeeded: place &* 151 | 1)
        try directory.write(bytes, to: "b.h5")
        if !HDF5BrokenTests.readAll(directory.path("b.h5")).isEmpty { refused += 1 }
      }
      #expect(refused > 30)
    }
  }
}
