/// Characters that XML lacks, as workbooks write them: `_x000D_` (ECMA-376 part 1, 22.9.2.19).
enum XLSXText {
  /// The text meant: each `_xHHHH_` is a UTF-16 unit.
  static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "_")) else { return text }
    let units = Array(text.utf16)
    guard units.indices.contains(where: { unit(units[$0...]) != nil }) else { return text }
    var result: [UInt16] = []
    var index = 0
    while index < units.count {
      let escaped = unit(units[index...])
      result.append(escaped ?? units[index])
      index += escaped == nil ? 1 : 7
    }
    return String(decoding: result, as: UTF16.self)
  }

  /// A text for XML: markup as entities, what XML lacks or would change as `_xHHHH_`, and `_x` itself so too.
  static func escaped(_ text: String) -> String {
    var result = ""
    let units = Array(text.utf16)
    var offset = 0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "_" where unit(units[offset...]) != nil: result += "_x005F_"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\0"..."\u{1F}", "\u{FFFE}", "\u{FFFF}":
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "_x" + String(repeating: "0", count: 4 - digits.count) + digits + "_"
      default: result.unicodeScalars.append(scalar)
      }
      offset += UTF16.width(scalar)
    }
    return result
  }

  /// The unit that an escape at the beginning stands for.
  private static func unit(_ units: ArraySlice<UInt16>) -> UInt16? {
    let start = units.startIndex
    guard units.count >= 7, units[start] == 0x5F, units[start + 1] == 0x78, units[start + 6] == 0x5F else {
      return nil
    }
    var value: UInt16 = 0
    for digit in units[(start + 2)..<(start + 6)] {
      switch digit {
      case 0x30...0x39: value = value << 4 | (digit - 0x30)
      case 0x41...0x46, 0x61...0x66: value = value << 4 | (digit & 0xF) + 9
      default: return nil
      }
    }
    return value
  }
}
