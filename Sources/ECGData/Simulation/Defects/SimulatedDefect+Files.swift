/// Defects of a record's own files: header and signal.
extension SimulatedDefect {
  /// Plants the defect in the files of a record; a kind that is not of the files leaves them as they are, and so do all
  /// kinds with a list of records that comes with the last of them.
  func alter(_ files: inout [SimulatedContent.File], layout: String) {
    func isHeader(_ file: SimulatedContent.File) -> Bool { file.path.hasSuffix(".hea") }
    func isSignal(_ file: SimulatedContent.File) -> Bool {
      [".dat", ".mat", ".csv"].contains(where: file.path.hasSuffix)
    }
    switch kind {
    case .missingSignal: files.removeAll(where: isSignal)
    case .missingHeader: files.removeAll(where: isHeader)
    case .rowWithoutRecord: files.removeAll { isHeader($0) || isSignal($0) }
    // CODE's exams are known by their line.
    case .repeatedID where layout != CODE.name:
      files += files.filter { isHeader($0) || isSignal($0) }.map { file in
        let copy = "\(File.folder(of: file.path))-copy/\(File.name(of: file.path))"
        return SimulatedContent.File(path: copy, bytes: file.bytes)
      }
    default:
      for index in files.indices {
        if isHeader(files[index]) { alter(header: &files[index]) }
        if isSignal(files[index]) { alter(signal: &files[index].bytes) }
      }
    }
  }

  private func alter(signal bytes: inout [UInt8]) {
    switch kind {
    case .truncatedSignal:
      var end = frames(of: bytes.count)?.upperBound ?? bytes.count
      // Not at the end of a line or a frame, where nothing but the length would tell.
      while end < bytes.count - 1, bytes[end - 1] == UInt8(ascii: "\n") || end.isMultiple(of: 24) { end += 1 }
      bytes.removeLast(bytes.count - end)
    // Of a CSV file, whose first line names the leads where it has one; headers of WFDB are another matter.
    case .repeatedLead where bytes.starts(with: Array("I,II,".utf8)):
      let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
      var names = String(decoding: bytes[..<end], as: UTF8.self).split(separator: ",").map(String.init)
      guard names.count == Lead.count, let first = leads.first, let second = leads.last else { return }
      names[second.rawValue] = names[first.rawValue]
      bytes.replaceSubrange(..<end, with: names.joined(separator: ",").utf8)
    case .wrongContainer where bytes.count >= 12:
      // The number of columns, the third word of a MATLAB v4 header, little-endian; one more than there are.
      let columns = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[8 + $1]) << (8 * UInt32($1)) } &+ 1
      for place in 0..<4 { bytes[8 + place] = UInt8(truncatingIfNeeded: columns >> (8 * UInt32(place))) }
    default: break
    }
  }

  private func alter(header file: inout SimulatedContent.File) {
    let published = file.bytes
    // A line end more is the smallest change that a digest tells.
    if kind == .wrongSHA256 {
      file.published = published
      file.bytes.append(UInt8(ascii: "\n"))
      return
    }
    guard var header = HeaderLines(published) else { return }
    alter(&header)
    if header.isChanged { file.bytes = header.bytes }
  }

  private func alter(_ header: inout HeaderLines) {
    switch kind {
    case .fusedHeader: header.fuse(losesText: index.isMultiple(of: 2))
    case .recordNameSuffix: header.change(record: 0) { $0 + ".mat" }
    case .wrongLength: header.change(record: 3) { Int($0).map { "\($0 + $0 / 5)" } ?? $0 }
    case .wrongRate: header.change(record: 2) { Double($0).map { "\(Int($0 * 0.6))" } ?? $0 }
    case .wrongChecksum:
      // Written signed by some and unsigned by others; seven from the end of either range is within both.
      for lead in leads { header.change(lead, 6) { Int($0).map { "\($0 > 0 ? $0 - 7 : $0 + 7)" } ?? $0 } }
    case .wrongInitialValue:
      for lead in leads { header.change(lead, 5) { Int($0).map { "\($0 > 0 ? $0 - 5 : $0 + 5)" } ?? $0 } }
    case .repeatedLead: header.rename(leads)
    case .gain2000000: header.changeGains { _ in "2000000" }
    case .gain4880: header.changeGains { _ in "4880" }
    case .gain200: header.changeGains { _ in "200" }
    case .uncalibrated: header.changeGains { _ in "0" }
    case .negativeGain: header.changeGains { "-" + $0 }
    case .unknownUnit: header.changeUnits("mmHg")
    case .wrongUnit: header.changeUnits("uV")
    default: alter(comments: &header)
    }
  }

  /// What the headers of the challenges tell of patient and diagnosis.
  private func alter(comments header: inout HeaderLines) {
    switch kind {
    case .oddSex: header.change(comment: "Sex") { _ in "X" }
    case .noCodes: header.change(comment: "Dx") { _ in "" }
    case .emptyCodeItem:
      header.change(comment: "Dx") { codes in
        let parts = codes.split(separator: ",")
        return parts.count > 1 ? parts.joined(separator: ",,") : codes + ","
      }
    case .unknownCode:
      let code = index.isMultiple(of: 2) ? "251238007" : "6180003"
      header.change(comment: "Dx") { $0.isEmpty ? code : "\($0),\(code)" }
    case .repeatedCode:
      header.change(comment: "Dx") { codes in
        "\(codes),\(codes.split(separator: ",").first.map(String.init) ?? "426783006")"
      }
    default: break
    }
  }
}
