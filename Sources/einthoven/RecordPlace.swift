import Foundation

/// One record of a directory, written as `DIRECTORY:ID`.
enum RecordPlace {
  /// A directory whole, or what lies before the first colon that ends a directory's path, and the id behind it; a text
  /// that has neither as the directory.
  static func parse(_ text: String) -> (directory: String, record: String?) {
    guard !isDirectory(text) else { return (text, nil) }
    let colon = text.indices.first { text[$0] == ":" && isDirectory(text[..<$0]) }
    return colon.map { (String(text[..<$0]), String(text[text.index(after: $0)...])) } ?? (text, nil)
  }

  static func isDirectory(_ path: some StringProtocol) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: String(path), isDirectory: &isDirectory)
      && isDirectory.boolValue
  }
}
