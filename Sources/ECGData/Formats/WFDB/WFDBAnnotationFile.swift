/// A WFDB annotation file, read in the MIT or the AHA format and written in the MIT format.
///
///     let file = try WFDBAnnotationFile(contentsOf: "100.atr")
///     let beats = file.annotations.filter { $0.code == .pvc }
///
/// Source: WFDB Applications Guide, annot(5). What stands before the annotations proper, the time resolution
/// and a table of own definitions, is kept apart from them and written again. Where a file is odd and the
/// WFDB library reads it all the same, ``notes`` says so; anything else is refused.
public struct WFDBAnnotationFile: Sendable {
  /// The two formats of annot(5).
  public enum Format: Sendable {
    /// 16-bit words: the format of almost every annotation file.
    case mit
    /// Rows of 16 bytes, for the exchange on tape.
    case aha
  }

  /// A code's meaning in this file.
  public struct Definition: Sendable, Equatable {
    /// The code.
    public var code: WFDBAnnotationCode
    /// Its mnemonic, without blanks.
    public var symbol: String
    /// What it stands for; may be empty.
    public var description: String

    /// Defines a code.
    public init(code: WFDBAnnotationCode, symbol: String, description: String) {
      self.code = code
      self.symbol = symbol
      self.description = description
    }
  }

  /// The annotations in the order of the file.
  public var annotations: [WFDBAnnotation]
  /// Ticks a second, if the file has a time resolution of its own: annotations count these, not samples.
  public var timeResolution: Double?
  /// Codes that the file defines or redefines.
  public var definitions: [Definition]
  /// What is odd about the bytes that were read; not part of the contents, so equal files may differ in it.
  public internal(set) var notes: [String] = []

  /// Creates a file's contents.
  public init(
    annotations: [WFDBAnnotation] = [], timeResolution: Double? = nil, definitions: [Definition] = []
  ) {
    self.annotations = annotations
    self.timeResolution = timeResolution
    self.definitions = definitions
  }

  /// Files over 64 MiB are refused, a hundred times the largest published: in memory an annotation takes 24
  /// bytes and more, in the file as few as two.
  static let sizeLimit = 1 << 26

  /// Reads an annotation file; its format is found as ``init(bytes:format:file:)`` says unless it is given.
  ///
  /// - Throws: ``ECGError`` as ``init(bytes:format:file:)``, `notFound` or `inputOutput` if the file cannot be
  ///   read, and `unsupported` if it is larger than 64 MiB.
  public init(contentsOf path: String, format: Format? = nil) throws {
    try self.init(
      bytes: File.read(path, limit: WFDBAnnotationFile.sizeLimit), format: format, file: path)
  }

  /// Parses the bytes of an annotation file; `file` is only named in errors.
  ///
  /// Unless a format is given, it is AHA only if the bytes are whole rows of 16 and every one of them fits:
  /// a zero, a letter of the AHA's, a time that is not negative and a serial number that is not 0, up to the
  /// end or up to rows of 255 only. No MIT file that the WFDB library writes looks like this.
  ///
  /// - Throws: ``ECGError`` (`malformed`) with the position of the first byte that breaks the format.
  public init(bytes: [UInt8], format: Format? = nil, file: String) throws {
    guard !bytes.isEmpty else { throw ECGError(.malformed, "is empty", file: file) }
    switch format ?? (WFDBAnnotationFile.isAHA(bytes) ? .aha : .mit) {
    case .mit: try self.init(mit: bytes, file: file)
    case .aha: try self.init(aha: bytes, file: file)
    }
  }

  /// Writes the file in the MIT format, over a file of the same name.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) as ``encoded()``, or `inputOutput` if it cannot be written.
  public func write(to path: String) throws {
    let bytes: [UInt8]
    do {
      bytes = try encoded()
    } catch let error as ECGError {
      throw error.located(file: path)
    }
    try File.write(bytes, to: path)
  }
}

extension WFDBAnnotationFile: Equatable {
  /// Whether annotations, time resolution and definitions are the same.
  public static func == (one: WFDBAnnotationFile, other: WFDBAnnotationFile) -> Bool {
    one.annotations == other.annotations && one.timeResolution == other.timeResolution
      && one.definitions == other.definitions
  }
}

/// What a reader puts up with in a file: how often each, and where first.
struct AnnotationOddities {
  enum Kind: String, CaseIterable {
    case order = "annotations not in order of time"
    case beforeStart = "annotations before the first sample"
    case wideField = "fields of more than 8 bits, of which the lower 8 are read"
    case repeatedText = "texts that replace another of the same annotation"
    case skipData = "SKIP words with data of their own, which is not read"
    case serial = "rows out of the order of their serial numbers"
    case foreignTail = "rows whose last 8 bytes are not the WFDB library's and are not read"
  }

  private var found: [Kind: (count: Int, position: Int)] = [:]

  mutating func add(_ kind: Kind, at position: Int) {
    found[kind, default: (0, position)].count += 1
  }

  var notes: [String] {
    Kind.allCases.compactMap { kind in
      found[kind].map { "\(kind.rawValue): \($0.count), the first at byte \($0.position)" }
    }
  }
}
