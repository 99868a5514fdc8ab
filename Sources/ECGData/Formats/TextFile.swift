import Foundation

/// Small text files of settings and results, for the rooms above this library.
public enum TextFile {
  /// Reads a file of up to 64 MiB as UTF-8.
  ///
  /// - Throws: `ECGError` naming the file.
  public static func read(_ path: String) throws -> String {
    try File.readText(path, limit: 64 << 20)
  }

  /// Writes a file under a temporary name, syncs it and renames it.
  public static func write(_ text: String, to path: String) throws {
    try File.write(text.utf8, to: path)
  }

  /// Whether a file exists.
  public static func exists(_ path: String) -> Bool { File.exists(path) }

  /// Removes a file if it is there.
  public static func remove(_ path: String) throws { try File.remove(path) }

  /// Whether a folder is absent or has nothing in it.
  public static func isEmptyFolder(_ path: String) -> Bool { File.list(path).isEmpty }

  /// Makes a folder and those above it.
  public static func makeFolder(_ path: String) throws { try File.makeDirectory(path) }

  /// SHA-256 of a file of any kind, in hexadecimal.
  public static func sha256(_ path: String) throws -> String {
    try Digest.sha256(file: FileHandleForReading(path))
  }

  /// One line of JSON with sorted keys.
  public static func json(_ value: some Encodable) throws -> String { try JSONText.line(value) }

  /// Decodes JSON text; `file` is named in errors.
  public static func decode<Value: Decodable>(_ type: Value.Type, _ text: String, file: String) throws
    -> Value
  {
    try JSONText.decode(type, from: Array(text.utf8), file: file)
  }

  /// The names of what is in a folder, sorted, hidden ones left out; none if it is no folder.
  public static func list(_ path: String) -> [String] { File.list(path) }

  /// Whether a file could be written, before the long work that it tells of; nothing is written yet.
  ///
  /// - Throws: `ECGError` if it is a directory or device, or cannot be written.
  public static func checkWritable(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw ECGError(.invalidArgument, "is no regular file", file: path, advice: "name a file")
    }
    // Given up again without a commit.
    _ = try AtomicFile(path)
  }

  /// The rows of a CSV file whose first row names the columns.
  ///
  /// - Throws: `ECGError` naming the file, and the line of a row with another number of fields.
  public static func table(_ path: String) throws -> (columns: [String], rows: [[String]]) {
    let table = try CSVTable(contentsOf: path)
    return (table.columns, table.rows.map { Array($0) })
  }

  /// A line of CSV without its end; fields that need it are quoted.
  public static func csv(_ fields: [String]) -> String {
    fields.map { CSVTable.quoted($0) }.joined(separator: ",")
  }
}
