/// How much of a file an outline takes.
struct MATOutline {
  /// Bytes of an array whose values are given; those of a larger one are left out.
  let largest = 1024

  /// Bytes that are read of a file, and that are inflated of a compressed element.
  static let limit = 1 << 16
  /// Bytes that are inflated of a compressed element at first, which mostly is enough.
  static let firstStep = 1 << 12
}

extension MATFile {
  /// Names, classes and dimensions, and the values of what is small, from a file's begin.
  ///
  /// No more than 64 KiB are read of the file, and no more than 64 KiB inflated of each compressed variable.
  /// Arrays over 1 KiB are ``MATValue/notRead(className:dimensions:)``; single structures of any size are
  /// gone into. What lies behind a large array may be out of reach: such fields are of class nil, such
  /// variables are not listed. Checksums are not compared. Files of version 7.3 are read whole.
  ///
  /// - Parameter path: The file.
  /// - Returns: The outline, and whether it lacks nothing but the values of what is large.
  /// - Throws: `ECGError`: as ``init(contentsOf:memoryLimit:)``, as far as the outline reaches.
  public static func outline(of path: String) throws -> (file: MATFile, isWhole: Bool) {
    let handle = try FileHandleForReading(path)
    let bytes = try handle.read(at: 0, count: min(handle.size, MATOutline.limit))
    if isHDF5(bytes) { return (try MATFile(contentsOf: path), true) }
    return try outline(ofFileBeginning: bytes, size: handle.size, file: path)
  }

  /// The outline of a file of `size` bytes that begins so.
  static func outline(ofFileBeginning bytes: [UInt8], size: Int, file: String?) throws -> (
    file: MATFile, isWhole: Bool
  ) {
    if isHDF5(bytes) { throw isHDF5Error(file) }
    let account = MATMemory(limit: memoryLimit(fileSize: bytes.count), file: file)
    let outline = MATOutline()
    let found = try bytes.withUnsafeBytes { bytes in
      try isLevel4(bytes)
        ? MATLevel4Reader(bytes: bytes, size: size, file: file, memory: account, outline: outline).variables()
        : MATLevel5Reader(bytes: bytes, size: size, file: file, memory: account, outline: outline).variables()
    }
    var result = MATFile(variables: found.variables)
    result.file = file
    return (result, found.isWhole)
  }
}
