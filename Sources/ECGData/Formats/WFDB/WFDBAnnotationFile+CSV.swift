extension WFDBAnnotationFile {
  /// A header line `sample,seconds,symbol,subtype,channel,number,aux` and a line an annotation.
  ///
  /// Seconds count by the file's own time resolution, else by the rate, in hertz, of the record that the file
  /// belongs to; without either they are empty. Texts are quoted as RFC 4180 says, with all their characters.
  public func csv(rate: Double?) -> String {
    let symbols = WFDBAnnotationCode.allCases.map(symbol(of:))
    let clock = (timeResolution ?? rate).flatMap { $0 > 0 ? $0 : nil }
    var text = "sample,seconds,symbol,subtype,channel,number,aux\n"
    for annotation in annotations {
      let seconds = clock.map { "\(Double(annotation.sample) / $0)" } ?? ""
      let symbol = CSVTable.quoted(symbols[Int(annotation.code.rawValue)])
      text += "\(annotation.sample),\(seconds),\(symbol),"
      text +=
        "\(annotation.subtype),\(annotation.channel),\(annotation.number),\(CSVTable.quoted(annotation.text))\n"
    }
    return text
  }
}
