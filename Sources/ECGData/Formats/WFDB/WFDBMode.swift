/// How much a reader of WFDB records puts up with.
public enum WFDBMode: Sendable, CaseIterable {
  /// Refuses every header that breaks header(5) and every record with a finding that is an error.
  case strict
  /// Reads headers whose breach leaves no doubt about their meaning, and reports every disagreement; refuses
  /// what would have to be guessed and records that are incomplete.
  case standard
  /// Also repairs the breakages that published collections are known for, and delivers what there is of an
  /// incomplete record. Everything done is told.
  case lenient
}

/// A place where a header breaks its specification and is read all the same.
public struct WFDBRepair: Sendable, Equatable {
  /// What is broken.
  public enum Kind: String, Sendable, CaseIterable {
    /// The record line's name has an extension, or is not that of the header's file.
    case recordName = "record-name"
    /// `12-May-2020 12:33:59`: the date stands before the time.
    case dateBeforeTime = "date-before-time"
    /// The text is not UTF-8; it is read as Latin-1.
    case encoding
    /// Lines after the last declared signal.
    case surplusLines = "surplus-lines"
    /// An empty item in a comma-separated comment, such as `#Dx: 1,,2`.
    case listComma = "list-comma"
    /// A comma behind a number.
    case trailingComma = "trailing-comma"
    /// The line break between the record line and the first signal line is lost.
    case fusedLine = "fused-line"
    /// The signal file is not where the header says, but beside it under the record's name.
    case signalFileName = "signal-file-name"

    /// Whether the meaning has to be guessed, so that only ``WFDBMode/lenient`` repairs it.
    public var isGuess: Bool {
      switch self {
      case .recordName, .dateBeforeTime, .encoding, .surplusLines, .listComma: false
      case .trailingComma, .fusedLine, .signalFileName: true
      }
    }
  }

  /// What is broken.
  public var kind: Kind
  /// What was found and how it was read.
  public var message: String
  /// The header's line, if it is one.
  public var line: Int?

  /// Describes a repair.
  public init(_ kind: Kind, _ message: String, line: Int? = nil) {
    self.kind = kind
    self.message = message
    self.line = line
  }

  /// The repair itself if the mode allows it.
  ///
  /// - Throws: `ECGError.Code.malformed` naming file and line if it does not.
  func allowed(in mode: WFDBMode, file: String) throws -> WFDBRepair {
    guard mode == .strict || (mode == .standard && kind.isGuess) else { return self }
    throw ECGError(
      .malformed, message, file: file, line: line,
      advice: kind.isGuess ? "it is repaired on request only: read it leniently" : nil, rule: .wfdbHeader)
  }
}
