/// A simulated collection: any number of records, in the layout of a real one.
///
///     try Simulation(layout: "ptb-xl", records: 1000, seed: 7).write(to: "ptb-xl-simulated", jobs: 2)
///
/// Beside the collection's own files it holds `LICENSE.txt`, which says what it is, and the folder `simulation` with the
/// truth: `records.csv` has a line a record, `artefacts.csv` one for each disturbance that is plain to see.
///
/// The same layout, records and seed give the same bytes at any number of jobs, and record `i` depends on nothing but
/// layout, seed and `i`, so a greater collection begins with the smaller one.
public struct Simulation: Sendable {
  /// The layouts that can be written, each named as the adapter that reads it.
  public static var layouts: [String] { known.map { $0.name } }

  static let known: [any SimulationLayout.Type] = [
    PTBXLLayout.self, CPSC2018Layout.self, CPSC2018WFDBLayout.self, ChapmanLayout.self,
    ChapmanWFDBLayout.self, ChallengeLayout.self, CODETestLayout.self, CODE15Layout.self, CODELayout.self,
  ]

  /// The layout's name.
  public var layout: String { type(of: form).name }
  /// The number of records.
  public let records: Int
  /// What disturbs the records, and how often; the mains are those of the collection's country.
  public var noise = SimulatedNoise.standard
  /// What everything is drawn from.
  public let seed: UInt64
  /// Which records get which defect; nil for a collection without any.
  public let defects: DefectPlan?
  let form: any SimulationLayout

  /// Records that are worked on before their lines are written: what is held in memory.
  private static let blockSize = 128

  /// Describes a collection, without making it.
  ///
  /// - Parameters:
  ///   - layout: one of ``layouts``.
  ///   - records: the number of records.
  ///   - seed: what everything is drawn from.
  ///   - defects: how often each kind of defect is planted; nil for a collection without any.
  /// - Throws: ``ECGError`` (`invalidArgument`) for a layout that there is not, more records than it can name, or defects
  ///   that it cannot have.
  public init(layout: String, records: Int, seed: UInt64, defects: DefectRates? = nil) throws {
    guard let form = Self.known.first(where: { $0.name == layout }) else {
      throw ECGError(
        .invalidArgument, "there is no layout \"\(layout)\"",
        advice: "there are \(Self.layouts.joined(separator: ", "))")
    }
    guard (0...form.capacity).contains(records) else {
      throw ECGError(
        .invalidArgument, "a collection of layout \(layout) cannot have \(records) records",
        advice: "its names tell up to \(form.capacity) apart")
    }
    let prepared = try form.init(records: records, seed: seed)
    let plan = try defects.map {
      try DefectPlan(layout: layout, rates: $0, seed: seed) { prepared.canCopy($0, $1) }
    }
    self.init(form: prepared, records: records, seed: seed, defects: plan)
  }

  init(form: any SimulationLayout, records: Int, seed: UInt64, defects: DefectPlan? = nil) {
    self.form = form
    self.records = records
    self.seed = seed
    self.defects = defects
  }

  /// A record of the collection.
  ///
  /// - Parameter index: its place, from 0; also beyond ``records``.
  /// - Returns: what depends on layout, seed and `index` alone.
  public func record(_ index: Int) -> SimulatedRecord {
    let patient = patient(of: index)
    var people = SplitMix64("simulation.\(layout).patient", seed, UInt64(patient))
    var generator = SplitMix64("simulation.\(layout).record", seed, UInt64(index))
    let duration = form.duration(of: index, using: &generator)
    var noise = noise
    noise.mainsFrequency = form.mainsFrequency(of: index)
    var person = SimulatedPatient(using: &people)
    var ecg = SimulatedECG(of: person, duration: duration, noise: noise, using: &generator)
    // What a collection left out was not recorded for it: the next patient was, or the next hour.
    for _ in 0..<Self.mostAttempts where !form.admits(ecg) {
      if !type(of: form).sharesPatients { person = SimulatedPatient(using: &people) }
      ecg = SimulatedECG(of: person, duration: duration, noise: noise, using: &generator)
    }
    return SimulatedRecord(
      index: index, patient: patient, id: form.id(of: index), ecg: ecg, layout: layout, seed: seed)
  }

  private static let mostAttempts = 1000

  /// The number of a record's patient, from 1; of some patients there are several records.
  private func patient(of index: Int) -> Int {
    guard type(of: form).sharesPatients else { return index + 1 }
    // Four records belong to two to four patients, each numbered as his first record; which, is drawn for the four
    // together.
    let block = index / 4
    var grouping = SplitMix64("simulation.\(layout).patients", seed, UInt64(block))
    let patterns = [[0, 1, 2, 3], [0, 1, 2, 2], [0, 0, 2, 3], [0, 1, 1, 1], [0, 1, 2, 1]]
    let isShared = grouping.uniform() < 0.6
    return 4 * block + patterns[isShared ? grouping.index(below: patterns.count) : 0][index % 4] + 1
  }

  /// A record, its sampling rate in Hz, and all that it adds to the tree beside the truth.
  private func clean(_ index: Int) throws -> (
    record: SimulatedRecord, rate: Double, content: SimulatedContent
  ) {
    let record = record(index)
    let signal = try form.signal(of: record)
    return (record, signal.rate, try form.content(of: record, signal))
  }

  /// All that one record adds to the tree.
  func content(of index: Int) throws -> SimulatedContent {
    let (record, rate, made) = try defects?.defect(of: index).map(planted) ?? clean(index)
    var content = made
    defects?.unlist(from: &content, upTo: index, id: form.id)
    content.lines += SimulationTruth.lines(record, rate: rate, labels: content.labels)
    return content
  }

  /// Writes the collection into a directory that does not exist yet or is empty.
  ///
  /// All of it lies in a hidden folder of the directory until it is whole, so that a part of a collection never passes for
  /// one; what is interrupted leaves nothing.
  ///
  /// - Parameters:
  ///   - directory: Where to write; it and the directories above it are made.
  ///   - jobs: How many records are worked on at once.
  ///   - interruption: What may ask for an early end.
  ///   - progress: Called with the number of finished records, never twice at once.
  /// - Throws: ``ECGError`` (`invalidArgument`) if the directory is not empty, (`inputOutput`) if it cannot
  ///   be written, (`interrupted`) once the end was asked for.
  public func write(
    to directory: String, jobs: Int, interruption: Interruption = Interruption(),
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws {
    let tree = try SimulationTree(directory)
    var written = try SimulationWriter(self, in: tree.partial)
    for start in stride(from: 0, to: records, by: Self.blockSize) {
      let count = min(Self.blockSize, records - start)
      let contents = try Parallel.map(count, jobs: jobs) { [writer = written.files] place in
        guard !interruption.isRequested else {
          throw ECGError(.interrupted, "stopped on request: nothing is left", file: directory)
        }
        return try writer.write(content(of: start + place))
      }
      for content in contents { try written.append(content) }
      progress?(start + count)
    }
    try written.close()
    try tree.commit()
  }
}
