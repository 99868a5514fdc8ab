/// A list of digests as `sha256sum` writes it and PhysioNet publishes it: hexadecimal, blanks, path.
enum SHA256Sums {
  /// Digest by path; empty if there is no such file.
  static func read(_ path: String) throws -> [String: String] {
    guard File.exists(path) else { return [:] }
    var digests: [String: String] = [:]
    for line in try File.readText(path).split(whereSeparator: \.isNewline) {
      let fields = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
      guard fields.count == 2, fields[0].count == 64 else { continue }
      let name = fields[1].trimmingSpaces()
      digests[name.hasPrefix("*") ? String(name.dropFirst()) : name] = fields[0].lowercased()
    }
    return digests
  }
}
