internal import ECGData

/// Evaluations that differ in their seeds alone: a row of the report's tables.
struct ReportRow: Sendable {
  /// One of them.
  struct Member: Sendable {
    /// Its place in ``Report/evaluations``.
    let run: Int
    let evaluation: ReportedEvaluation
    /// Where its encoder is from, a place in ``Report/pretrainings``; nil for random weights and for what is not known.
    let pretraining: Int?
    /// Its seed, and the pretraining's if it is another.
    let seed: String
    let areas: ClassFigures
    let resampled: ResampledAreas
    /// Resamples of patients; nil where they are not known.
    let resampledByPatient: ResampledAreas?

    /// The macro AUC of the test records; an evaluation without one is not read.
    var macroAUC: Double { areas.mean ?? .nan }
  }

  /// R1, R2, … of the page.
  var number = 0
  /// How it was pretrained and trained, in words.
  let name: String
  /// What its recipe has otherwise than that of another row of the same name; empty if there is no other.
  var detail = ""
  /// Whether no row of other settings of the optimiser was preferred.
  var isChosen = true
  /// How many settings of which keys it was chosen from; empty if from none.
  var choice = ""
  /// By seed.
  let members: [Member]
  /// What its recipes have, but for the seeds.
  let entries: [String: String]

  var recipe: EvaluationRecipe { members[0].evaluation.recipe }
  var id: String { "R\(number)" }
  var title: String { detail.isEmpty ? name : "\(name) (\(detail))" }
  /// For legends: its number and its name.
  var label: String { "\(id) \(title)" }

  /// Whether the seeds of its evaluations tell them apart.
  private var isToldByOwnSeeds: Bool { Set(members.map(\.evaluation.recipe.seed)).count == members.count }

  /// The seeds of its evaluations, and whether their encoder is one and the same.
  var seeds: String {
    guard isToldByOwnSeeds else { return members.map(\.seed).joined(separator: ", ") }
    let isOfOne =
      members.count > 1 && recipe.encoder != "none"
      && Set(members.map(\.evaluation.recipe.encoderSHA256)).count == 1
    return members.map { "\($0.evaluation.recipe.seed)" }.joined(separator: ", ")
      + (isOfOne ? " on one pretraining" : "")
  }

  /// Mean over the seeds.
  var macroAUC: Double { mean { $0.macroAUC } ?? .nan }

  /// Of a sample; nil of one seed.
  var standardDeviation: Double? {
    guard members.count > 1 else { return nil }
    let mean = macroAUC
    let squares = members.reduce(0) { $0 + ($1.macroAUC - mean) * ($1.macroAUC - mean) }
    return (squares / Double(members.count - 1)).squareRoot()
  }

  /// Of the mean over the seeds.
  var interval: Bootstrap.Interval? { ResampledAreas.interval(ofMean: members.map(\.resampled.means)) }

  /// The same over patients; nil where they are not known.
  var intervalByPatient: Bootstrap.Interval? {
    let resampled = members.compactMap(\.resampledByPatient)
    return resampled.count == members.count
      ? ResampledAreas.interval(ofMean: resampled.map(\.means)) : nil
  }

  /// Mean over the seeds; nil if one does not tell it.
  var validationMacroAUC: Double? { mean { $0.evaluation.outcome.validationMacroAUC } }

  /// Mean of a figure over the seeds; nil if one does not tell it.
  func mean(_ figure: (Member) -> Double?) -> Double? {
    let values = members.compactMap(figure)
    return values.count == members.count ? values.reduce(0, +) / Double(values.count) : nil
  }

  /// Mean area of a class over the seeds, which is undefined for all or none; with its interval.
  func area(_ column: Int) -> (value: Double, interval: Bootstrap.Interval?)? {
    mean { $0.areas.classes[column] }.map {
      ($0, ResampledAreas.interval(ofMean: members.map { $0.resampled.classes[column] }))
    }
  }

  /// Pairs of one seed each, or nothing if no seed is common; that of the pretraining is told by the evaluation's where it has
  /// but one.
  func pairs(with other: ReportRow) -> [(Member, Member)] {
    let isToldByOwn = isToldByOwnSeeds && other.isToldByOwnSeeds
    return members.compactMap { member in
      other.members.first {
        isToldByOwn ? $0.evaluation.recipe.seed == member.evaluation.recipe.seed : $0.seed == member.seed
      }.map { (member, $0) }
    }
  }
}

/// The rows of one task and the same test records, which may be compared.
struct ReportPanel: Sendable {
  let test: TestRecords
  /// All rows, those shown first.
  var rows: [ReportRow]

  /// Rows that tables show: trained on as many folds as any of their name, and not with settings of the optimiser that
  /// others were preferred to.
  var shown: [ReportRow] {
    rows.filter { row in
      row.isChosen
        && !rows.contains {
          $0.name == row.name && $0.recipe.trainFolds.values.count > row.recipe.trainFolds.values.count
        }
    }
  }

  /// The task and its records: `ptbxl.all, 333 test records of fold 9`.
  var title: String {
    let folds = test.foldNames
    return "\(test.task), \(Markup.counted(test.records.count, "test record"))"
      + (folds == "none" ? "" : " of fold\(Set(test.folds).count > 1 ? "s" : "") \(folds)")
  }

  /// The best of some rows by their mean validation macro AUC, or if one does not tell it, by that of the test records.
  static func best(of rows: [ReportRow]) -> ReportRow? {
    let isValidated = rows.allSatisfy { $0.validationMacroAUC != nil }
    func figure(_ row: ReportRow) -> Double { (isValidated ? row.validationMacroAUC : nil) ?? row.macroAUC }
    // The first of equal ones.
    return rows.reduce(nil) { best, row in best.map { figure(row) > figure($0) } ?? true ? row : best }
  }

  /// The best row of each protocol that is shown, the best of all first.
  var bestOfProtocols: [ReportRow] {
    let best = EvaluationRecipe.Procedure.allCases.compactMap { procedure in
      ReportPanel.best(of: shown.filter { $0.recipe.protocol == procedure })
    }
    let first = ReportPanel.best(of: best)
    return best.filter { $0.number == first?.number } + best.filter { $0.number != first?.number }
  }

  /// What a row is measured by: supervised training of its network from random weights, and random weights under its own protocol.
  func references(for row: ReportRow) -> [ReportRow] {
    let random = shown.filter {
      $0.recipe.encoder == "none" && $0.number != row.number
        && $0.recipe.network.architecture == row.recipe.network.architecture
    }
    let supervised = random.filter { $0.recipe.protocol == .supervised }
    let same = random.filter {
      $0.recipe.protocol == row.recipe.protocol && row.recipe.protocol != .supervised
    }
    return [supervised, row.recipe.encoder == "none" ? [] : same].compactMap { ReportPanel.best(of: $0) }
  }
}
