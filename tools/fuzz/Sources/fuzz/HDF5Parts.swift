@testable import ECGData

/// `H`, a chunk of HDF5 behind four bytes: its filters, those left out, the width of elements, its length.
///
/// With bit 7 of the first the checksum is put behind the bytes, where the fuzzer could not find it.
func checkChunk(_ input: [UInt8]) {
  guard input.count >= 4 else { return }
  let filters = (0..<3).compactMap { step -> HDF5Filter? in
    let number = Int(input[0]) >> (2 * step) & 3
    guard number > 0 else { return nil }
    return HDF5Filter(number: number, storedName: "", firstValue: Int(input[2]), isAvailable: true)
  }
  var stored = Array(input.dropFirst(4))
  if input[0] & 0x80 != 0 {
    withUnsafeBytes(of: HDF5Filter.fletcher32(stored).littleEndian) { stored += $0 }
  }
  var chunk = [UInt8](repeating: 0xAA, count: 16 * Int(input[3]))
  do {
    try chunk.withUnsafeMutableBytes {
      try HDF5Filter.undo(stored, filters: filters, mask: UInt32(input[1]), into: $0)
    }
    // A shuffle alone moves bytes and keeps them all.
    if filters.map(\.kind) == [.shuffle], input[1] & 1 == 0 {
      expect(chunk.sorted() == stored.sorted(), "elements have the bytes of their planes")
    }
  } catch let fault as HDF5Filter.Fault {
    expect(!fault.what.isEmpty, "a fault says what it is")
  } catch {
    fail("an error of another type: \(error)")
  }
}

/// `S`, the start of an HDF5 file.
func checkSuperblock(_ bytes: [UInt8]) throws {
  let file = try FileHandleForReading(RecordFolder.shared.write(file: bytes))
  let superblock = try HDF5Superblock(file)
  expect(
    superblock.offset < superblock.endOfFile && superblock.endOfFile <= file.size,
    "an HDF5 file lies in its bytes")
}
