internal import ECGData

/// The records that some runs were tested on, in their order, and what is true of them.
struct TestRecords: Sendable {
  let task: String
  let records: [String]
  let folds: [Int]
  let classes: [String]
  /// Row-major [records, classes].
  let targets: [Bool]
  /// The patient of each; nil if not known of all.
  var patients: [UInt64]?
  /// Places in ``ReportShards``; nil if they are not all there.
  var places: [Int]?

  init(_ run: ReportedEvaluation) {
    task = run.recipe.task
    (records, folds) = (run.records, run.folds)
    (classes, targets) = (run.scored.classes, run.scored.targets)
  }

  /// Whether a run was tested on these.
  func isTested(by run: ReportedEvaluation) -> Bool {
    task == run.recipe.task && records == run.records && folds == run.folds && classes == run.scored.classes
      && targets == run.scored.targets
  }

  /// The folds that they are of: `9`, `1–8`.
  var foldNames: String { Set(folds).contains(0) ? "none" : TestRecords.ranges(Set(folds)) }

  /// `1–3, 5` of 1, 2, 3 and 5.
  static func ranges(_ folds: Set<Int>) -> String {
    var ranges: [ClosedRange<Int>] = []
    for fold in folds.sorted() {
      if let last = ranges.last, last.upperBound == fold - 1 {
        ranges[ranges.count - 1] = last.lowerBound...fold
      } else {
        ranges.append(fold...fold)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
      .joined(separator: ", ")
  }

  /// The classes of a record.
  func labels(_ record: Int) -> [String] {
    classes.indices.filter { targets[record * classes.count + $0] }.map { classes[$0] }
  }

  /// Records that a class is stated of.
  func positives(_ column: Int) -> Int {
    records.indices.count { targets[$0 * classes.count + column] }
  }
}

/// Shards in which test records are looked up again, for their patients and their pictures.
struct ReportShards: Sendable {
  let shards: ShardSet
  /// The places of each id.
  private let places: [String: [Int]]

  init(_ shards: ShardSet) {
    self.shards = shards
    places = Dictionary(grouping: 0..<shards.count) { shards.id($0) }
  }

  /// That they have no test records.
  func problems(of panels: [ReportPanel]) -> [Report.Problem] {
    guard !panels.isEmpty, panels.allSatisfy({ $0.test.places == nil }) else { return [] }
    return [
      Report.Problem(
        path: shards.directory,
        message:
          "are shards that have the test records of no run, all with the same labels and folds; there are no patients and no pictures"
      )
    ]
  }

  /// Finds test records, by id and by what is true of them; places and patients stay nil if one is not there.
  func find(_ test: inout TestRecords) throws {
    let task = try LabelTask.named(test.task)
    guard task.classes == test.classes else { return }
    let width = test.classes.count
    var found: [Int] = []
    for (record, id) in test.records.enumerated() {
      let targets = test.targets[record * width..<(record + 1) * width]
      let candidates = (places[id] ?? []).filter { place in
        guard Int(shards.fold(place)) == test.folds[record],
          let stated = task.target(source: shards.source(place), statements: shards.statements(place))
        else { return false }
        return zip(stated, targets).allSatisfy { ($0 > 0.5) == $1 }
      }
      // Two collections may call their records alike.
      guard candidates.count == 1 else { return }
      found.append(candidates[0])
    }
    test.places = found
    let patients = found.map { shards.patientKey($0) }
    test.patients = patients.contains(0) ? nil : patients
  }
}
