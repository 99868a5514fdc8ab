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
      entries["encoder_sha256"] = run.recipe.encoderSHA256
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
        group in
        ReportRow(
          name: group[0].name, members: group.map(\.member).sorted { order($0.seed) < order($1.seed) },
          entries: group[0].entries)
      }
      return ReportPanel(test: tests[test], rows: named(rows))
    }
    panels.sort { ($0.test.task, $0.test.foldNames) < ($1.test.task, $1.test.foldNames) }
    var number = 0
    for panel in panels.indices {
      let shown = panels[panel].shown.map(\.entries)
      panels[panel].rows.sort { one, other in
        func place(_ row: ReportRow) -> [Int] {
          [
            shown.contains(row.entries) ? 0 : 1,
            EvaluationRecipe.Procedure.allCases.firstIndex(of: row.recipe.protocol) ?? 0,
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
      for row in panels[panel].rows.indices {
        number += 1
        panels[panel].rows[row].number = number
      }
    }
    return panels
  }

  /// Seeds as numbers, so that 10 is behind 9.
  private static func order(_ seed: String) -> (UInt64, String) {
    (UInt64(seed.prefix { $0.isNumber }) ?? .max, seed)
  }

  // MARK: - Rows of one name

  /// Rows of a panel, those that share a name told apart by their recipes and, of settings of the optimiser, one chosen.
  private static func named(_ rows: [ReportRow]) -> [ReportRow] {
    grouped(rows) { [$0.name] }.flatMap { rows -> [ReportRow] in
      // Training folds are told by themselves.
      let keys = differing(rows.map(\.entries)).filter { !isOfOptimizer($0) && $0 != "train_folds" }
      let searches = grouped(rows) { text($0.entries.filter { !isOfOptimizer($0.key) }) }
      return searches.flatMap { rows -> [ReportRow] in
        let settings = differing(rows.map(\.entries))
        return chosen(rows).map { row in
          var row = row
          // The chosen settings are told by the choice.
          row.detail = told(keys + (row.choice.isEmpty ? settings : []), of: row)
          return row
        }
      }
    }
  }

  /// Of rows that differ in settings of the optimiser alone, the best on the validation records of the seeds that all have.
  private static func chosen(_ rows: [ReportRow]) -> [ReportRow] {
    guard rows.count > 1 else { return rows }
    let common = rows.dropFirst().reduce(Set(rows[0].members.map(\.seed))) {
      $0.intersection($1.members.map(\.seed))
    }
    let figures = rows.map { row -> Double? in
      let members = common.isEmpty ? row.members : row.members.filter { common.contains($0.seed) }
      let values = members.compactMap(\.evaluation.outcome.validationMacroAUC)
      return values.count == members.count ? values.reduce(0, +) / Double(values.count) : nil
    }
    // Without validation records there is nothing to choose by.
    guard let best = figures.compactMap({ $0 }).max(), !figures.contains(where: { $0 == nil }),
      let place = figures.firstIndex(of: best)
    else { return rows }
    let keys = differing(rows.map(\.entries))
    return rows.enumerated().map { index, row in
      var row = row
      row.isChosen = index == place
      if row.isChosen {
        row.choice = told(keys, of: row) + ", the best of \(rows.count) by validation macro AUC"
      }
      return row
    }
  }

  /// Elements with the same key, in the order of the keys.
  private static func grouped<Element>(_ all: [Element], by key: (Element) -> [String]) -> [[Element]] {
    Dictionary(grouping: all, by: key).sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }

  private static func text(_ entries: [String: String]) -> [String] {
    entries.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  /// `batch 64, learning_rate 0.1`.
  private static func told(_ keys: [String], of row: ReportRow) -> String {
    keys.map { "\(shortened($0)) \(value(row.entries[$0]))" }.joined(separator: ", ")
  }

  private static func isOfOptimizer(_ key: String) -> Bool {
    ["optimizer.", "schedule.", "finetuning."].contains { key.hasPrefix($0) }
  }

  /// The keys by which some entries differ, sorted.
  private static func differing(_ all: [[String: String]]) -> [String] {
    Set(all.flatMap(\.keys)).sorted().filter { key in Set(all.map { $0[key] }).count > 1 }
  }

  /// `learning_rate` of `optimizer.learning_rate`.
  private static func shortened(_ key: String) -> String {
    key.hasPrefix("optimizer.") ? String(key.dropFirst("optimizer.".count)) : key
  }

  /// A value as short as it can be told; digests by their beginning.
  private static func value(_ value: String?) -> String {
    guard let value else { return "none" }
    return value.utf8.count > 40 ? "\(value.prefix(12))…" : value
  }
}
