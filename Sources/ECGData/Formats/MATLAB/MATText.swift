/// The text of character arrays.
enum MATText {
  /// The rows of a character array.
  ///
  /// MATLAB's characters are UTF-16 code units. Writers count dimensions in these, in characters (SciPy) or in
  /// bytes (Octave): one row is taken as it stands, if one of the counts is its length.
  ///
  /// - Parameters:
  ///   - stored: What the file holds.
  ///   - dimensions: Two at least.
  ///   - count: Their product, above 0.
  /// - Returns: nil if the numbers are no characters, or not as many as the dimensions say.
  static func rows(_ stored: MATStoredNumbers, dimensions: [Int], count: Int) -> [String]? {
    guard let storedCount = stored.count, let units = units(stored) else { return nil }
    let rows = dimensions[0]
    let columns = dimensions[1]
    if units.count == count {
      return split(units, rows, columns) { String(decoding: $0, as: UTF16.self) }
    }
    let text = String(decoding: units, as: UTF16.self)
    if rows == 1, columns == count, storedCount == count { return [text] }
    let characters = Array(text.unicodeScalars)
    guard characters.count == count else { return nil }
    return split(characters, rows, columns) { row in
      var text = String.UnicodeScalarView()
      text.append(contentsOf: row)
      return String(text)
    }
  }

  /// UTF-16 code units; what is no text becomes U+FFFD.
  private static func units(_ stored: MATStoredNumbers) -> [UInt16]? {
    switch stored.type {
    case .int8, .uint8: stored.list(UInt8.self).map(UInt16.init)
    case .int16, .uint16, .utf16: stored.list(UInt16.self)
    case .utf8: Array(String(decoding: stored.bytes, as: UTF8.self).utf16)
    case .int32, .uint32, .utf32: Array(String(decoding: stored.list(UInt32.self), as: UTF32.self).utf16)
    // Level 4 stores the codes of characters as numbers of any type.
    case .single, .double:
      if case .uint16(let codes) = stored.numbers(as: .uint16) { codes } else { nil }
    case .int64, .uint64, .matrix, .compressed: nil
    }
  }

  /// The rows of elements that lie column by column, page after page.
  private static func split<Element>(
    _ elements: [Element], _ rows: Int, _ columns: Int, text: ([Element]) -> String
  ) -> [String] {
    if rows == 1, columns == elements.count { return [text(elements)] }
    let page = rows * columns
    return (0..<(elements.count / columns)).map { index in
      let first = index / rows * page + index % rows
      return text((0..<columns).map { elements[first + $0 * rows] })
    }
  }
}
