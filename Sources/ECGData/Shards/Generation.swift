extension Manifest {
  /// Shards that were converted together: those of one plan, in its order.
  ///
  /// A directory begins with one; ``Converter/appends`` and ``Merge`` set others behind it, each in a folder of its own
  /// with plan, journal, shards and ledgers as a conversion leaves them.
  public struct Generation: Codable, Sendable, Equatable {
    /// Its folder in the directory; empty for the first.
    public var folder: String
    /// SHA-256 of its `plan.jsonl`.
    public var planSHA256: String
    /// Label codes that its shards' `label_code` indexes.
    public var codes: [String]
    /// How many shards it has.
    public var shards: Int

    private enum CodingKeys: String, CodingKey {
      case folder, codes, shards
      case planSHA256 = "plan_sha256"
    }

    init(folder: String, planSHA256: String, codes: [String], shards: Int) {
      (self.folder, self.planSHA256, self.codes, self.shards) = (folder, planSHA256, codes, shards)
    }

    private static let prefix = "generation-"

    /// Whether a name is that of a generation's folder.
    static func isFolder(_ name: String) -> Bool {
      guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)), number > 1 else {
        return false
      }
      return folder(number - 1) == name
    }

    /// The folder of the generation of a number, from 0.
    static func folder(_ number: Int) -> String {
      guard number > 0 else { return "" }
      let digits = String(number + 1)
      return prefix + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
  }

  /// The generation of a shard, and its place in it.
  func generation(ofShard index: Int) -> (generation: Generation, place: Int)? {
    var first = 0
    for generation in generations {
      if index < first + generation.shards { return (generation, index - first) }
      first += generation.shards
    }
    return nil
  }

  /// Refuses a file that is not as the manifest says.
  static func check(_ path: String, bytes: Int, _ sha256: String, _ stated: Int, _ statedSHA256: String)
    throws
  {
    guard bytes == stated, sha256 == statedSHA256 else {
      throw ECGError(
        .mismatch, "its size or SHA-256 is not the manifest's", file: path,
        advice: "restore it, or convert again")
    }
  }

  /// Plans, where they are kept, that are not those of the generations: their paths in the directory.
  func changedPlans(in directory: String) -> [String] {
    generations.compactMap { generation in
      let name = File.join(generation.folder, ConversionState.planFile)
      let path = File.join(directory, name)
      guard File.exists(path) else { return nil }
      let found = try? Digest.sha256(file: FileHandleForReading(path))
      return found == generation.planSHA256 ? nil : name
    }
  }

  /// Refuses plans, where they are kept, that are not those of the generations.
  func checkPlans(in directory: String) throws {
    guard let name = changedPlans(in: directory).first else { return }
    throw ECGError(
      .mismatch, "its SHA-256 is not the manifest's", file: File.join(directory, name),
      advice: "restore or remove it")
  }

  /// Gives each generation another folder, and with it the files.
  mutating func move(to folders: [String]) {
    var first = 0
    for (number, folder) in zip(generations.indices, folders) {
      let old = generations[number].folder
      func moved(_ path: String) -> String {
        File.join(folder, old.isEmpty ? path : String(path.dropFirst(old.utf8.count + 1)))
      }
      for index in first..<(first + generations[number].shards) {
        shards[index].file = moved(shards[index].file)
        ledgers[index].file = moved(ledgers[index].file)
      }
      first += generations[number].shards
      generations[number].folder = folder
    }
  }

  /// The manifest over several, whose files are where they say.
  ///
  /// - Parameters:
  ///   - manifests: in order, all of one recipe but for their sources' options and seeds, which are the first's here.
  ///   - statistics: of all shards.
  init(merging manifests: [Manifest], statistics: LeadStatistics) {
    self.init(
      generations: manifests.flatMap(\.generations), codes: Set(manifests.flatMap(\.codes)).sorted(),
      sources: manifests.flatMap(\.sources), recipe: manifests.first?.recipe ?? Recipe(),
      shards: manifests.flatMap(\.shards),
      ledgers: manifests.flatMap(\.ledgers), statistics: statistics)
  }
}
