internal import ECGData

/// A run's folder: recipe, metrics, checkpoints and result.
///
///     recipe.yaml metrics.jsonl events.out.tfevents resume.safetensors best.safetensors encoder.safetensors
///     pretrained-on.safetensors result.json predictions.csv embedding.csv robustness.json     whichever apply
struct RunDirectory: Sendable {
  let path: String

  static let recipe = "recipe.yaml"
  static let metrics = "metrics.jsonl"
  static let events = "events.out.tfevents"
  static let resume = "resume.safetensors"
  static let best = "best.safetensors"
  static let encoder = "encoder.safetensors"
  static let pretrainedOn = "pretrained-on.safetensors"
  static let result = "result.json"
  static let predictions = "predictions.csv"
  static let embedding = "embedding.csv"
  static let robustness = "robustness.json"

  private static let outputs = [
    metrics, events, resume, best, encoder, pretrainedOn, result, predictions, embedding, robustness,
  ]

  /// Opens a folder for a recipe, or makes it.
  ///
  /// A folder of another recipe or other shards is refused with the difference; `restart` forgets it. Keys that
  /// the stored recipe lacks, as an earlier version did not have them, are taken from `defaults`; those in `free` may differ.
  init<Recipe: Codable>(
    _ path: String, recipe: Recipe, defaults: Recipe, shards: [ShardSet], free: Set<String> = [],
    restart: Bool
  ) throws {
    self.path = path
    let recipe = try YAML.encode(recipe) + shards.map { "# shards \($0.manifest.fingerprint)\n" }.joined()
    let stored = file(RunDirectory.recipe)
    if TextFile.exists(stored), !restart {
      let text = try TextFile.read(stored)
      let comments = text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { $0 + "\n" }.joined()
      let whole = try YAML.encode(YAML.decode(text, over: defaults, file: stored)) + comments
      let difference = try RunDirectory.difference(whole, recipe, free: free, file: stored)
      guard difference.isEmpty else {
        throw ECGError(
          .invalidArgument, "holds a run of another recipe: \(difference)", file: path,
          advice: "choose another directory, or --restart to begin anew")
      }
      if whole != recipe { try TextFile.write(recipe, to: stored) }
      return
    }
    guard restart || TextFile.isEmptyFolder(path) else {
      throw ECGError(
        .invalidArgument, "is not empty and holds no run", file: path, advice: "choose another directory")
    }
    try TextFile.makeFolder(path)
    for name in RunDirectory.outputs { try TextFile.remove(file(name)) }
    try TextFile.write(recipe, to: stored)
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// The result, if the run is finished.
  func finished<Result: Decodable>(_ type: Result.Type) throws -> Result? {
    let path = file(RunDirectory.result)
    return TextFile.exists(path) ? try TextFile.decode(type, TextFile.read(path), file: path) : nil
  }

  /// What one recipe has otherwise than the other.
  private static func difference(
    _ old: String, _ new: String, free: Set<String>, file: String
  ) throws -> String {
    func entries(_ text: String) throws -> [String: String] {
      let fingerprints = text.split(separator: "\n").filter { $0.hasPrefix("#") }.joined()
      var entries = Dictionary(
        try YAML.entries(text, file: file).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
      entries["shards"] = String(fingerprints.dropFirst("# shards ".count))
      return entries
    }
    let (before, after) = try (entries(old), entries(new))
    return Set(before.keys).union(after.keys).sorted().filter {
      before[$0] != after[$0] && !free.contains($0)
    }.map {
      "\($0): \(before[$0] ?? "nothing") is now \(after[$0] ?? "nothing")"
    }.joined(separator: ", ")
  }
}
