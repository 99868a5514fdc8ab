import Dispatch
import ECGData
import Synchronization
import TestSupport
import Testing

@Suite("Rows of HDF5 datasets at random")
struct HDF5RowsTests {
  static let storages: [HDF5Writer.Storage] = [
    .init(), .init(chunkShape: [1, 40, 12], gzip: 4), .init(chunkShape: [16, 10, 1], gzip: 4, shuffle: true),
    .init(chunkShape: [100, 40, 12], gzip: 1, shuffle: true),
  ]

  @Test("two threads get what was written, whatever the order", arguments: storages, [256 << 20, 30_000])
  func threads(storage: HDF5Writer.Storage, byteLimit: Int) throws {
    try withDirectory { directory in
      let count = 100
      let values = (0..<(count * 480)).map { Double($0 * 31 % 8009) / 16 }
      let writer = try HDF5Writer(directory.path("a.h5"))
      try writer.dataset("tracings", shape: [count, 40, 12], type: .float32, storage: storage).append(values)
      try writer.close()
      let dataset = try HDF5File(directory.path("a.h5")).dataset("tracings")
      let rows = HDF5Rows(dataset, as: Float.self, byteLimit: byteLimit)
      #expect(rows.count == count && rows.rowsPerBlock <= max(1, byteLimit / 2 / 1920))
      #expect(rows.blockIndex(ofRow: 99) == 99 / rows.rowsPerBlock)
      let wrong = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: 4) { thread in
        var generator = SplitMix64("rows", UInt64(thread))
        for step in 0..<150 {
          let row = thread % 2 == 0 ? step % count : generator.index(below: count)
          let wanted = values[(row * 480)..<((row + 1) * 480)].map { Float($0) }
          var into = [Float](repeating: .nan, count: 480)
          let isRead: Void? = try? into.withUnsafeMutableBufferPointer { try rows.read(row, into: $0) }
          if (try? rows.row(row)) != wanted || isRead == nil || into != wanted {
            wrong.add(1, ordering: .relaxed)
          }
        }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
      #expect(try error { try rows.row(count) }.code == .invalidArgument)
      #expect(try error { try rows.row(-1) }.code == .invalidArgument)
      #expect(try error { try rows.row(.max) }.code == .invalidArgument)
    }
  }
}
