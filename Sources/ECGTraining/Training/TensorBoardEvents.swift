internal import Foundation

/// The records of a TensorBoard event file: TFRecord frames around the protocol buffers `Event` and `Summary`.
///
/// A frame is the length as UInt64, its masked CRC-32C, the bytes, and theirs, all little-endian. Of an `Event` there are
/// wall_time (field 1, double), step (2, varint), file_version (3, string) and summary (5); of a summary's values (1) the tag
/// (1, string) and simple_value (2, float).
enum TensorBoardEvents {
  /// The first record of a file.
  static func header(time: Double) -> [UInt8] {
    frame(fixed(1, time.bitPattern) + bytes(3, Array("brain.Event:2".utf8)))
  }

  /// A record with a scalar for each value.
  static func event(_ metrics: Metrics, begin: Double) -> [UInt8] {
    let summary = metrics.values.sorted { $0.key < $1.key }.flatMap { name, value in
      bytes(1, bytes(1, Array(name.utf8)) + fixed(2, Float(value).bitPattern))
    }
    return frame(
      fixed(1, (begin + metrics.seconds).bitPattern) + [2 << 3] + varint(UInt64(max(0, metrics.step)))
        + bytes(5, summary))
  }

  private static func frame(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(maskedChecksum(length)) + data + littleEndian(maskedChecksum(data))
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  private static func fixed(_ field: UInt8, _ value: UInt64) -> [UInt8] {
    [field << 3 | 1] + littleEndian(value)
  }

  private static func fixed(_ field: UInt8, _ value: UInt32) -> [UInt8] {
    [field << 3 | 5] + littleEndian(value)
  }

  private static func bytes(_ field: UInt8, _ value: [UInt8]) -> [UInt8] {
    [field << 3 | 2] + varint(UInt64(value.count)) + value
  }

  /// CRC-32C (Castagnoli), bit by bit: the records are short.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { checksum, byte in
      (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
  }

  private static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    let value = checksum(bytes)
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}
