internal import ECGData

/// A finished evaluation, as its folder tells it.
struct ReportedEvaluation: Sendable {
  /// What is told of ``Evaluation/Result``; an earlier version may not have written all of it.
  struct Outcome: Decodable, Sendable {
    var task: String
    var `protocol`: String
    var records: Int
    var macroAUC: Double
    var trainRecords: Int?
    var f2: Double?
    var g2: Double?
    var cpscF1: Double?
    var validationMacroAUC: Double?
    var validationRecords: Int?
    var bestEpoch: Int?
    var seconds: Double?
    var version: String?
    var seen: Int?
    /// Of the classes that have training records.
    var thresholds: [String: Float]?
    var embeddingVariance: [Double]?

    private enum CodingKeys: String, CodingKey {
      case task, `protocol`, records, f2, g2, seconds, version, thresholds
      case trainRecords = "train_records"
      case macroAUC = "macro_auc"
      case cpscF1 = "cpsc_f1"
      case validationMacroAUC = "validation_macro_auc"
      case validationRecords = "validation_records"
      case bestEpoch = "best_epoch"
      case seen = "test_records_seen_in_pretraining"
      case embeddingVariance = "embedding_variance"
    }
  }

  let path: String
  let recipe: EvaluationRecipe
  let recipeText: String
  /// Of the shards trained on, then of those tested on if they are others.
  let fingerprints: [String]
  let outcome: Outcome
  /// Ids of the test records.
  let records: [String]
  /// Their folds; 0 is none.
  let folds: [Int]
  let scored: ScoredRecords
  /// Its epochs; nil if they cannot be read.
  let curve: RunCurve?
  /// Nil if there is none.
  let embedding: EmbeddingMap?
  /// Nil if there is none.
  let robustness: Robustness?

  /// Reads a run's folder.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - problems: What could not be read, but is no reason to leave the run out.
  /// - Throws: `ECGError` naming the file: what is malformed, or disagrees with another of the run's files.
  init(_ path: String, problems: inout [Report.Problem]) throws {
    self.path = path
    (recipeText, fingerprints) = try RecipeFile.read(path + "/" + RunDirectory.recipe)
    let file = path + "/" + RunDirectory.recipe
    recipe = try YAML.decode(recipeText, over: EvaluationRecipe(), file: file)
    do { try recipe.check(isTestedApart: fingerprints.count > 1) } catch let error as ECGError {
      throw error.located(file: file)
    }
    let result = path + "/" + RunDirectory.result
    outcome = try TextFile.decode(Outcome.self, TextFile.read(result), file: result)
    guard outcome.task == recipe.task, outcome.protocol == recipe.protocol.rawValue else {
      throw ECGError(
        .mismatch,
        "is of \(outcome.task), \(outcome.protocol), the recipe of \(recipe.task), "
          + recipe.protocol.rawValue, file: result)
    }
    let shares = [outcome.f2, outcome.g2, outcome.cpscF1, outcome.validationMacroAUC].compactMap { $0 }
    guard shares.allSatisfy({ (0...1).contains($0) }), (outcome.seconds ?? 0).magnitude < 1e12 else {
      throw ECGError(.malformed, "a share is not 0 to 1, or the seconds are none", file: result)
    }
    (records, folds, scored) = try Predictions.read(path + "/" + RunDirectory.predictions)
    guard let area = scored.areas.mean, scored.count == outcome.records, abs(area - outcome.macroAUC) < 1e-6
    else {
      throw ECGError(
        .mismatch,
        "macro AUC \(outcome.macroAUC) of \(outcome.records) records is not that of \(RunDirectory.predictions), "
          + "\(scored.areas.mean.map { "\($0)" } ?? "undefined") of \(scored.count)", file: result)
    }
    var known: Set<String> = []
    if let record = records.first(where: { !known.insert($0).inserted }) {
      problems.append(
        Report.Problem(
          path: path,
          message:
            "\(RunDirectory.predictions) has record \(record) twice: counted twice, or two of different collections"
        ))
    }
    curve = Report.Problem.noting(&problems, path) {
      try RunCurve(path + "/" + RunDirectory.metrics, linesWith: "loss")
    }
    embedding = Report.Problem.noting(&problems, path) { [records] in
      try EmbeddingMap(path + "/" + RunDirectory.embedding, of: records)
    }.flatMap { $0 }
    robustness = Report.Problem.noting(&problems, path) { [records] in
      try Robustness.read(path + "/" + RunDirectory.robustness, of: records.count, macroAUC: area)
    }.flatMap { $0 }
  }

  /// From which score on each class is answered with yes: never where it had no training records, one half in a run that tells
  /// no thresholds.
  var thresholds: [Float] {
    guard let told = outcome.thresholds else { return scored.classes.map { _ in 0.5 } }
    return scored.classes.map { told[$0] ?? .infinity }
  }
}

/// `predictions.csv`: `record,fold,<class>…,target <class>…`.
enum Predictions {
  /// Reads the file.
  ///
  /// - Throws: `ECGError` naming the file, and the line of what is no probability, target or fold.
  static func read(_ path: String) throws -> (records: [String], folds: [Int], scored: ScoredRecords) {
    let (columns, rows) = try TextFile.table(path)
    let width = (columns.count - 2) / 2
    guard columns.count >= 4, columns.count % 2 == 0, columns[0] == "record", columns[1] == "fold",
      zip(columns[2..<2 + width], columns[(2 + width)...]).allSatisfy({ $1 == "target \($0)" }),
      Set(columns).count == columns.count
    else {
      throw ECGError(
        .malformed, "its columns are not record, fold, classes, and a target for each class", file: path)
    }
    var folds: [Int] = []
    var scores: [[Float]] = []
    var targets: [[Float]] = []
    for (number, row) in rows.enumerated() {
      func refuse(_ message: String) -> ECGError {
        ECGError(.malformed, message, file: path, record: row[0], line: number + 2)
      }
      guard let fold = UInt8(row[1]) else { throw refuse("\"\(row[1])\" is no fold") }
      folds.append(Int(fold))
      scores.append(
        try row[2..<2 + width].map { text in
          guard let score = Float(text), (0...1).contains(score) else {
            throw refuse("\"\(text)\" is no score from 0 to 1")
          }
          return score
        })
      targets.append(
        try row[(2 + width)...].map { text in
          guard text == "0" || text == "1" else { throw refuse("\"\(text)\" is no target of 0 or 1") }
          return text == "1" ? 1 : 0
        })
    }
    guard !rows.isEmpty else { throw ECGError(.malformed, "has no records", file: path) }
    let classes = Array(columns[2..<2 + width])
    return (rows.map { $0[0] }, folds, try ScoredRecords(classes: classes, scores: scores, targets: targets))
  }
}
