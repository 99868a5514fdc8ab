import ECGData
import Foundation
import FoundationXML
import Testing

@testable import ECGTraining

/// An evaluation's folder as a test invents it: scores of records, and the files that tell of them.
struct ReportedRun {
  var recipe: EvaluationRecipe
  var classes = ["a", "b"]
  var records: [String]
  var scores: [[Float]]
  var targets: [[Float]]
  var validation: Double? = 0.5
  /// Further keys of `result.json`.
  var told: [String: Any] = [:]

  /// Scores that are the better the smaller the noise; the same records and targets for all.
  init(
    seed: UInt64 = 0, noise: Double = 1, count: Int = 60, classes: [String] = ["a", "b"],
    _ change: (inout EvaluationRecipe) -> Void = { _ in }
  ) {
    var recipe = EvaluationRecipe()
    recipe.task = "ptbxl.superclass"
    recipe.network = EncoderRecipe(.xresnet1d50)
    recipe.seed = seed
    change(&recipe)
    self.recipe = recipe
    self.classes = classes
    records = (0..<count).map { "r\($0)" }
    targets = (0..<count).map { record in
      classes.indices.map { (record / (1 << $0)) % 3 == 0 ? 1 : 0 }
    }
    var generator = SplitMix64("report", seed, UInt64(noise * 1000))
    scores = targets.map { row in
      row.map { target in Float(1 / (1 + exp(-(Double(target) * 2 - 1 + noise * generator.normal())))) }
    }
  }

  /// The area of each class by counting pairs.
  var areas: [Double?] {
    classes.indices.map { column in
      let positives = records.indices.filter { targets[$0][column] == 1 }.map { scores[$0][column] }
      let negatives = records.indices.filter { targets[$0][column] == 0 }.map { scores[$0][column] }
      guard !positives.isEmpty, !negatives.isEmpty else { return nil }
      let right = positives.reduce(0.0) { sum, one in
        sum + negatives.reduce(0.0) { $0 + (one > $1 ? 1 : one == $1 ? 0.5 : 0) }
      }
      return right / Double(positives.count * negatives.count)
    }
  }

  var macroAUC: Double {
    let areas = areas.compactMap { $0 }
    return areas.reduce(0, +) / Double(areas.count)
  }

  var scored: ScoredRecords {
    get throws { try ScoredRecords(classes: classes, scores: scores, targets: targets) }
  }

  /// Writes the folder.
  func write(to path: String, shards: String = "feed") throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    func write(_ text: String, _ name: String) throws {
      try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }
    try write(try YAML.encode(recipe) + "# shards \(shards)\n", "recipe.yaml")
    var lines = [TextFile.csv(["record", "fold"] + classes + classes.map { "target \($0)" })]
    for (index, record) in records.enumerated() {
      let row = scores[index].map { "\($0)" } + targets[index].map { "\(Int($0))" }
      lines.append(TextFile.csv([record, "10"] + row))
    }
    try write(lines.map { $0 + "\n" }.joined(), "predictions.csv")
    var result: [String: Any] = [
      "task": recipe.task, "protocol": recipe.protocol.rawValue, "encoder": recipe.encoder,
      "records": records.count, "macro_auc": macroAUC, "validation_macro_auc": validation as Any? ?? NSNull(),
      "best_epoch": 2, "seconds": 1.5,
    ]
    result.merge(told) { $1 }
    try JSONSerialization.data(withJSONObject: result, options: [.sortedKeys])
      .write(to: URL(filePath: "\(path)/result.json"))
    try write(
      """
      {"epoch":0,"loss":0.7,"validation_macro_auc":0.4,"learning_rate":0.1}
      {"epoch":1,"loss":0.6,"validation_macro_auc":0.5,"learning_rate":0.1}

      """, "metrics.jsonl")
  }
}

/// What a page or picture has, as a parser of XML sees it.
final class ParsedMarkup: NSObject, XMLParserDelegate {
  /// A text of a picture.
  struct Label {
    var text: String
    var x: Double
    var y: Double
    var size: Double
    var anchor: String
  }

  var ids: [String] = []
  var links: [String] = []
  var elements: [String: Int] = [:]
  /// Rows of all tables in their order.
  var tables: [(caption: String, rows: [[String]])] = []
  var labels: [Label] = []
  var size = (width: 0.0, height: 0.0)
  var text = ""
  private var caption = ""
  private var rows: [[String]] = []
  private var piece = ""
  private var label: Label?

  init(_ text: String) throws {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    try #require(parser.parse(), "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements[name, default: 0] += 1
    if let id = attributes["id"] { ids.append(id) }
    if let link = attributes["href"] { links.append(link) }
    switch name {
    case "table": rows = []
    case "tr": rows.append([])
    case "th", "td", "caption": piece = ""
    case "svg":
      size = (Double(attributes["width"] ?? "") ?? 0, Double(attributes["height"] ?? "") ?? 0)
    case "text":
      label = Label(
        text: "", x: Double(attributes["x"] ?? "") ?? .nan, y: Double(attributes["y"] ?? "") ?? .nan,
        size: Double(attributes["font-size"] ?? "") ?? .nan, anchor: attributes["text-anchor"] ?? "")
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    piece += string
    text += string
    label?.text += string
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    switch name {
    case "th", "td": rows[rows.count - 1].append(piece)
    case "caption": caption = piece
    case "table": tables.append((caption, rows))
    case "text":
      if let label { labels.append(label) }
      label = nil
    default: break
    }
  }

  /// The rows of the first table whose caption has this in it, its head left out.
  func table(_ part: String) throws -> [[String]] {
    Array(try #require(tables.first { $0.caption.contains(part) }, "no table of \(part)").rows.dropFirst())
  }
}

/// A folder for a test, removed afterwards.
func withReportFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path())
}

/// Rows of a CSV file by their columns.
func csvRows(_ path: String) throws -> [[String: String]] {
  let (columns, rows) = try TextFile.table(path)
  return rows.map { Dictionary(uniqueKeysWithValues: zip(columns, $0)) }
}
