/// The notes that stand before the annotations proper: texts of NOTE annotations at sample 0 whose other
/// fields are 0, closed by a null annotation at sample 0.
private enum HeaderText {
  static let resolution = "## time resolution: "
  static let firstDefinition = "## annotation type definitions"
  static let lastDefinition = "## end of definitions"
  static let end = WFDBAnnotation(sample: 0, code: .notQRS)
}

extension WFDBAnnotation {
  fileprivate var isHeaderNote: Bool {
    self == WFDBAnnotation(sample: 0, code: .note, aux: aux)
  }
}

extension WFDBAnnotationFile {
  /// The mnemonic of a code in this file: the one that it defines last, else that of annot(5).
  ///
  /// Old files have no table, only notes at their start such as `42 CAL Calibration`. These stay among the
  /// annotations and are asked for codes without a mnemonic: `12 lead ECG` would redefine a paced beat.
  public func symbol(of code: WFDBAnnotationCode) -> String {
    if let definition = definitions.last(where: { $0.code == code }) { return definition.symbol }
    guard !code.hasMnemonic, definitions.isEmpty, timeResolution == nil else { return code.symbol }
    let notes = annotations.prefix(while: \.isHeaderNote)
    let definition = notes.lazy.compactMap { Definition(line: $0.text) }.last { $0.code == code }
    return definition?.symbol ?? code.symbol
  }

  /// Takes the header away from the annotations of a file.
  ///
  /// A table counts only as a whole, with both its marks and nothing but definitions between them; what is
  /// not understood stays an annotation, so nothing is lost.
  init(separatingHeaderOf all: [WFDBAnnotation]) {
    self.init()
    var rest = all[...]
    while let first = rest.first, first.isHeaderNote {
      if timeResolution == nil, let resolution = WFDBAnnotationFile.resolution(first.text) {
        timeResolution = resolution
        rest.removeFirst()
      } else if definitions.isEmpty, let table = WFDBAnnotationFile.table(rest) {
        definitions = table
        rest.removeFirst(table.count + 2)
      } else {
        break
      }
    }
    if rest.count < all.count, rest.first == HeaderText.end {
      rest.removeFirst()
    } else if let first = rest.first, first.isHeaderNote, first.text.hasPrefix("## ") {
      notes.append("a note at the start begins with ##, is not understood and kept as an annotation")
    }
    annotations = Array(rest)
  }

  /// The annotations that say what ``init(separatingHeaderOf:)`` takes away; none if there is nothing to say.
  ///
  /// - Throws: `invalidArgument` for what would not be read back as it is.
  func header() throws -> [WFDBAnnotation] {
    var lines: [String] = []
    if let timeResolution {
      let isWhole = timeResolution == timeResolution.rounded() && abs(timeResolution) < 1e15
      let line = HeaderText.resolution + (isWhole ? "\(Int(timeResolution))" : "\(timeResolution)")
      guard WFDBAnnotationFile.resolution(line) == timeResolution else {
        throw ECGError(.invalidArgument, "time resolution \(timeResolution) is not positive and finite")
      }
      lines.append(line)
    }
    if !definitions.isEmpty {
      lines.append(HeaderText.firstDefinition)
      for definition in definitions {
        guard Definition(line: definition.note.text) == definition, definition.note.aux.count <= 255 else {
          throw ECGError(
            .invalidArgument,
            "\"\(definition.line)\" is no definition: a mnemonic without blanks, in all at most 255 bytes")
        }
        lines.append(definition.line)
      }
      lines.append(HeaderText.lastDefinition)
    }
    guard lines.isEmpty else {
      return lines.map { WFDBAnnotation(sample: 0, code: .note, aux: Array($0.utf8)) } + [HeaderText.end]
    }
    let start = Array(annotations.prefix(while: \.isHeaderNote))
    guard WFDBAnnotationFile(separatingHeaderOf: start).annotations == start else {
      throw ECGError(
        .invalidArgument, "the first annotations read as a time resolution or as definitions",
        advice: "set these instead")
    }
    return []
  }

  private static func resolution(_ text: String) -> Double? {
    guard text.hasPrefix(HeaderText.resolution) else { return nil }
    let number = text.dropFirst(HeaderText.resolution.count).trimmingSpaces()
    guard number.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(number),
      value.isFinite, value > 0
    else {
      return nil
    }
    return value
  }

  private static func table(_ annotations: ArraySlice<WFDBAnnotation>) -> [Definition]? {
    guard annotations.first?.text == HeaderText.firstDefinition else { return nil }
    var table: [Definition] = []
    for annotation in annotations.dropFirst().prefix(while: \.isHeaderNote) {
      if annotation.text == HeaderText.lastDefinition { return table.isEmpty ? nil : table }
      guard let definition = Definition(line: annotation.text) else { return nil }
      table.append(definition)
    }
    return nil
  }
}

extension WFDBAnnotationFile.Definition {
  /// As a file holds it.
  fileprivate var line: String { "\(code.rawValue) \(symbol) \(description)" }

  fileprivate var note: WFDBAnnotation { WFDBAnnotation(sample: 0, code: .note, aux: Array(line.utf8)) }

  /// Reads `code symbol description`; nil if it is none.
  fileprivate init?(line: String) {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let number = line.utf8.drop(while: isBlank).prefix { !isBlank($0) }
    let symbol = line.utf8[number.endIndex...].drop(while: isBlank).prefix { !isBlank($0) }
    guard let code = UInt8(Substring(number)).flatMap(WFDBAnnotationCode.init(rawValue:)), !symbol.isEmpty
    else {
      return nil
    }
    let description = line.utf8[symbol.endIndex...].dropFirst()
    self.init(
      code: code, symbol: String(Substring(symbol)), description: String(Substring(description)))
  }
}
