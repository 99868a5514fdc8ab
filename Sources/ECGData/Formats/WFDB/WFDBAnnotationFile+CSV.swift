extension WFDBAnnotationFile {
  /// A header line `sample,seconds,symbol,subtype,channel,number,aux` and a line an annotation, in pieces.
  ///
  /// Seconds count by the file's own time resolution, else by the rate, in hertz, of the record that the file
  /// belongs to; without either they are empty. Texts are quoted as RFC 4180 says, with all their characters.
  ///
  /// - Parameters:
  ///   - rate: of the record.
  ///   - output: takes the bytes in order.
  /// - Throws: what `output` throws.
  public func csv(rate: Double?, to output: ([UInt8]) throws -> Void) rethrows {
    let symbols = WFDBAnnotationCode.allCases.map { CSVTable.quoted(symbol(of: $0)) }
    let clock = (timeResolution ?? rate).flatMap { $0 > 0 ? $0 : nil }
    var text = "sample,seconds,symbol,subtype,channel,number,aux\n"
    for annotation in annotations {
      let seconds = clock.map { "\(Double(annotation.sample) / $0)" } ?? ""
      text += "\(annotation.sample),\(seconds),\(symbols[Int(annotation.code.rawValue)]),"
      text += "\(annotation.subtype),\(annotation.channel),\(annotation.number),"
      text += "\(CSVTable.quoted(annotation.text))\n"
      if text.utf8.count > 1 << 16 {
        try output(Array(text.utf8))
        text = ""
      }
    }
    try output(Array(text.utf8))
  }

  /// The table of ``csv(rate:to:)`` as one text.
  public func csv(rate: Double?) -> String {
    var bytes: [UInt8] = []
    csv(rate: rate) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
}
