import Crypto

/// Puts finished shard directories together: their files are copied as they are, and one manifest names them all.
///
///     let manifest = try Merge(["ptb-xl-shards", "chapman-shards"], output: "all").run()
///
/// Every shard keeps its bytes and its own tables of codes and sources, so nothing is quantised or resampled anew; each
/// directory becomes a ``Manifest/Generation``.
public struct Merge: Sendable {
  private let directories: [String]
  private let output: String

  /// Describes a merge of shard directories, in this order, into a new one.
  public init(_ directories: [String], output: String) {
    self.directories = directories
    self.output = output
  }

  /// Copies and verifies every shard, and commits.
  ///
  /// - Parameters:
  ///   - interruption: asks for an end; nothing is left then.
  ///   - progress: called with each file that is in its place.
  /// - Returns: the manifest of the whole.
  /// - Throws: `ECGError` if a directory is not whole, if two were converted by different recipes or hold the same
  ///   record, or if the output is not empty.
  public func run(
    interruption: Interruption = Interruption(), progress: (String) -> Void = { _ in }
  ) throws -> Manifest {
    let sets = try directories.map { try ShardSet($0) }
    try ShardSet.checkTogether(sets)
    for set in sets { try set.manifest.checkPlans(in: set.directory) }
    let tree = try HiddenTree(output, name: ".merge.partial")
    var manifests: [Manifest] = []
    var statistics = LeadStatistics()
    var number = 0
    for set in sets {
      var manifest = set.manifest
      manifest.move(to: manifest.generations.indices.map { Manifest.Generation.folder(number + $0) })
      number += manifest.generations.count
      for (old, new) in zip(set.manifest.generations, manifest.generations) {
        for name in ["shards", "ledger"] {
          try File.makeDirectory(File.join(tree.partial, File.join(new.folder, name)))
        }
        for kept in [ConversionState.planFile, ConversionState.journalFile] {
          let place = File.join(set.directory, File.join(old.folder, kept))
          guard File.exists(place) else { continue }
          try File.write(File.read(place), to: File.join(tree.partial, File.join(new.folder, kept)))
        }
      }
      for (old, new) in zip(set.manifest.shards, manifest.shards) {
        try interruption.check("nothing is left")
        let summary = try copy(old, from: set.directory, to: File.join(tree.partial, new.file))
        statistics.merge(summary.statistics)
        progress(new.file)
      }
      for (old, new) in zip(set.manifest.ledgers, manifest.ledgers) {
        try interruption.check("nothing is left")
        let path = File.join(set.directory, old.file)
        let bytes = try File.read(path)
        try Manifest.check(path, bytes: bytes.count, Digest.sha256(bytes), old.bytes, old.sha256)
        try File.write(bytes, to: File.join(tree.partial, new.file))
        progress(new.file)
      }
      manifests.append(manifest)
    }
    let merged = Manifest(merging: manifests, statistics: statistics)
    try merged.write(to: tree.partial)
    try tree.commit(last: Manifest.fileName)
    return merged
  }

  /// Copies a shard and reads the copy back.
  private func copy(_ shard: Manifest.Shard, from directory: String, to goal: String) throws -> ShardSummary {
    let source = File.join(directory, shard.file)
    let from = try FileHandleForReading(source)
    let file = try AtomicFile(goal)
    var hash = SHA256()
    try ScratchMemory.with(1 << 18, of: UInt8.self) { piece in
      var offset = 0
      while offset < from.size {
        let part = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(piece)[..<min(piece.count, from.size - offset)])
        try from.read(at: offset, into: part)
        hash.update(bufferPointer: UnsafeRawBufferPointer(part))
        try file.append(UnsafeRawBufferPointer(part))
        offset += part.count
      }
    }
    try Manifest.check(source, bytes: from.size, hash.finalize().hexadecimal, shard.bytes, shard.sha256)
    try file.sync()
    let summary = try ShardSummary(ShardReader(file.temporaryPath))
    guard summary.sha256 == shard.sha256 else {
      throw ECGError(.mismatch, "was not copied as it is", file: goal, advice: "check the disk")
    }
    try file.commit()
    return summary
  }
}

extension ShardSet {
  /// Refuses directories that make no one data set: of other recipes, or with a record in two of them.
  static func checkTogether(_ sets: [ShardSet]) throws {
    guard let first = sets.first else { throw ECGError(.invalidArgument, "no shard directory is named") }
    for other in sets.dropFirst() { try first.checkTreatment(other.manifest.recipe, of: other.directory) }
    guard sets.count > 1 else { return }
    var seen: [UInt64: Int] = [:]
    for (index, set) in sets.enumerated() {
      for record in 0..<set.count {
        if let other = seen.updateValue(index, forKey: set.key(record)) {
          throw ECGError(
            .invalidArgument,
            "holds \(set.source(record)) record \(set.id(record)), as \(sets[other].directory) does",
            file: set.directory, advice: "choose directories without records in common")
        }
      }
    }
  }

  /// Refuses to stand beside records that were treated in another way; where their files are from does not matter.
  func checkTreatment(_ other: Recipe, of directory: String) throws {
    var other = other
    // The order of records is no matter here.
    other.seed = manifest.recipe.seed
    let parts = other.differences(from: manifest.recipe)
    guard parts.isEmpty else {
      throw ECGError(
        .invalidArgument,
        "cannot stand beside \(self.directory), by another recipe: \(parts.joined(separator: ", "))",
        file: directory, advice: "convert both by one recipe")
    }
  }
}
