internal import ECGData

/// Puts evaluations into rows and panels, and calls them by names.
struct RowGrouping {
  /// A run on its way into a row.
  struct Candidate {
    var member: ReportRow.Member
    var name: String
    var entries: [String: String]
    /// Its panel.
    var test: Int
  }

  /// Keys that change no result, or are told otherwise.
  private static let left: Set<String> = ["seed", "encoder", "encoder_sha256", "allow_seen", "bootstrap"]

  /// What an evaluation is given by, but for its seeds: its recipe, its pretraining's, and the shards.
  static func entries(_ run: ReportedEvaluation, _ pretraining: ReportedPretraining?) throws -> [String:
    String]
  {
    var entries = try RecipeFile.entries(YAML.encode(run.recipe), without: left)
    entries["shards"] = run.fingerprints.joined(separator: ", ")
    if let pretraining {
      for (key, value) in try pretraining.entries() { entries["pretraining.\(key)"] = value }
    } else if run.recipe.encoder != "none" {
      // What no digest tells is told by its place.
      let digest = run.recipe.encoderSHA256
      entries[digest.isEmpty ? "encoder" : "encoder_sha256"] = digest.isEmpty ? run.recipe.encoder : digest
    }
    return entries
  }

  /// How an evaluation came about, in words: `CPC, linear`, `xresnet1d50 from random weights, supervised`.
  static func name(_ run: ReportedEvaluation, _ pretraining: ReportedPretraining?) -> String {
    let network = run.recipe.network.architecture
    let start =
      if let pretraining {
        pretraining.name
      } else if run.recipe.encoder == "none" {
        "\(network == .cpc ? "CPC's network" : network == .uresnet ? "U-ResNet" : network.rawValue) from random weights"
      } else {
        "Encoder \(run.recipe.encoder.split(separator: "/").last ?? "of no name")"
      }
    let end =
      switch run.recipe.protocol {
      case .linear: "linear"
      case .finetune: "fine-tuned"
      case .supervised: run.recipe.encoder == "none" ? "supervised" : "trained whole"
      }
    return "\(start), \(end)"
  }

  /// Panels of rows, in the order of their tasks; rows by protocol, then by name and training folds.
  static func panels(_ candidates: [Candidate], _ tests: [TestRecords]) -> [ReportPanel] {
    var panels = tests.indices.map { test in
      let rows = grouped(candidates.filter { $0.test == test }) { text($0.entries) + [$0.name] }.map {
        _, group in
        ReportRow(
          name: group[0].name, members: group.map(\.member).sorted { order($0.seed) < order($1.seed) },
          entries: group[0].entries)
      }
      return (test: tests[test], rows: ordered(shown(named(rows))))
    }
    panels.sort { ($0.test.task, $0.test.foldNames) < ($1.test.task, $1.test.foldNames) }
    var number = 0
    return panels.map { panel in
      ReportPanel(
        panel.test,
        panel.rows.map { row in
          var row = row
          number += 1
          row.number = number
          return row
        })
    }
  }

  /// Those that are shown first, then by protocol, whether they are pretrained, name, and from the most training folds to the
  /// fewest.
  private static func ordered(_ rows: [ReportRow]) -> [ReportRow] {
    rows.sorted { one, other in
      func place(_ row: ReportRow) -> [Int] {
        [
          row.isShown ? 0 : 1, EvaluationRecipe.Procedure.allCases.firstIndex(of: row.recipe.protocol) ?? 0,
          row.recipe.encoder == "none" ? 0 : 1,
        ]
      }
      let (first, second) = (place(one), place(other))
      guard first == second else { return first.lexicographicallyPrecedes(second) }
      let folds = [one, other].map(\.recipe.trainFolds.values.count)
      guard one.name == other.name, folds[0] != folds[1] else {
        return (one.name, one.detail) < (other.name, other.detail)
      }
      return folds[0] > folds[1]
    }
  }

  /// Seeds as numbers, so that 10 is behind 9.
  private static func order(_ seed: String) -> (UInt64, String) {
    (UInt64(seed.prefix { $0.isNumber }) ?? .max, seed)
  }

  // MARK: - Rows of one name

  /// Rows of a panel, those that share a name told apart by their recipes and, of settings of the optimiser, one chosen.
  private static func named(_ rows: [ReportRow]) -> [ReportRow] {
    grouped(rows) { [$0.name] }.flatMap { _, rows -> [ReportRow] in
      // Training folds are told by themselves.
      let keys = differing(rows).filter { !isOfOptimizer($0) && $0 != folds }
      let families = grouped(rows) {
        [$0.name] + text($0.entries.filter { !isOfOptimizer($0.key) && $0.key != folds })
      }
      return families.flatMap { key, family -> [ReportRow] in
        let settings = differing(family).filter { $0 != folds }
        let searches = grouped(family) { [$0.entries[folds] ?? ""] }.map { chosen($0.value) }
        let tried = searches.map { search in Set(search.map { values(settings, of: $0) }) }
        let isSearchedAlike =
          searches.allSatisfy { $0.contains { !$0.choice.isEmpty } } && Set(tried).count == 1
        return searches.joined().map { row in
          var row = row
          row.family = key
          row.curve = isSearchedAlike && row.isChosen ? [] : values(settings, of: row)
          // The chosen settings are told by the choice.
          row.detail = told(keys + (row.choice.isEmpty ? settings : []), of: row, among: rows)
          return row
        }
      }
    }
  }

  /// Leaves out what is not chosen, and what another row of its curve has more training folds than.
  private static func shown(_ rows: [ReportRow]) -> [ReportRow] {
    let most = Dictionary(grouping: rows.filter(\.isChosen)) { [$0.family, $0.curve] }.mapValues { rows in
      rows.map(\.recipe.trainFolds.values.count).max()
    }
    return rows.map { row in
      var row = row
      row.isShown =
        row.isChosen && row.recipe.trainFolds.values.count == most[[row.family, row.curve]]
      return row
    }
  }

  /// Of rows that differ in settings of the optimiser alone, the best on the validation records of the seeds that all have.
  private static func chosen(_ rows: [ReportRow]) -> [ReportRow] {
    guard rows.count > 1 else { return rows }
    func left(_ reason: String) -> [ReportRow] {
      rows.map { row in
        var row = row
        row.openChoice = reason
        return row
      }
    }
    let common = rows.dropFirst().reduce(Set(rows[0].members.map(\.seed))) {
      $0.intersection($1.members.map(\.seed))
    }
    guard !common.isEmpty else { return left("have no seed in common") }
    let figures = rows.compactMap { row -> Double? in
      let values = row.members.filter { common.contains($0.seed) }
        .compactMap(\.evaluation.outcome.validationMacroAUC)
      return values.count == common.count ? values.reduce(0, +) / Double(values.count) : nil
    }
    guard figures.count == rows.count, let best = figures.max(), let place = figures.firstIndex(of: best)
    else {
      return left("do not all tell a validation macro AUC")
    }
    let keys = differing(rows)
    let seeds = common.sorted { order($0) < order($1) }.joined(separator: ", ")
    return rows.enumerated().map { index, row in
      var row = row
      row.isChosen = index == place
      if row.isChosen {
        row.choice =
          "\(told(keys, of: row, among: rows)), the best of \(rows.count) by validation macro AUC of seed\(common.count == 1 ? "" : "s") \(seeds)"
      }
      return row
    }
  }

  /// Elements with the same key, in the order of the keys.
  private static func grouped<Element>(
    _ all: [Element], by key: (Element) -> [String]
  ) -> [(key: [String], value: [Element])] {
    Dictionary(grouping: all, by: key).sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  private static func text(_ entries: [String: String]) -> [String] {
    entries.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static let folds = "train_folds"

  private static func values(_ keys: [String], of row: ReportRow) -> [String] {
    keys.map { "\($0)=\(row.entries[$0] ?? "")" }
  }

  /// `batch 64, learning_rate 0.1`, by which the row is told from the others.
  private static func told(_ keys: [String], of row: ReportRow, among rows: [ReportRow]) -> String {
    keys.map { key in
      let value = row.entries[key].map { value in
        shortened(value, among: Set(rows.compactMap { $0.entries[key] }))
      }
      return
        "\(key.hasPrefix("optimizer.") ? String(key.dropFirst("optimizer.".count)) : key) \(value ?? "none")"
    }.joined(separator: ", ")
  }

  private static func isOfOptimizer(_ key: String) -> Bool {
    ["optimizer.", "schedule.", "finetuning."].contains { key.hasPrefix($0) }
  }

  /// The keys by which some rows differ, sorted.
  private static func differing(_ rows: [ReportRow]) -> [String] {
    Set(rows.flatMap(\.entries.keys)).sorted().filter { key in Set(rows.map { $0.entries[key] }).count > 1 }
  }

  /// A long value, such as a digest, by its first twelve characters, or as many more as tell it from other long ones; what all of
  /// these begin with is left out where it is long.
  static func shortened(_ value: String, among all: Set<String>) -> String {
    func isLong(_ value: String) -> Bool { value.utf8.count > 40 }
    guard isLong(value) else { return value }
    let values = all.filter(isLong).union([value])
    let first = values.reduce(value.count) { min($0, zip(value, $1).prefix { $0 == $1 }.count) }
    // Twelve characters hold the first that differs.
    let start = values.count > 1 && first >= 12 ? first - 4 : 0
    func part(_ value: String, _ length: Int) -> Substring { value.dropFirst(start).prefix(length) }
    var length = 12
    while Set(values.map { part($0, length) }).count < values.count { length += 1 }
    let end = part(value, length)
    return (start > 0 ? "…" : "") + end + (start + end.count < value.count ? "…" : "")
  }
}
