import ECGData
import Foundation

/// What an input is for, by its first byte; a letter, so that a corpus stays valid when a kind is added.
private enum Kind: UInt8 {
  /// `h`, header text.
  case header = 0x68
  /// `r`, header text, NUL, the signal file.
  case record = 0x72
  /// `f`, two bytes that choose a header of ``FormatHeader``, the signal file.
  case format = 0x66
}

/// libFuzzer's entry point; an input of no known kind is kept out of the corpus by returning -1.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  guard let kind = input.first.flatMap(Kind.init) else { return -1 }
  let rest = input.dropFirst()
  switch kind {
  case .header:
    check { try checkHeader(String(decoding: rest, as: UTF8.self)) }
  case .record:
    let text = rest.prefix { $0 != 0 }
    readRecord(header: Array(text), payload: Array(rest[text.endIndex...].dropFirst()))
  case .format:
    guard rest.count >= 2 else { return -1 }
    let header = FormatHeader.text(format: rest[rest.startIndex], shape: rest[rest.startIndex + 1])
    readRecord(header: Array(header.utf8), payload: Array(rest.dropFirst(2)))
  }
  return 0
}

private func checkHeader(_ text: String) throws {
  let header = try WFDBHeader(text: text, file: "rec.hea")
  expect(header.segments != nil || header.signals.count == header.signalCount, "signals are as declared")
}

private func readRecord(header: [UInt8], payload: [UInt8]) {
  let headers = header.split(separator: RecordFolder.headerSeparator, omittingEmptySubsequences: false)
  RecordFolder.shared.write(headers: headers.map { Array($0) }, payload: payload)
  check {
    let reading = try WFDBReader.read(RecordFolder.shared.record)
    let texts = headers.map { String(decoding: $0, as: UTF8.self) }
    // The payload lies there under two names, and each segment may name it once more.
    let bytes = header.count + 2 * payload.count
    checkReading(reading, headers: texts, bytes: bytes * max(1, reading.header.segments?.count ?? 1))
  }
}
