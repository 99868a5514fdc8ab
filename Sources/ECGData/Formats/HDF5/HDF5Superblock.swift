/// The start of an HDF5 file, read before libhdf5 sees it.
///
/// Source: HDF Group, "HDF5 File Format Specification" 3.0, section II.A.
struct HDF5Superblock: Sendable, Equatable {
  /// 0 to 3.
  var version: Int
  /// Where the superblock is: 0, or 512 and its doubles behind a user's own bytes.
  var offset: Int
  /// Bytes of an address within the file.
  var addressWidth: Int
  /// Bytes of a length.
  var lengthWidth: Int
  /// The file's length by its own account.
  var endOfFile: Int

  /// `\x89HDF\r\n\x1A\n`.
  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Finds and checks the superblock.
  ///
  /// - Throws: `ECGError.Code.malformed` if the file is no HDF5 or is cut short, `unsupported` for a superblock
  ///   of a later version.
  init(_ file: FileHandleForReading) throws {
    var offset = 0
    while true {
      guard offset <= file.size - HDF5Superblock.signature.count else {
        throw ECGError(
          .malformed, file.size == 0 ? "is empty" : "is no HDF5: it lacks the signature \\x89HDF",
          file: file.path, advice: "fetch the file again")
      }
      if try file.read(at: offset, count: HDF5Superblock.signature.count) == HDF5Superblock.signature {
        break
      }
      offset = offset == 0 ? 512 : offset * 2
    }
    // The longest superblock, of version 1 with addresses of 8 bytes, without its root entry.
    let bytes = try file.read(at: offset, count: min(60, file.size - offset))
    func short() -> ECGError {
      ECGError(
        .malformed, "ends at byte \(file.size), inside its HDF5 superblock at \(offset)", file: file.path,
        advice: "fetch the file again")
    }
    guard bytes.count >= 14 else { throw short() }
    let version = Int(bytes[8])
    // Where the width of an address is, and the base address; two addresses on is the end of the file.
    let places: (width: Int, base: Int)
    switch version {
    case 0: places = (13, 24)
    case 1: places = (13, 28)
    case 2, 3: places = (9, 12)
    default:
      throw ECGError(.unsupported, "has an HDF5 superblock of version \(version)", file: file.path)
    }
    let width = Int(bytes[places.width])
    guard [2, 4, 8].contains(width) else {
      throw ECGError(
        .malformed, "its HDF5 superblock at byte \(offset) claims addresses of \(width) bytes",
        file: file.path)
    }
    let place = places.base + 2 * width
    guard bytes.count >= place + width else { throw short() }
    let end = bytes[place..<(place + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard end <= UInt64(file.size) else {
      throw ECGError(
        .malformed, "is cut short: \(file.size) bytes, and its HDF5 superblock tells \(end)", file: file.path,
        advice: "fetch the file again")
    }
    guard end > UInt64(offset) else {
      throw ECGError(
        .malformed, "its HDF5 superblock at byte \(offset) tells an end at \(end)", file: file.path)
    }
    self.version = version
    self.offset = offset
    addressWidth = width
    lengthWidth = Int(bytes[places.width + 1])
    endOfFile = Int(end)
  }
}
