/// The header of a matrix in a MATLAB v4 file.
///
/// Five 32-bit integers `MOPT, rows, columns, imaginary, name length`, then the name with its NUL, then the
/// matrix column by column. Source: MathWorks, "MAT-File Format", level 4. The challenges of 2020 and 2021
/// publish their signals so: one int16 matrix `val` [leads, samples], which is WFDB format 16 behind 24 bytes.
public struct MATv4Header: Sendable, Equatable {
  /// An element type, by the digit P of MOPT.
  public enum ElementType: Int, Sendable, CaseIterable {
    case float64 = 0
    case float32 = 1
    case int32 = 2
    case int16 = 3
    case uint16 = 4
    case uint8 = 5
  }

  /// What a matrix holds, by the digit T of MOPT.
  public enum Content: Int, Sendable {
    case numeric = 0
    case text = 1
    case sparse = 2
  }

  /// Whether numbers are stored low byte first.
  public var isLittleEndian: Bool
  /// The elements' type.
  public var type: ElementType
  /// What they stand for.
  public var content: Content
  /// Rows of the matrix; a column is contiguous.
  public var rows: Int
  /// Columns of the matrix.
  public var columns: Int
  /// Whether an imaginary part follows.
  public var isComplex: Bool
  /// The variable's name.
  public var name: String
  /// Bytes before the first element.
  public var byteCount: Int

  /// Bytes of the longest header: names are short.
  static let sizeLimit = 20 + 256

  /// Parses the start of a file; longer bytes than the header's do no harm.
  ///
  /// - Returns: nil if this is no header of a full numeric matrix.
  public init?(_ bytes: some Collection<UInt8>) {
    self.init(matrix: bytes)
    guard content == .numeric else { return nil }
  }

  /// Parses the same of a matrix of text or a sparse one, too.
  init?(matrix bytes: some Collection<UInt8>) {
    let bytes = Array(bytes.prefix(MATv4Header.sizeLimit))
    guard bytes.count >= 20 else { return nil }
    func word(_ index: Int, little: Bool) -> UInt32 {
      let word = bytes[(4 * index)..<(4 * index + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return little ? word.byteSwapped : word
    }
    // MOPT is at most 4052, so read in the wrong order it is huge.
    isLittleEndian = word(0, little: true) < 10_000
    let little = isLittleEndian
    let mopt = Int(word(0, little: little))
    let nameLength = Int(word(4, little: little))
    guard mopt < 10_000, mopt / 1000 == (little ? 0 : 1), mopt / 100 % 10 == 0,
      let content = Content(rawValue: mopt % 10), let type = ElementType(rawValue: mopt / 10 % 10),
      word(3, little: little) < 2, nameLength > 0,
      nameLength <= bytes.count - 20
    else { return nil }
    self.type = type
    self.content = content
    rows = Int(word(1, little: little))
    columns = Int(word(2, little: little))
    isComplex = word(3, little: little) == 1
    name = String(decoding: bytes[20..<(20 + nameLength)].prefix { $0 != 0 }, as: UTF8.self)
    byteCount = 20 + nameLength
  }
}
