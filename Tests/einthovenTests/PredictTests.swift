import Foundation
import TestSupport
import Testing

/// A classifier from `evaluate` on shards and on raw records.
@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct PredictTests {
  /// Raw records, and the shards that they make, have the scores that the evaluation's own test has.
  @Test func scoresAsTheEvaluationDid() throws {
    try withDirectory { directory in
      func run(_ arguments: String...) throws -> Tool.Result {
        let result = try Tool.run(arguments + ["--quiet"])
        #expect(result.status == 0, "\(arguments.joined(separator: " ")): \(result.errors)")
        return result
      }
      let (raw, shards, trained) = (directory.path("raw"), directory.path("shards"), directory.path("run"))
      _ = try run("simulate", "--layout", "ptb-xl", "--records", "60", "--seed", "3", raw)
      _ = try run("convert", raw, "--rate", "100", "-o", shards)
      try "network: {architecture: xresnet1d18, width: 8}\nbootstrap: 1\naggregation: max\n".write(
        toFile: directory.path("recipe.yaml"), atomically: true, encoding: .utf8)
      _ = try run(
        "evaluate", shards, "--encoder", "none", "--architecture", "xresnet1d18", "--protocol", "supervised",
        "--task", "ptbxl.superclass", "--epochs", "1", "--batch", "8", "--recipe",
        directory.path("recipe.yaml"), "-o", trained)
      let (fromShards, fromRaw) = (directory.path("shards.csv"), directory.path("raw.csv"))
      let told = try run("predict", shards, "--classifier", trained, "-o", fromShards, "--json").json
      #expect(told["records"] as? Int == 60 && told["task"] as? String == "ptbxl.superclass")
      _ = try run("predict", raw, "--classifier", trained, "-o", fromRaw)
      let table = try String(contentsOfFile: fromShards, encoding: .utf8)
      #expect(try String(contentsOfFile: fromRaw, encoding: .utf8) == table)
      let rows = table.split(separator: "\n").map { $0.split(separator: ",") }
      #expect(rows.count == 61 && rows[0] == ["source", "record", "CD", "HYP", "MI", "NORM", "STTC"])
      let scores = Dictionary(uniqueKeysWithValues: rows.dropFirst().map { ($0[1], $0.dropFirst(2)) })
      let tested = try String(contentsOfFile: "\(trained)/predictions.csv", encoding: .utf8)
        .split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
      #expect(!tested.isEmpty)
      for row in tested {
        let ours = try #require(scores[row[0]]).compactMap { Double($0) }
        let theirs = row[2..<7].compactMap { Double($0) }
        #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-5 } && ours.count == 5)
      }
      // Nothing is left beside the tables.
      let left = try FileManager.default.contentsOfDirectory(atPath: directory.path(""))
      #expect(!left.contains { $0.contains("shards") && $0.hasPrefix(".") }, "\(left)")
    }
  }

  @Test func refusesWhatIsNoClassifier() throws {
    try withDirectory { directory in
      let refused = try Tool.run(
        "predict", directory.path(""), "--classifier", directory.path("none"), "-o", directory.path("x.csv"))
      #expect(refused.status == 2 && refused.errorLines.count == 1)
      #expect(refused.errors.contains("no finished evaluation"))
      #expect(!FileManager.default.fileExists(atPath: directory.path("x.csv")))
    }
  }
}
