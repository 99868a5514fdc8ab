import Foundation
import TestSupport
import Testing

/// Several runs by one command, and noise on what was tested.
@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct EvaluateTests {
  @Test func seriesAndNoise() throws {
    try withDirectory { directory in
      let (raw, shards, series) = (directory.path("raw"), directory.path("shards"), directory.path("series"))
      #expect(
        try Tool.run("simulate", "--layout", "ptb-xl", "--records", "80", "--seed", "3", raw).status == 0)
      #expect(try Tool.run("convert", raw, "--rate", "100", "-o", shards, "--quiet").status == 0)
      try "network: {architecture: xresnet1d18, width: 8}\nbootstrap: 10\n".write(
        toFile: directory.path("recipe.yaml"), atomically: true, encoding: .utf8)
      let common = [
        "evaluate", shards, "--encoder", "none", "--architecture", "xresnet1d18", "--protocol", "supervised",
        "--task", "ptbxl.superclass", "--epochs", "1", "--batch", "8", "--recipe",
        directory.path("recipe.yaml"), "--json",
      ]
      let several = try Tool.run(common + ["--seeds", "0,1", "--first-folds", "1-2", "-o", series])
      #expect(several.status == 0, "\(several.errors)")
      let groups = try #require(several.json["groups"] as? [[String: Any]])
      #expect(groups.map { $0["train_folds"] as? String } == ["1", "1,2"])
      #expect(groups.allSatisfy { $0["seeds"] as? Int == 2 && $0["macro_auc_sd"] is Double })
      let runs = try #require(several.json["runs"] as? [[String: Any]])
      #expect(
        runs.map { $0["name"] as? String }
          == ["folds-1-seed-0", "folds-1-seed-1", "folds-2-seed-0", "folds-2-seed-1"])
      let areas = runs.prefix(2).compactMap { ($0["result"] as? [String: Any])?["macro_auc"] as? Double }
      #expect(abs((groups[0]["macro_auc_mean"] as? Double ?? 0) - (areas[0] + areas[1]) / 2) < 1e-12)

      // A run of the series is the run that stands alone; noise is added to it when it is asked for.
      let single = directory.path("single")
      let alone = try Tool.run(common + ["--seed", "1", "--train-folds", "1", "-o", single])
      let told = try alone.json
      #expect(alone.status == 0 && told["macro_auc"] as? Double == areas[1] && told["robustness"] == nil)
      let noisy = try Tool.run(
        common + ["--seed", "1", "--train-folds", "1", "-o", single, "--noise", "1,6", "--quiet"])
      #expect(noisy.status == 0, "\(noisy.errors)")
      let curve = try #require(noisy.json["robustness"] as? [String: Any])
      #expect(curve["clean"] as? Double == areas[1] && (curve["points"] as? [Any])?.count == 2)

      for wrong in [
        ["--seeds", "0-1", "--seed", "1"], ["--first-folds", "9"], ["--seeds", "x"], ["--noise", "7"],
        ["--noise-mode", "loud", "--noise", "1"], ["--noise-record", directory.path("none")],
        ["--noise-record", directory.path("none"), "--snr", "a"], ["--snr", "3"],
      ] {
        let refused = try Tool.run(common + wrong + ["-o", directory.path("wrong")])
        #expect(refused.status != 0 && refused.status < 100, "\(wrong)")
        #expect(refused.errorLines.last?.isEmpty == false)
        #expect(!directory.exists("wrong"), "\(wrong) was found out after the training")
      }
      let over = try Tool.run(common + ["--seeds", "0", "-o", single])
      #expect(over.status == 2 && over.errors.contains("a single run"))
    }
  }
}
