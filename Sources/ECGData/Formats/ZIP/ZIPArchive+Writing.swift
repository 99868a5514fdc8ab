import CZlib

extension ZIPArchive {
  /// Writes an archive whose entries are stored, not deflated: its bytes depend on nothing but their content.
  ///
  /// The time of every entry is DOS's first, 1980-01-01 00:00.
  ///
  /// - Parameter entries: names and contents, in their order.
  /// - Returns: the bytes of the file.
  /// - Throws: `ECGError.Code.invalidArgument` for more or larger entries than an archive without ZIP64 has, or
  ///   more than are read back.
  static func encode(_ entries: [(name: String, content: [UInt8])]) throws -> [UInt8] {
    let size = entries.reduce(0) { $0 + $1.content.count + 2 * $1.name.utf8.count + 76 }
    guard entries.count < 0xFFFF, size < fileLimit, entries.allSatisfy({ $0.name.utf8.count < 0xFFFF }) else {
      throw ECGError(
        .invalidArgument, "\(entries.count) entries of \(size) bytes are too much for an archive")
    }
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    for (name, content) in entries {
      let crc = content.withUnsafeBufferPointer { CZlib.crc32_z(0, $0.baseAddress, $0.count) }
      // Version 2.0; bit 11: the name is UTF-8; stored; time; CRC-32; both sizes; no extra field.
      let common =
        number(20, 2) + number(1 << 11, 2) + number(0, 2) + number(0, 2) + number(0x21, 2)
        + number(Int(crc), 4)
        + number(content.count, 4) + number(content.count, 4) + number(name.utf8.count, 2) + number(0, 2)
      directory += number(0x0201_4B50, 4) + number(20, 2) + common + number(0, 10) + number(bytes.count, 4)
      directory += name.utf8
      bytes += number(0x0403_4B50, 4) + common
      bytes += name.utf8
      bytes += content
    }
    let start = bytes.count
    bytes += directory
    bytes += number(0x0605_4B50, 4) + number(0, 4) + number(entries.count, 2) + number(entries.count, 2)
    return bytes + number(directory.count, 4) + number(start, 4) + number(0, 2)
  }
}
