/// Lines that wait on the disk for the rest of their table, so that memory does not grow with them.
final class LineSpool {
  private let path: String
  private let file: AtomicFile
  private var buffer: [UInt8] = []
  private var size = 0
  /// Where each line begins; kept only if the order will change.
  private var starts: [Int] = []
  private let keepsStarts: Bool

  private static let bufferSize = 1 << 16

  init(_ path: String, keepsStarts: Bool = false) throws {
    self.path = path
    self.keepsStarts = keepsStarts
    file = try AtomicFile(path)
  }

  /// Adds a line, with its line end.
  func append(_ line: String) throws {
    if keepsStarts { starts.append(size) }
    buffer += line.utf8
    size += line.utf8.count
    guard buffer.count >= Self.bufferSize else { return }
    try file.append(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Appends all lines to a file, as they came or in a drawn order, and removes the spool.
  func drain(to goal: AtomicFile, shuffledBy generator: SplitMix64? = nil) throws {
    try file.append(buffer)
    try file.commit(isDurable: false)
    let lines = try FileHandleForReading(path)
    if var generator {
      var order = Array(starts.indices)
      for last in order.indices.dropFirst().reversed() {
        order.swapAt(last, generator.index(below: last + 1))
      }
      for index in order {
        let end = index + 1 < starts.count ? starts[index + 1] : size
        try goal.append(try lines.read(at: starts[index], count: end - starts[index]))
      }
    } else {
      for offset in stride(from: 0, to: size, by: 1 << 20) {
        try goal.append(try lines.read(at: offset, count: min(1 << 20, size - offset)))
      }
    }
    try File.remove(path)
  }
}

/// A table of a simulated collection while its records come.
final class SimulatedTableFile {
  private let table: SimulatedTable
  private let path: String
  private let sections: [LineSpool]

  init(_ table: SimulatedTable, in directory: String) throws {
    self.table = table
    let path = File.join(directory, table.path)
    self.path = path
    try File.makeDirectory(File.folder(of: path))
    sections = try (0..<table.sections).map {
      try LineSpool("\(path).\($0)", keepsStarts: table.order != .records)
    }
  }

  /// Adds a line behind those of its section.
  func append(_ line: SimulatedContent.Line) throws {
    guard sections.indices.contains(line.section) else { return }
    try sections[line.section].append(line.text)
  }

  /// Puts header and sections together.
  func close() throws {
    let file = try AtomicFile(path)
    try file.append(Array(table.header.utf8))
    for section in sections {
      switch table.order {
      case .records: try section.drain(to: file)
      case .drawn(let seed): try section.drain(to: file, shuffledBy: SplitMix64("simulation.order", seed))
      }
    }
    try file.commit(isDurable: false)
  }
}

/// `SHA256SUMS.txt` as PhysioNet publishes it: `digest path`, in the order of the paths.
final class SimulatedDigests {
  static let name = "SHA256SUMS.txt"
  private let directory: String
  private let folders: [(name: String, lines: LineSpool)]

  /// Begins a list; the files of each of the folders come in the order of their paths.
  init(folders: [String], in directory: String) throws {
    self.directory = directory
    self.folders = try folders.map {
      ($0, try LineSpool(File.join(directory, "sums-\($0.replacing("/", with: "-"))")))
    }
  }

  static func line(_ path: String, _ digest: String) -> String { "\(digest) \(path)\n" }

  /// Adds a line of a record's file to its folder's.
  func append(path: String, line: String) throws {
    try folders.first { path.hasPrefix($0.name + "/") }?.lines.append(line)
  }

  /// Completes the file with those that belong to no record.
  func close(tables: [String]) throws {
    let file = try AtomicFile(File.join(directory, Self.name))
    let entries = folders.map(\.name) + tables
    // In the order of the paths' bytes, as sha256sum of a sorted listing gives it.
    for name in entries.sorted(by: { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }) {
      if let folder = folders.first(where: { $0.name == name }) {
        try folder.lines.drain(to: file)
      } else {
        let table = try FileHandleForReading(File.join(directory, name))
        try file.append(Array(Self.line(name, Digest.sha256(file: table)).utf8))
      }
    }
    try file.commit(isDurable: false)
  }
}
