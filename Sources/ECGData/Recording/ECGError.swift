/// An error of this library: what went wrong, where, and what to do about it.
///
/// Its ``description`` is one line, fit to be shown to a user as it stands:
///
///     records500/00000/00007_hr.dat: record 7: 96031 bytes, but the header declares 120000; fetch the file
///     again
public struct ECGError: Error, Sendable, Equatable {
  /// What kind of failure this is; scripts and tests decide on this, people read the message.
  public enum Code: String, Sendable {
    /// A file or record that is named does not exist.
    case notFound = "not-found"
    /// The operating system refused to read or write.
    case inputOutput = "input-output"
    /// Bytes or text that break their format's specification.
    case malformed
    /// Content that disagrees with a checksum, a declared length or another file.
    case mismatch
    /// Valid, but beyond what this build or version reads.
    case unsupported
    /// An argument, recipe or option that makes no sense.
    case invalidArgument = "invalid-argument"
    /// Stopped on request at a clean point.
    case interrupted
  }

  /// The kind of failure.
  public var code: Code
  /// What is wrong, in a few words without a final full stop.
  public var message: String
  /// The file concerned, as the user would name it.
  public var file: String?
  /// The record concerned, by its collection's own id.
  public var record: String?
  /// The 1-based line of a text file.
  public var line: Int?
  /// What the user can do, if it is not obvious.
  public var advice: String?
  /// The rule that a record breaks, where the error is about one.
  public var rule: Rule?

  /// Creates an error; every part of the location is optional.
  public init(
    _ code: Code, _ message: String, file: String? = nil, record: String? = nil, line: Int? = nil,
    advice: String? = nil, rule: Rule? = nil
  ) {
    self.code = code
    self.message = message
    self.file = file
    self.record = record
    self.line = line
    self.advice = advice
    self.rule = rule
  }

  /// The same error with the parts of its location that it lacks filled in.
  public func located(file: String? = nil, record: String? = nil) -> ECGError {
    var error = self
    error.file = error.file ?? file
    error.record = error.record ?? record
    return error
  }
}

extension ECGError: CustomStringConvertible {
  /// Characters of a description; what is longer is cut.
  private static let longest = 2000

  /// One line: where, what, what to do.
  public var description: String {
    var parts: [String] = []
    if let file { parts.append(line.map { "\(file):\($0)" } ?? file) }
    if let record { parts.append("record \(record)") }
    parts.append(advice.map { "\(message); \($0)" } ?? message)
    // What a file holds may be quoted: no control character of it reaches a terminal, and no megabyte.
    let text = parts.joined(separator: ": ")
    let shown = text.unicodeScalars.prefix(ECGError.longest).map { scalar in
      scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : String(scalar)
    }
    return shown.joined() + (text.unicodeScalars.count > ECGError.longest ? " …" : "")
  }
}
