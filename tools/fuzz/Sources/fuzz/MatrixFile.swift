import ECGData

/// What a MAT-file may take; far below what the fuzzer allows, so that an excess is seen.
private let memoryLimit = 1 << 22

/// A whole MAT-file; what is read can be written, and reads the same.
func checkMatrixFile(_ bytes: [UInt8]) throws {
  let file = try MATFile(bytes: bytes, file: "x.mat", memoryLimit: memoryLimit)
  for variable in file.variables { _ = try? file.value(variable.name) }
  for compression in [nil, 1] {
    guard let encoded = try? MATWriter.level5(file.variables, compression: compression) else { return }
    let again = try MATFile(bytes: encoded, file: "again.mat")
    // By the bytes: a NaN is not equal to itself.
    expect(
      try MATWriter.level5(again.variables, compression: compression) == encoded, "variables come back")
  }
  if let encoded = try? MATWriter.level4(file.variables) {
    expect(
      try MATWriter.level4(MATFile(bytes: encoded, file: "again.mat").variables) == encoded,
      "matrices come back")
  }
}

/// One data element, within a stored zlib stream: RFC 1950, RFC 1951 section 3.2.4.
///
/// The fuzzer changes what is compressed, which behind a checksum it could not.
func checkCompressedElement(_ element: [UInt8]) throws {
  guard let count = UInt16(exactly: element.count) else { return }
  var low: UInt32 = 1
  var high: UInt32 = 0
  for byte in element {
    low = (low + UInt32(byte)) % 65521
    high = (high + low) % 65521
  }
  let stream =
    [0x78, 0x01, 1] + littleEndian(count) + littleEndian(~count) + element
    + littleEndian(high << 16 | low).reversed()
  let header = [UInt8](repeating: 0x20, count: 124) + [0, 1, 0x49, 0x4D]
  try checkMatrixFile(header + littleEndian(UInt32(15)) + littleEndian(UInt32(stream.count)) + stream)
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
