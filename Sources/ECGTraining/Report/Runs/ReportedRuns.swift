internal import ECGData
internal import Foundation

/// The runs that could be read, each evaluation with the pretraining its encoder is from.
struct ReportedRuns {
  private(set) var evaluations: [ReportedEvaluation] = []
  private(set) var pretrainings: [ReportedPretraining] = []
  private(set) var problems: [Report.Problem]
  /// Pretrainings that could not be read, by their places without links.
  private var unread: Set<String> = []
  /// SHA-256 of encoders that were looked at; nil of those that cannot be read.
  private var digests: [String: String?] = [:]

  /// By which the two kinds of results are told apart.
  private struct Kind: Decodable {
    var task: String?
    var method: String?
  }

  init(_ folders: RunFolders, _ interruption: Interruption) throws {
    problems = folders.problems
    for path in folders.finished {
      try interruption.check(Report.interrupted)
      do {
        let file = path + "/" + RunDirectory.result
        let kind = try TextFile.decode(Kind.self, TextFile.read(file), file: file)
        if kind.task != nil {
          evaluations.append(try ReportedEvaluation(path, problems: &problems))
        } else if kind.method != nil {
          pretrainings.append(try ReportedPretraining(path, problems: &problems))
        } else {
          throw ECGError(.malformed, "is neither an evaluation's nor a pretraining's", file: file)
        }
      } catch let error as ECGError {
        problems.append(Report.Problem(path: path, message: error.description))
        unread.insert(ReportedRuns.place(path))
      }
    }
    for evaluation in evaluations {
      try interruption.check(Report.interrupted)
      findEncoder(of: evaluation)
    }
  }

  private static func place(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
  }

  /// Reads the pretraining of an encoder that is not among the runs, where its recipe says it is, or beside the evaluation.
  private mutating func findEncoder(of evaluation: ReportedEvaluation) {
    let (encoder, digest) = (evaluation.recipe.encoder, evaluation.recipe.encoderSHA256)
    guard encoder != "none", !digest.isEmpty, pretraining(of: evaluation) == nil else { return }
    let place = URL(filePath: evaluation.path).deletingLastPathComponent()
    let beside = place.appending(path: URL(filePath: encoder).lastPathComponent).path(percentEncoded: false)
    for path in [encoder, beside] {
      let place = ReportedRuns.place(path)
      let found = digests[place] ?? (try? TextFile.sha256(path + "/" + RunDirectory.encoder))
      digests[place] = .some(found)
      guard found == digest else { continue }
      // It is told once that it cannot be read.
      guard !unread.contains(place) else { return }
      do {
        pretrainings.append(try ReportedPretraining(path, problems: &problems))
      } catch {
        problems.append(Report.Problem(path: path, message: "\(error)"))
        unread.insert(place)
      }
      return
    }
  }

  /// The place of the pretraining that an evaluation's encoder is from, by the encoder's SHA-256.
  private func pretraining(of evaluation: ReportedEvaluation) -> Int? {
    let digest = evaluation.recipe.encoderSHA256
    return evaluation.recipe.encoder == "none" || digest.isEmpty
      ? nil : pretrainings.firstIndex { $0.encoderSHA256 == digest }
  }

  /// Rows of evaluations by task and test records.
  mutating func panels(
    _ shards: ReportShards?, _ interruption: Interruption, _ progress: (Int, Int) -> Void
  ) throws -> [ReportPanel] {
    var tests: [TestRecords] = []
    var candidates: [RowGrouping.Candidate] = []
    for (place, evaluation) in evaluations.enumerated() {
      progress(place, evaluations.count)
      let source = pretraining(of: evaluation)
      let pretraining = source.map { pretrainings[$0] }
      var test = tests.firstIndex { $0.isTested(by: evaluation) }
      if test == nil {
        var records = TestRecords(evaluation)
        try shards?.find(&records)
        tests.append(records)
        test = tests.count - 1
      }
      guard let test else { continue }
      var seed = "\(evaluation.recipe.seed)"
      if let other = pretraining?.recipe.seed, other != evaluation.recipe.seed {
        seed += " of pretraining \(other)"
      }
      let entries = try RowGrouping.entries(evaluation, pretraining)
      let name = RowGrouping.name(evaluation, pretraining)
      if let twin = candidates.first(where: {
        $0.test == test && $0.member.seed == seed && $0.entries == entries && $0.name == name
      }) {
        problems.append(
          Report.Problem(
            path: evaluation.path,
            message: "has recipe, seed and shards of \(twin.member.evaluation.path), which counts alone"))
        continue
      }
      let scored = evaluation.scored
      func bootstrap(_ patients: [UInt64]?) throws -> Bootstrap {
        try Bootstrap(
          records: scored.count, patients: patients, resamples: Report.resamples, seed: Report.seed)
      }
      let member = ReportRow.Member(
        run: place, evaluation: evaluation, pretraining: source, seed: seed, areas: scored.areas,
        resampled: try ResampledAreas(scored, bootstrap(nil), interruption),
        meansByPatient: try tests[test].patients.map {
          try ResampledAreas.means(scored, bootstrap($0), interruption)
        })
      candidates.append(RowGrouping.Candidate(member: member, name: name, entries: entries, test: test))
    }
    progress(evaluations.count, evaluations.count)
    return RowGrouping.panels(candidates, tests)
  }
}

extension Report {
  /// What is true of an interrupted report.
  static let interrupted = "nothing is written; the same command begins anew"
}
