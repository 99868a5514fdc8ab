/// The training data of the PhysioNet/CinC challenge of 2021 (Reyna et al., Computing in Cardiology 48, 2021; version 1.0.3).
///
/// `training/<collection>/g1/<record>.{hea,mat}` …, a thousand records a folder, `RECORDS` at the root naming the folders and
/// in each folder naming its records, `SHA256SUMS.txt`. The eight collections come mixed in the order of the records, in
/// the original's proportions: 88,253 records have its very numbers. Headers have the form that was written anew for 2021.
struct ChallengeLayout: SimulationLayout {
  static let name = Challenge.name
  static let capacity = ChallengeMixture.period
  static let digestFolders = ChallengeCollection.all.map { "training/\($0.folder)" }.sorted()

  private static let list = "RECORDS"
  /// Records of each collection among those that are made.
  private let counts: [Int]

  init(records: Int, seed: UInt64) {
    counts = ChallengeCollection.all.indices.map { collection in
      ChallengeMixture.order.prefix(records).count { $0 == collection }
    }
  }

  var tables: [SimulatedTable] {
    [SimulatedTable(path: Self.list, sections: ChallengeCollection.all.count)]
  }

  private func place(_ index: Int) -> (collection: Int, number: Int) {
    (
      Int(ChallengeMixture.order[index % ChallengeMixture.period]),
      Int(ChallengeMixture.rank[index % ChallengeMixture.period])
    )
  }

  func id(of index: Int) -> String {
    let (collection, number) = place(index)
    return ChallengeCollection.all[collection].id(number)
  }

  func duration(of index: Int, using generator: inout SplitMix64) -> Double {
    ChallengeCollection.all[place(index).collection].duration(&generator)
  }

  func mainsFrequency(of index: Int) -> Double {
    ChallengeCollection.all[place(index).collection].mainsFrequency
  }

  func signal(of record: SimulatedRecord) throws -> SimulatedSignal {
    let rate = Double(ChallengeCollection.all[place(record.index).collection].rate)
    return SimulatedSignal(rate: rate, samples: record.ecg.samples(rate: rate))
  }

  /// Collections have recorders of their own.
  func canCopy(_ index: Int, _ other: Int) -> Bool {
    let (one, two) = (place(index).collection, place(other).collection)
    let (a, b) = (ChallengeCollection.all[one], ChallengeCollection.all[two])
    return a.rate == b.rate && a.gain == b.gain
  }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    let (section, number) = place(record.index)
    let collection = ChallengeCollection.all[section]
    let folder = "training/\(collection.folder)/g\(number / 1000 + 1)"
    let axis = StatementCodes.axis(record.ecg.axis)?.snomed
    let codes = StatementCodes.names(of: record.statements, in: \.snomed) + [axis].compactMap(\.self)
    let file = ChallengeFile(
      form: .late, gain: collection.gain, unit: collection.unit, hasSymptoms: collection.hasSymptoms,
      sexes: collection.sexes)
    var content = SimulatedContent(
      files: try file.files(
        of: record, in: folder, counts: signal.counts(gain: Double(collection.gain)), rate: collection.rate,
        codes: codes),
      labels: ChallengeFile.labels(codes))
    if number.isMultiple(of: 1000) {
      content.lines.append(
        SimulatedContent.Line(table: Self.list, section: section, text: folder + "/\n"))
    }
    if number % 1000 == 999 || number == counts[section] - 1 {
      // The list comes with the folder's last record, so that files come in the order of their paths.
      let names = (number / 1000 * 1000...number).map { collection.id($0) + "\n" }.joined()
      content.files.append(SimulatedContent.File(path: "\(folder)/\(Self.list)", bytes: Array(names.utf8)))
    }
    return content
  }
}
