/// What the records of one source are like: durations, ages, sexes, folds and labels and, by a deep validation, heart rates
/// and amplitudes.
public struct CollectionFigures: Sendable, Equatable {
  /// The adapter's name of the source: `ptb-xl`.
  public let source: String
  /// Records, without rows that stand for none.
  public private(set) var records = 0
  /// In seconds, of the records that can be read.
  public private(set) var durations = Histogram(.logarithmic(binsPerDecade: 50))
  /// In years, of the records that have one.
  public private(set) var ages = Histogram(.linear(width: 1))
  /// Records whose heart rate and amplitude were looked for: those that can be read of a raw collection, and of shards
  /// at most about two thousand, evenly spread; 0 unless the validation was deep.
  public private(set) var measured = 0
  /// Beats a minute, of the measured records that have a rhythm.
  public private(set) var heartRates = Histogram(.linear(width: 1))
  /// In mV, as ``AmplitudeAudit`` measures it, of the measured records that are not flat.
  public private(set) var amplitudes = Histogram(.logarithmic(binsPerDecade: 50))
  /// Records by sex.
  public private(set) var sexes: [Sex: Int] = [:]
  /// Records by fold; those without one are left out.
  public private(set) var folds: [Int: Int] = [:]
  /// Records by the codes of their labels, whatever the labels' values.
  public private(set) var labels: [String: Int] = [:]
  /// Records without a label.
  public private(set) var unlabelled = 0

  init(source: String) { self.source = source }

  /// Whether heart rate and amplitude are those of some records among others.
  var isSampled: Bool { measured > 0 && measured <= (durations.count + 1) / 2 }

  /// What the signal of a record tells; amplitude in µV.
  struct Measures: Codable {
    var heartRate: Double?
    var amplitude: Double?
  }

  /// Measures a signal.
  static func measures(of signal: PhysicalSignal) -> Measures {
    let deep = SignalAudit.deepFindings(in: signal, record: "")
    return Measures(heartRate: deep.heartRate, amplitude: deep.amplitude?.amplitude)
  }

  /// Counts a record; duration in seconds, nil where it cannot be read.
  mutating func add(
    age: Float, sex: Sex, fold: UInt8, statements: [Statement], duration: Double?, measures: Measures?
  ) {
    records += 1
    if let duration { durations.add(duration) }
    ages.add(Double(age))
    sexes[sex, default: 0] += 1
    if fold > 0 { folds[Int(fold), default: 0] += 1 }
    for code in Set(statements.map(\.code)) { labels[code, default: 0] += 1 }
    if statements.isEmpty { unlabelled += 1 }
    guard let measures else { return }
    measured += 1
    if let rate = measures.heartRate { heartRates.add(rate) }
    if let amplitude = measures.amplitude { amplitudes.add(amplitude / 1000) }
  }

  /// Counts a stored record, the row of a shard.
  mutating func add(_ row: Int, of shard: ShardReader, measures: Measures?) {
    let columns = shard.columns
    add(
      age: columns.age[row], sex: Sex(rawValue: columns.sex[row]) ?? .unknown, fold: columns.fold[row],
      statements: shard.statements(of: row),
      duration: Double(shard.frameCount(of: row)) / shard.rate(of: row), measures: measures)
  }

  /// Adds the records of another part of the source.
  mutating func merge(_ other: CollectionFigures) {
    records += other.records
    durations.merge(other.durations)
    ages.merge(other.ages)
    measured += other.measured
    heartRates.merge(other.heartRates)
    amplitudes.merge(other.amplitudes)
    sexes.merge(other.sexes, uniquingKeysWith: +)
    folds.merge(other.folds, uniquingKeysWith: +)
    labels.merge(other.labels, uniquingKeysWith: +)
    unlabelled += other.unlabelled
  }
}

extension CollectionFigures: Encodable {
  private enum Key: String, CodingKey {
    case source, records, measured, sexes, folds, labels, unlabelled
    case durations = "duration_s"
    case ages = "age_years"
    case heartRates = "heart_rate_per_minute"
    case amplitudes = "amplitude_mv"
  }

  /// Encodes the figures under keys that name their units; counts by sex, fold and label are objects.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(source, forKey: .source)
    try container.encode(records, forKey: .records)
    try container.encode(measured, forKey: .measured)
    try container.encode(durations, forKey: .durations)
    try container.encode(ages, forKey: .ages)
    try container.encode(heartRates, forKey: .heartRates)
    try container.encode(amplitudes, forKey: .amplitudes)
    let sexes = [("female", Sex.female), ("male", .male), ("unknown", .unknown)].map {
      ($0, self.sexes[$1] ?? 0)
    }
    try container.encode(Dictionary(uniqueKeysWithValues: sexes), forKey: .sexes)
    let folds = self.folds.map { ("\($0)", $1) }
    try container.encode(Dictionary(uniqueKeysWithValues: folds), forKey: .folds)
    try container.encode(labels, forKey: .labels)
    try container.encode(unlabelled, forKey: .unlabelled)
  }
}
