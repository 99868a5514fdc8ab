import ECGData
import Foundation

/// What an input is for, by its first byte; a letter, so that a corpus stays valid when a kind is added.
private enum Kind: UInt8 {
  /// `h`, header text.
  case header = 0x68
  /// `r`, header text, NUL, the signal file.
  case record = 0x72
  /// `a`, an annotation file.
  case annotations = 0x61
  /// `m`, the header of a MATLAB v4 file.
  case matrix = 0x6D
  /// `M`, a whole MAT-file.
  case matrixFile = 0x4D
  /// `E`, a data element of one, to be compressed.
  case matrixElement = 0x45
  /// `f`, two bytes that choose a header of ``FormatHeader``, the signal file.
  case format = 0x66
  /// `c`, options and a CSV file.
  case csv = 0x63
  /// `z`, a workbook as a whole.
  case workbook = 0x7A
  /// `x`, the parts of a workbook.
  case parts = 0x78
  /// `H`, a chunk of HDF5 and its filters.
  case chunk = 0x48
  /// `S`, the start of an HDF5 file.
  case superblock = 0x53
}

/// The kinds that are fuzzed, by their letters; all if nothing is said.
private let chosenKinds = ProcessInfo.processInfo.environment["EINTHOVEN_FUZZ_KINDS"].map { Set($0.utf8) }

/// libFuzzer's entry point; an input of no known kind is kept out of the corpus by returning -1.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  guard let kind = input.first.flatMap(Kind.init), chosenKinds?.contains(kind.rawValue) != false else {
    return -1
  }
  let rest = input.dropFirst()
  switch kind {
  case .annotations:
    check { try checkAnnotations(Array(rest)) }
  case .matrix:
    if let header = MATv4Header(rest) { expect(header.byteCount <= rest.count, "a header lies in its file") }
  case .matrixFile:
    check { try checkMatrixFile(Array(rest)) }
  case .matrixElement:
    check { try checkCompressedElement(Array(rest)) }
  case .header:
    check { try checkHeader(String(decoding: rest, as: UTF8.self)) }
  case .record:
    let text = rest.prefix { $0 != 0 }
    readRecord(header: Array(text), payload: Array(rest[text.endIndex...].dropFirst()))
  case .csv: checkCSV(Array(rest))
  case .workbook: checkWorkbook(Array(rest))
  case .parts: checkParts(Array(rest))
  case .chunk: checkChunk(Array(rest))
  case .superblock: check { try checkSuperblock(Array(rest)) }
  case .format:
    guard rest.count >= 2 else { return -1 }
    let header = FormatHeader.text(format: rest[rest.startIndex], shape: rest[rest.startIndex + 1])
    readRecord(header: Array(header.utf8), payload: Array(rest.dropFirst(2)))
  }
  return 0
}

private func checkHeader(_ text: String) throws {
  for mode in WFDBMode.allCases {
    let header = try WFDBHeader(text: text, file: "rec.hea", mode: mode)
    expect(header.segments != nil || header.signals.count == header.signalCount, "signals are as declared")
    expect(mode != .strict || header.repairs.isEmpty, "strict repairs nothing")
  }
}

/// What can be read can be written, and reads the same.
private func checkAnnotations(_ bytes: [UInt8]) throws {
  let file = try WFDBAnnotationFile(bytes: bytes, file: "rec.atr")
  expect(!file.csv(rate: 250).isEmpty, "a table has a header")
  guard let encoded = try? file.encoded() else { return }
  expect(
    try WFDBAnnotationFile(bytes: encoded, format: .mit, file: "again.atr") == file, "annotations come back")
}

/// What gaps, null signals, held samples and compression may take beyond four times the files.
private let sparseLimit = 1 << 16

private func equal(_ left: [Double], _ right: ArraySlice<Double>) -> Bool {
  left.elementsEqual(right) { $0 == $1 || ($0.isNaN && $1.isNaN) }
}

private func readRecord(header: [UInt8], payload: [UInt8]) {
  let headers = header.split(separator: RecordFolder.headerSeparator, omittingEmptySubsequences: false)
  RecordFolder.shared.write(headers: headers.map { Array($0) }, payload: payload)
  for mode in WFDBMode.allCases {
    check {
      let record = try WFDBReader(RecordFolder.shared.record, mode: mode, sparseLimit: sparseLimit)
      // The payload lies there under two names, and each of the headers may name both.
      let backing = (header.count + 2 * payload.count + 512) * headers.count
      for form in [WFDBReader.Form.smoothed, .expanded] {
        check {
          let whole = try record.read(form: form).recording
          checkRecording(whole, bytes: backing)
          let rows = whole.frameCount / 3..<whole.frameCount / 3 * 2
          let part = try record.read(rows, channels: [record.channels.count - 1], form: form).recording
          expect(part.frameCount == rows.count, "a part has the rows asked for")
          // Behind a broken block of FLAC a part that begins there is found again.
          expect(
            mode == .lenient
              || equal(part.physical(channel: 0), whole.physical(channel: record.channels.count - 1)[rows]),
            "a part is a part of the whole")
        }
      }
      _ = try record.verify()
    }
  }
}
