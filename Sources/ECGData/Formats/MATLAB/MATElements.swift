/// A run of data elements: a file's, an array's, or those that a compressed element holds.
///
/// Source: MathWorks, "MAT-File Format", level 5, "Data Element Format": a tag of type and size, the data,
/// padding to 8 bytes; or the small format of up to 4 bytes within the tag.
struct MATElements {
  /// Where the whole lies: the file, or what is inflated from it; of an outline its begin.
  let bytes: UnsafeRawBufferPointer
  /// Whether numbers are stored in the other order than this machine's.
  let isSwapped: Bool
  let file: String?
  /// The byte of the file at which the compressed element stands, if this is inflated.
  let compressedAt: Int?
  /// The next tag.
  private(set) var position: Int
  /// Where the run ends.
  let end: Int

  /// A data element; its bytes lie within the run.
  struct Element {
    var type: MATDataType
    var range: Range<Int>
    /// Where its tag begins.
    var tag: Int
  }

  /// What is there, but lies behind the bytes that an outline has.
  struct Beyond: Error {}

  /// A run from a place to the end of the whole, which takes `size` bytes; as many as there are if nil.
  init(
    _ bytes: UnsafeRawBufferPointer, size: Int? = nil, isSwapped: Bool, file: String?, compressedAt: Int?,
    from position: Int
  ) {
    self.bytes = bytes
    self.isSwapped = isSwapped
    self.file = file
    self.compressedAt = compressedAt
    end = size ?? bytes.count
    self.position = min(position, end)
  }

  /// The elements within an element.
  init(in element: Element, of outer: MATElements) {
    bytes = outer.bytes
    isSwapped = outer.isSwapped
    file = outer.file
    compressedAt = outer.compressedAt
    position = element.range.lowerBound
    end = element.range.upperBound
  }

  /// Bytes behind the last element that was taken.
  var left: Int { end - position }

  /// Takes the next element.
  ///
  /// - Parameter what: What it is, for the error.
  /// - Returns: The element, its size checked.
  /// - Throws: `malformed` if there is none, or if it reaches beyond the end; ``Beyond`` if its tag, or the
  ///   data of an element that holds no others, lies behind the bytes.
  mutating func next(_ what: String) throws -> Element {
    let tag = position
    guard left >= 8 else { throw malformed("\(left) bytes are left for \(what)", at: tag) }
    guard tag + 8 <= bytes.count else { throw Beyond() }
    let word = word(at: tag)
    // "If the first two bytes are not zero, the small data element format is used", in either order.
    let smallCount = Int(word >> 16)
    let start = smallCount > 0 ? tag + 4 : tag + 8
    let count = smallCount > 0 ? smallCount : Int(self.word(at: tag + 4))
    guard let type = MATDataType(rawValue: smallCount > 0 ? word & 0xFFFF : word) else {
      throw malformed(
        "\(what) is of type \(smallCount > 0 ? word & 0xFFFF : word), which there is not", at: tag)
    }
    guard count <= (smallCount > 0 ? 4 : end - start) else {
      throw malformed(
        "\(what) claims \(count) bytes, and \(smallCount > 0 ? 4 : end - start) are there", at: tag)
    }
    switch type {
    case .matrix, .compressed: position = start + count
    default:
      guard start + count <= bytes.count else { throw Beyond() }
      position = smallCount > 0 ? tag + 8 : min(end, start + (count + 7) / 8 * 8)
    }
    return Element(type: type, range: start..<start + count, tag: tag)
  }

  /// A number within the run.
  private func word(at offset: Int) -> UInt32 {
    let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return isSwapped ? word.byteSwapped : word
  }

  /// The bytes of an element.
  func contents(_ element: Element) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[element.range])
  }

  /// The numbers of an element.
  func numbers(_ element: Element) -> MATStoredNumbers {
    MATStoredNumbers(bytes: contents(element), type: element.type, isSwapped: isSwapped)
  }

  /// An error that names the byte.
  func malformed(_ message: String, at offset: Int) -> ECGError {
    let place = compressedAt.map { "byte \(offset) of what is compressed at byte \($0)" } ?? "byte \(offset)"
    return ECGError(.malformed, "at \(place): \(message)", file: file, advice: "fetch the file again")
  }
}
