extension StringProtocol where UTF8View: BidirectionalCollection {
  /// The text without blanks, tabs and line ends around it.
  func trimmingSpaces() -> String {
    // Most fields of tables have none, which two bytes tell: what is visible in ASCII is no part of a blank.
    let visible: ClosedRange<UInt8> = 0x21...0x7E
    if let first = utf8.first, let last = utf8.last, visible.contains(first), visible.contains(last) {
      return String(self)
    }
    func isSpace(_ character: Character) -> Bool { character.isWhitespace }
    guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) })
    else {
      return ""
    }
    return String(self[first...last])
  }
}

extension Sequence<UInt8> {
  /// The bytes in lower-case hexadecimal.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
