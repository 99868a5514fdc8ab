/// One annotation of a record: what happens at a sample.
public struct WFDBAnnotation: Sendable, Equatable {
  /// The sample it is attached to, counted from the record's start; ticks of the file's own
  /// ``WFDBAnnotationFile/timeResolution`` if that is given.
  public var sample: Int
  /// What it marks.
  public var code: WFDBAnnotationCode
  /// A variety of the code, of the annotator's choosing.
  public var subtype: Int8
  /// The signal it is about; 255 in old files for none in particular.
  public var channel: UInt8
  /// A number of the annotator's choosing.
  public var number: Int8
  /// Auxiliary information as it is stored, at most 255 bytes.
  public var aux: [UInt8]

  /// Creates an annotation.
  public init(
    sample: Int, code: WFDBAnnotationCode, subtype: Int8 = 0, channel: UInt8 = 0, number: Int8 = 0,
    aux: [UInt8] = []
  ) {
    self.sample = sample
    self.code = code
    self.subtype = subtype
    self.channel = channel
    self.number = number
    self.aux = aux
  }

  /// The auxiliary information as text, without the zeros that C strings end with.
  ///
  /// Read as UTF-8, or as Latin-1 where it is none.
  public var text: String {
    let end = aux.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    if let text = String(validating: aux[..<end], as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(aux[..<end].map { Unicode.Scalar($0) }))
  }
}
