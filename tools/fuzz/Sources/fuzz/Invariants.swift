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

/// What is returned holds together, and takes no more than four times the memory of its files.
func checkRecording(_ recording: Recording, bytes: Int) {
  let (count, size) =
    switch recording.samples {
    case .digital(let values): (values.count, 4)
    case .physical(let values): (values.count, 8)
    }
  let (product, overflow) = recording.frameCount.multipliedReportingOverflow(by: recording.channels.count)
  expect(!overflow && count == product, "\(count) samples are frames × channels")
  expect(count * size <= 4 * bytes + 1 << 16, "\(count) samples come from \(bytes) bytes")
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fail(message()) }
}

/// Ends the process in a way that libFuzzer keeps the input.
func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("fuzz: broken: \(message)\n".utf8))
  abort()
}
