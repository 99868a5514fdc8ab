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
    /// [resamples] of patients, of each the mean area; nil where they are not known.
    let meansByPatient: [Double]?

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
  /// With which settings it was chosen, from how many and by what; empty if it was not.
  var choice = ""
  /// Why no row of its settings or others of the optimiser was chosen; empty if one was, or there are no others.
  var openChoice = ""
  /// What it has in common with the rows that are the same but for training folds and settings of the optimiser.
  var family: [String] = []
  /// Tells its curve over training folds from those of its family with other settings of the optimiser; empty where these are
  /// the same, or were chosen anew from the same for each number of folds.
  var curve: [String] = []
  /// Whether tables show it: it is chosen, and trained on as many folds as any other of its curve.
  var isShown = true
  /// By seed.
  let members: [Member]
  /// What its recipes have, but for the seeds.
  let entries: [String: String]
  /// Of the mean over the seeds.
  let interval: Bootstrap.Interval?
  /// The same over patients; nil where they are not known.
  let intervalByPatient: Bootstrap.Interval?
  /// Of each class the mean area over the seeds, which is undefined for all or none, with its interval.
  let areas: [(value: Double, interval: Bootstrap.Interval?)?]

  /// - Parameters:
  ///   - name: How they were pretrained and trained, in words.
  ///   - members: At least one.
  ///   - entries: What their recipes have, but for the seeds.
  init(name: String, members: [Member], entries: [String: String]) {
    (self.name, self.members, self.entries) = (name, members, entries)
    interval = ResampledAreas.interval(ofMean: members.map(\.resampled.means))
    let byPatient = members.compactMap(\.meansByPatient)
    intervalByPatient =
      byPatient.count == members.count ? ResampledAreas.interval(ofMean: byPatient) : nil
    areas = members[0].areas.classes.indices.map { column in
      ReportRow.mean(of: members) { $0.areas.classes[column] }.map {
        ($0, ResampledAreas.interval(ofMean: members.map { $0.resampled.classes[column] }))
      }
    }
  }

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
      members.count > 1 && recipe.encoder != "none" && !recipe.encoderSHA256.isEmpty
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

  /// Mean over the seeds; nil if one does not tell it.
  var validationMacroAUC: Double? { mean { $0.evaluation.outcome.validationMacroAUC } }

  /// Mean of a figure over the seeds; nil if one does not tell it.
  func mean(_ figure: (Member) -> Double?) -> Double? { ReportRow.mean(of: members, figure) }

  private static func mean(of members: [Member], _ figure: (Member) -> Double?) -> Double? {
    let values = members.compactMap(figure)
    return values.count == members.count ? values.reduce(0, +) / Double(values.count) : nil
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
