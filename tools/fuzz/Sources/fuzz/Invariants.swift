import ECGData
import Foundation

/// Runs what is fuzzed: an ``ECGError`` of one line is a normal end, anything else thrown is a fault.
func check(_ body: () throws -> Void) {
  do {
    try body()
  } catch let error as ECGError {
    let text = error.description
    expect(!text.isEmpty && !text.utf8.contains(UInt8(ascii: "\n")), "an error is one line")
    expect(error.file != nil, "an error names its file: \(text)")
  } catch {
    fail("an error of another type: \(error)")
  }
}

/// What is returned holds together, and takes no more memory than its files justify.
///
/// A sample takes at least a byte of its file in every format but FLAC's and is returned in four.
func checkReading(_ reading: WFDBReader.Reading, headers: [String], bytes: Int) {
  let recording = reading.recording
  let count =
    switch recording.samples {
    case .digital(let values): values.count
    case .physical(let values): values.count
    }
  let (product, overflow) = recording.frameCount.multipliedReportingOverflow(by: recording.channels.count)
  expect(!overflow && count == product, "\(count) samples are frames × channels")
  let isCompressed = headers.contains { text in
    (try? WFDBHeader(text: text, file: "rec.hea"))?.signals.contains { [508, 516, 524].contains($0.format) }
      ?? false
  }
  expect(isCompressed || count <= bytes + 16_384, "\(count) samples come from \(bytes) bytes")
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fail(message()) }
}

/// Ends the process in a way that libFuzzer keeps the input.
func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("fuzz: broken: \(message)\n".utf8))
  abort()
}
