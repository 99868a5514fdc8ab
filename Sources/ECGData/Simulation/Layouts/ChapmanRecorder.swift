/// What the two releases of Chapman–Shaoxing have in common: a converter of 4.88 µV a step, and a vocabulary.
///
/// Source: Zheng et al., Sci. Data 7, 48, 2020.
enum ChapmanRecorder {
  /// Hundredths of a µV in one step of the converter.
  static let step = 488

  /// Steps of the converter, which ends at ±32,767 µV; ``Recording/missing`` where a sample is missing.
  static func steps(_ signal: SimulatedSignal) -> [Int32] {
    signal.counts(gain: 100_000 / Double(step), limit: (3_276_700 / Double(step)).rounded(.down))
  }

  /// Whether the collection would hold the record: its rhythms have no pacemaker's.
  static func admit(_ ecg: SimulatedECG) -> Bool {
    StatementCodes.table[ecg.rhythm.rawValue]?.chapman != nil
  }

  /// The rhythm, and all else that is stated, the axis last.
  static func labels(_ record: SimulatedRecord) -> (rhythm: String, conditions: [String]) {
    let rhythms = Set(
      SimulatedRhythm.allCases.compactMap { StatementCodes.table[$0.rawValue]?.chapman })
    let names = StatementCodes.names(of: record.statements, in: \.chapman)
    let axis = StatementCodes.axis(record.ecg.axis)?.chapman
    return (
      names.first(where: rhythms.contains) ?? "NONE",
      names.filter { !rhythms.contains($0) } + [axis].compactMap(\.self)
    )
  }
}
