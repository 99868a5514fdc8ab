import ECGData
import Foundation
import TestSupport
import Testing

@Suite("HDF5 files written and read back")
struct HDF5WriterTests {
  static let types: [HDF5ElementType] = [
    .float16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
  ]
  static let storages: [HDF5Writer.Storage] = [
    .init(), .init(isCompact: true), .init(chunkShape: [1, 6, 3]), .init(chunkShape: [4, 4, 1], gzip: 4),
    .init(chunkShape: [2, 5, 2], gzip: 9, shuffle: true), .init(chunkShape: [7, 6, 3], shuffle: true),
    .init(chunkShape: [3, 2, 3], gzip: 1, shuffle: true, fletcher32: true),
    .init(chunkShape: [2, 6, 3], fletcher32: true),
  ]
  /// [7, 6, 3], within every type.
  static let values = (0..<126).map { Int64($0 * 37 % 127) }

  @Test("every type in every storage and order", arguments: types)
  func everyType(type: HDF5ElementType) throws {
    try withDirectory { directory in
      let path = directory.path("a.h5")
      let writer = try HDF5Writer(path)
      for (index, storage) in HDF5WriterTests.storages.enumerated() {
        for isBigEndian in [false, true] {
          var storage = storage
          storage.isBigEndian = isBigEndian
          let dataset = try writer.dataset(
            "group\(index)/\(isBigEndian)", shape: [7, 6, 3], type: type, storage: storage)
          // In portions of no chunk's size.
          for rows in [0..<3, 3..<4, 4..<7] {
            try dataset.append(Array(HDF5WriterTests.values[(rows.lowerBound * 18)..<(rows.upperBound * 18)]))
          }
        }
      }
      try writer.close()
      let file = try HDF5File(path)
      #expect(try file.datasetNames().count == 16)
      for (index, storage) in HDF5WriterTests.storages.enumerated() {
        for isBigEndian in [false, true] {
          let dataset = try file.dataset("group\(index)/\(isBigEndian)")
          #expect(dataset.elementType == type && dataset.chunkShape == storage.chunkShape)
          #expect(dataset.isBigEndian == isBigEndian)
          #expect(try dataset.read(rows: 0..<7, as: Int64.self) == HDF5WriterTests.values)
          let reals = try dataset.read(rows: 2..<6, as: Float.self)
          #expect(reals == HDF5WriterTests.values[36..<108].map { Float($0) })
        }
      }
    }
  }

  @Test("rows that were never written read as zeros, whole chunks of them too")
  func missing() throws {
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("a.h5"))
      let storages: [HDF5Writer.Storage] = [.init(), .init(chunkShape: [2, 3], gzip: 4)]
      for (index, storage) in storages.enumerated() {
        try writer.dataset("part\(index)", shape: [9, 4], type: .int16, storage: storage).append(
          [Double](repeating: 5, count: 12))
        _ = try writer.dataset("none\(index)", shape: [9, 4], type: .int16, storage: storage)
      }
      try writer.close()
      let file = try HDF5File(directory.path("a.h5"))
      for index in storages.indices {
        let part = try file.dataset("part\(index)").read(rows: 0..<9, as: Int64.self)
        #expect(part == [Int64](repeating: 5, count: 12) + [Int64](repeating: 0, count: 24))
        let none = try file.dataset("none\(index)").read(rows: 4..<6, as: Float.self)
        #expect(none == [Float](repeating: 0, count: 8))
      }
    }
  }

  @Test("the same bytes at another time")
  func deterministic() throws {
    try withDirectory { directory in
      for name in ["a.h5", "b.h5"] {
        let writer = try HDF5Writer(directory.path(name))
        let storage = HDF5Writer.Storage(chunkShape: [2, 6, 3], gzip: 6, shuffle: true)
        try writer.dataset("x/y", shape: [7, 6, 3], type: .float32, storage: storage).append(
          HDF5WriterTests.values)
        try writer.dataset("ids", shape: [7], type: .int64).append(Array(HDF5WriterTests.values.prefix(7)))
        try writer.close()
        // HDF5 dates are in seconds.
        if name == "a.h5" { Thread.sleep(forTimeInterval: 1.1) }
      }
      #expect(try directory.read("a.h5") == directory.read("b.h5"))
    }
  }

  @Test("half precision: every value keeps its bits, ties go to even")
  func half() throws {
    let bits = (0...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 || $0 & 0x3FF == 0 }
    // As the standard says: sign, exponent biased by 15, fraction of 10 bits.
    let values = bits.map { bits -> Double in
      let exponent = Int(bits >> 10 & 31)
      let fraction = Double(bits & 1023) / 1024
      let magnitude =
        exponent == 31
        ? Double.infinity
        : exponent == 0 ? fraction * pow(2, -14) : (1 + fraction) * pow(2, Double(exponent - 15))
      return bits & 0x8000 == 0 ? magnitude : -magnitude
    }
    let between: [(Double, Double)] = [
      (2049, 2048), (2051, 2052), (65_519.99, 65_504), (65_520, .infinity), (-1e300, -.infinity),
      (pow(2, -25), 0), (pow(2, -25) * 1.0001, pow(2, -24)), (pow(2, -24) * 1.5, pow(2, -23)),
      (pow(2, -14) * (1 - pow(2, -12)), pow(2, -14)),
    ]
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("a.h5"))
      let all = values + between.map(\.0)
      try writer.dataset("x", shape: [all.count], type: .float16).append(all)
      try writer.close()
      let read = try HDF5File(directory.path("a.h5")).dataset("x").read(rows: 0..<all.count, as: Double.self)
      #expect(read.map(\.bitPattern) == (values + between.map(\.1)).map(\.bitPattern))
    }
  }

  @Test("a column of text, and a dataset of its own at once")
  func text() throws {
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("a.h5"))
      let texts = try writer.dataset("ids", shape: [4], type: .text(byteCount: 5))
      try texts.append(["a", "grö"])
      try writer.write("g/whole", shape: [2, 3], type: .float32, (0..<6).map { Float($0) / 3 })
      try texts.append(["", "12345"])
      try writer.close()
      let file = try HDF5File(directory.path("a.h5"))
      #expect(try file.dataset("ids").readText(rows: 0..<4) == ["a", "grö", "", "12345"])
      #expect(try file.dataset("ids").elementType == .text(byteCount: 5))
      #expect(try file.dataset("g/whole").read(rows: 0..<2, as: Float.self) == (0..<6).map { Float($0) / 3 })
    }
  }

  @Test("refusals")
  func refusals() throws {
    try withDirectory { directory in
      #expect(try error { try HDF5Writer(directory.path("none/a.h5")) }.code == .inputOutput)
      let writer = try HDF5Writer(directory.path("a.h5"))
      let dataset = try writer.dataset("a", shape: [3, 2], type: .int8)
      #expect(try error { try dataset.append([Int64(1), 200]) }.code == .invalidArgument)
      #expect(try error { try dataset.append([Double(1), 0.5]) }.code == .invalidArgument)
      #expect(try error { try dataset.append([Int64](repeating: 0, count: 3)) }.code == .invalidArgument)
      #expect(try error { try dataset.append([Int64](repeating: 0, count: 8)) }.code == .invalidArgument)
      #expect(try error { try writer.dataset("a", shape: [1], type: .int8) }.code == .invalidArgument)
      #expect(try error { try writer.dataset("b", shape: [], type: .int8) }.code == .invalidArgument)
      for type in [HDF5ElementType.text(byteCount: nil), .text(byteCount: 0), .other("compound")] {
        #expect(try error { try writer.dataset("b", shape: [2], type: type) }.code == .invalidArgument)
      }
      let texts = try writer.dataset("t", shape: [2], type: .text(byteCount: 3))
      #expect(try error { try texts.append(["abcd"]) }.code == .invalidArgument)
      #expect(try error { try texts.append(["a\0b"]) }.code == .invalidArgument)
      #expect(try error { try texts.append(["a", "b", "c"]) }.code == .invalidArgument)
      #expect(try error { try texts.append([Int64(1)]) }.code == .invalidArgument)
      #expect(try error { try dataset.append(["a"]) }.code == .invalidArgument)
      for storage in [
        HDF5Writer.Storage(gzip: 4), .init(chunkShape: [2]), .init(chunkShape: [0, 1]),
        .init(chunkShape: [1, 1], gzip: 10), .init(chunkShape: [1, 1], isCompact: true),
      ] {
        #expect(
          try error { try writer.dataset("b", shape: [3, 2], type: .int8, storage: storage) }.code
            == .invalidArgument)
      }
      // Abandoned: nothing is left.
    }
    try withDirectory { directory in
      do { _ = try HDF5Writer(directory.path("a.h5")) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }
  }
}
