internal import ECGData

/// A finished pretraining, as its folder tells it.
struct ReportedPretraining: Sendable {
  /// What is told of ``Pretraining/Result``; an earlier version may not have written all of it.
  struct Outcome: Decodable, Sendable {
    var method: String
    var seconds: Double?
    var steps: Int?
    var records: Int?
    var loss: Double?
    var validationLoss: Double?
    var version: String?
    var findings: [String]?

    private enum CodingKeys: String, CodingKey {
      case method, seconds, steps, records, loss, version, findings
      case validationLoss = "validation_loss"
    }
  }

  let path: String
  let recipe: PretrainingRecipe
  let recipeText: String
  /// Of its shards.
  let fingerprints: [String]
  let outcome: Outcome
  /// Of its encoder's file.
  let encoderSHA256: String
  /// Its epochs; nil if they cannot be read.
  let curve: RunCurve?

  /// Reads a run's folder.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - problems: What could not be read, but is no reason to leave the run out.
  /// - Throws: `ECGError` naming the file.
  init(_ path: String, problems: inout [Report.Problem]) throws {
    self.path = path
    (recipeText, fingerprints) = try RecipeFile.read(path + "/" + RunDirectory.recipe)
    let file = path + "/" + RunDirectory.recipe
    recipe = try YAML.decode(recipeText, over: PretrainingRecipe(), file: file)
    do { try recipe.check() } catch let error as ECGError { throw error.located(file: file) }
    let result = path + "/" + RunDirectory.result
    outcome = try TextFile.decode(Outcome.self, TextFile.read(result), file: result)
    guard outcome.method == recipe.method.rawValue else {
      throw ECGError(
        .mismatch, "is of the method \(outcome.method), the recipe of \(recipe.method.rawValue)", file: result
      )
    }
    encoderSHA256 = try TextFile.sha256(path + "/" + RunDirectory.encoder)
    curve = Report.Problem.noting(&problems, path) {
      try RunCurve(path + "/" + RunDirectory.metrics, linesWith: "epoch_loss")
    }
  }

  /// The method as people call it, with the network where it is not the paper's.
  var name: String {
    let (name, usual): (String, EncoderRecipe.Architecture) =
      switch recipe.method {
      case .cpc: ("CPC", .cpc)
      case .simclr: ("SimCLR", .xresnet1d50)
      case .byol: ("BYOL", .xresnet1d50)
      case .swav: ("SwAV", .xresnet1d50)
      case .masked: ("Masked completion", .uresnet)
      }
    return recipe.encoder.architecture == usual ? name : "\(name) (\(recipe.encoder.architecture.rawValue))"
  }

  /// What it is given by, but for its seed and how often it is saved.
  func entries() throws -> [String: String] {
    var entries = try RecipeFile.entries(YAML.encode(recipe), without: ["seed", "checkpoint_minutes"])
    entries["shards"] = fingerprints.joined(separator: ", ")
    return entries
  }
}

/// The recipe of a run as a text.
enum RecipeFile {
  /// The text, and the fingerprints of the shards that its last lines name.
  static func read(_ path: String) throws -> (text: String, fingerprints: [String]) {
    let text = try TextFile.read(path)
    let start = "# shards "
    let fingerprints = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix(start) }.map {
      String($0.dropFirst(start.count))
    }
    return (text, fingerprints)
  }

  /// A recipe's values by their keys, which dots join.
  static func entries(_ text: String, without keys: Set<String>) throws -> [String: String] {
    Dictionary(
      try YAML.entries(text, file: RunDirectory.recipe).filter { !keys.contains($0.key) }
        .map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }
}
