/// The rows of the AHA format: 16 bytes each.
///
/// | bytes | |
/// | --- | --- |
/// | 0 | unused; 255 ends the file |
/// | 1 | the AHA's code, a letter |
/// | 2–5 | the time, as ``WFDBAnnotationFile/pdpInteger(_:at:)`` |
/// | 6–7 | the row's serial number, from 1 |
/// | 8 | the MIT subtype |
/// | 9 | the MIT code |
/// | 10–15 | text, ended by a zero if it is shorter |
///
/// Bytes 8 to 15 are unused on the tapes of the AHA database, and times are milliseconds there.
private enum Row {
  static let size = 16
  static let end: UInt8 = 255
  static let unreadable = UInt8(ascii: "U")
  static let other = UInt8(ascii: "O")

  /// What a letter alone means.
  static let codes: [UInt8: WFDBAnnotationCode] = [
    UInt8(ascii: "N"): .normal, UInt8(ascii: "V"): .pvc, UInt8(ascii: "F"): .fusion,
    UInt8(ascii: "R"): .ront, UInt8(ascii: "E"): .vesc, UInt8(ascii: "P"): .pace,
    UInt8(ascii: "Q"): .unknown, UInt8(ascii: "["): .vfon, UInt8(ascii: "]"): .vfoff,
    unreadable: .noise, other: .note,
  ]

  /// The letter that stands for an MIT code: the AHA has one for all beats of supraventricular origin.
  static func letter(of code: WFDBAnnotationCode, subtype: Int8) -> UInt8 {
    switch code {
    case .lbbb, .rbbb, .aberr, .npc, .apc, .svpb, .nesc, .bbb, .aesc, .svesc, .pfus: UInt8(ascii: "N")
    case .learn: UInt8(ascii: "Q")
    case .noise: subtype == -1 ? unreadable : other
    default: codes.first { $0.value == code }?.key ?? other
    }
  }

  static func serial(_ bytes: [UInt8], at row: Int) -> UInt16 {
    UInt16(bytes[row + 6]) | UInt16(bytes[row + 7]) << 8
  }
}

extension WFDBAnnotationFile {
  /// The rule of ``init(bytes:format:file:)``.
  static func isAHA(_ bytes: [UInt8]) -> Bool {
    guard bytes.count.isMultiple(of: Row.size), bytes.first == 0 else { return false }
    for row in stride(from: 0, to: bytes.count, by: Row.size) {
      if bytes[row] == Row.end { return bytes[row...].allSatisfy { $0 == Row.end } }
      let fits =
        bytes[row] == 0 && Row.codes[bytes[row + 1]] != nil && pdpInteger(bytes, at: row + 2) >= 0
        && Row.serial(bytes, at: row) != 0
      guard fits else { return false }
    }
    return true
  }

  /// Parses the AHA format.
  ///
  /// A row's MIT code is believed where its letter is the one that stands for it; else the letter decides and
  /// the row's last 8 bytes are left alone. If that is so in all rows, the file is as on tape and its time
  /// resolution a millisecond. The WFDB library reads the MIT code as the channel, which is 0 here.
  init(aha bytes: [UInt8], file: String) throws {
    self.init()
    var oddities = AnnotationOddities()
    var isFromTape = true
    var end: Int?
    for row in stride(from: 0, to: bytes.count, by: Row.size) {
      if bytes[row] == Row.end {
        end = row
        break
      }
      guard bytes.count - row >= Row.size else {
        throw ECGError(
          .malformed, "ends at byte \(bytes.count), in the middle of a row", file: file,
          advice: "fetch the file again")
      }
      guard let code = Row.codes[bytes[row + 1]] else {
        throw ECGError(
          .malformed, "byte \(row + 1) is \(bytes[row + 1]), which is no annotation code of the AHA",
          file: file)
      }
      var annotation = WFDBAnnotation(sample: WFDBAnnotationFile.pdpInteger(bytes, at: row + 2), code: code)
      if annotation.sample < 0 { oddities.add(.beforeStart, at: row) }
      if let last = annotations.last, annotation.sample < last.sample { oddities.add(.order, at: row) }
      if Row.serial(bytes, at: row) != UInt16(truncatingIfNeeded: annotations.count + 1) {
        oddities.add(.serial, at: row)
      }
      let subtype = Int8(bitPattern: bytes[row + 8])
      if let stated = WFDBAnnotationCode(rawValue: bytes[row + 9]), stated != .notQRS,
        Row.letter(of: stated, subtype: subtype) == bytes[row + 1]
      {
        isFromTape = false
        annotation.code = stated
        annotation.subtype = subtype
        annotation.aux = Array(bytes[row + 10..<row + Row.size].prefix { $0 != 0 })
      } else {
        if code == .noise { annotation.subtype = -1 }
        let isUsed = bytes[row + 8..<row + Row.size].contains { $0 != 0 }
        if isUsed { oddities.add(.foreignTail, at: row) }
      }
      annotations.append(annotation)
    }
    if isFromTape, !annotations.isEmpty {
      timeResolution = 1000
      notes.append("no row has an MIT code, so times are milliseconds, as on tapes of the AHA database")
    }
    notes += oddities.notes
    guard let end else {
      notes.append("the end mark is missing")
      return
    }
    let strays = bytes[end...].count { $0 != Row.end }
    if strays > 0 { notes.append("bytes after the end mark that are not 255 and are not read: \(strays)") }
  }
}
