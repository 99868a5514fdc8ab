/// A list of digests as `sha256sum` writes it and PhysioNet publishes it: hexadecimal, blanks, path.
enum SHA256Sums {
  /// As PhysioNet names it.
  static let fileName = "SHA256SUMS.txt"

  /// Digest by path; empty if there is no such file.
  static func read(_ path: String) throws -> [String: String] {
    guard File.exists(path) else { return [:] }
    // By bytes: a collection has several lines a record, and characters take their time.
    let bytes = try File.read(path)
    var digests: [String: String] = [:]
    for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
      let text = line.drop(while: isBlank)
      let digest = text.prefix { !isBlank($0) }
      var name = text.dropFirst(digest.count).drop(while: isBlank)
      while let last = name.last, isBlank(last) { name.removeLast() }
      if name.first == UInt8(ascii: "*") { name.removeFirst() }
      guard digest.count == 64, !name.isEmpty else { continue }
      let path = String(decoding: name, as: UTF8.self)
      // No line leads out of the collection.
      guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { continue }
      digests[path] = String(decoding: digest, as: UTF8.self).lowercased()
    }
    return digests
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
