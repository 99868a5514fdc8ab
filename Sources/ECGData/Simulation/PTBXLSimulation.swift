import Synchronization

/// A simulated collection in the layout of PTB-XL (Wagner et al., PhysioNet, versions 1.0.x).
///
///     try PTBXLSimulation(records: 1000, seed: 7).write(to: "ptb-xl-simulated", jobs: 2)
///
/// It holds `records100` and `records500` (format 16, 1 µV a count, the slow signal resampled from the fast
/// one), `ptbxl_database.csv`, `scp_statements.csv`, `RECORDS`, `SHA256SUMS.txt` and a `LICENSE.txt` that
/// says what it is. Records come from patients of whom some have several, and folds are the patients'.
///
/// The same records and seed give the same bytes at any number of jobs, and record `i` depends on nothing but
/// the seed and `i`, so a greater collection begins with the smaller one.
public struct PTBXLSimulation: Sendable {
  /// The number of records; their `ecg_id` counts from 1.
  public let records: Int
  /// What everything is drawn from.
  public let seed: UInt64

  /// Describes a collection, without making it.
  public init(records: Int, seed: UInt64) {
    self.records = max(records, 0)
    self.seed = seed
  }

  /// Names of the leads as PTB-XL's headers have them.
  static let leadNames = Lead.names.map { $0.uppercased() }

  static let license = """
    This collection is simulated: no patient, no recording and no report in it is real. It has the layout of PTB-XL
    so that programs can be tried without the real data, and no medical meaning whatsoever.

    It may be used, copied and changed by anyone for any purpose (CC0 1.0).

    """

  /// What remains of a written record for the collection's tables.
  struct Entry {
    var row: String
    /// SHA-256 in hexadecimal of the slow `.dat`, slow `.hea`, fast `.dat` and fast `.hea`.
    var digests: [String]
  }

  /// Writes the collection into a directory that does not exist yet or is empty.
  ///
  /// - Parameters:
  ///   - directory: Where to write; it and the directories above it are made.
  ///   - jobs: How many records are worked on at once.
  ///   - progress: Called with the number of finished records, from any thread, never twice at once.
  /// - Throws: ``ECGError`` (`invalidArgument`) if the directory is not empty, (`inputOutput`) if it cannot
  ///   be written.
  public func write(to directory: String, jobs: Int, progress: (@Sendable (Int) -> Void)? = nil) throws {
    try Self.prepare(directory, records: records)
    let resampler = try PolyphaseResampler(from: 500, to: 100)
    let finished = Mutex(0)
    let entries = try Parallel.map(records, jobs: jobs) { index in
      let entry = try writeRecord(index, to: directory, resampler)
      finished.withLock {
        $0 += 1
        progress?($0)
      }
      return entry
    }
    try Self.writeTables(entries, to: directory)
  }

  /// The simulated recording of one record, counted from 0, and the number of its patient, counted from 1.
  func recording(_ index: Int) -> (ecg: SimulatedECG, patient: Int) {
    // Four records belong to two to four patients; which, is drawn for the four together.
    let block = index / 4
    var grouping = SplitMix64("simulation.patients", seed, UInt64(block))
    let patterns = [[0, 1, 2, 3], [0, 1, 2, 2], [0, 0, 1, 2], [0, 1, 1, 1], [0, 1, 2, 1]]
    let isShared = grouping.uniform() < 0.6
    let slot = patterns[isShared ? grouping.index(below: patterns.count) : 0][index % 4]
    let patient = 4 * block + slot + 1
    var patientGenerator = SplitMix64("simulation.patient", seed, UInt64(patient))
    let person = SimulatedPatient(using: &patientGenerator)
    var generator = SplitMix64("simulation.record", seed, UInt64(index))
    return (SimulatedECG(of: person, using: &generator), patient)
  }

  private func writeRecord(
    _ index: Int, to directory: String, _ resampler: PolyphaseResampler
  ) throws -> Entry {
    let (ecg, patient) = recording(index)
    let row = PTBXLRow(ecgID: index + 1, patientID: patient, ecg: ecg, seed: seed)
    let samples = ecg.samples(rate: 500)
    let slow = Self.microvolts(resampler.timeMajor(samples, leads: 12))
    let fast = Self.microvolts(samples)
    let signals = Self.leadNames.map { WFDBWriter.Signal(name: $0) }
    var digests: [String] = []
    for (path, rate, samples) in [(row.slowPath, 100.0, slow), (row.fastPath, 500.0, fast)] {
      let (folder, name) = PTBXLRow.split(path)
      let files = try WFDBWriter.encode(recordName: name, rate: rate, signals: signals, samples: samples)
      try WFDBWriter.write(files, recordName: name, to: "\(directory)/\(folder)")
      digests += [Digest.sha256(files.data), Digest.sha256(files.header)]
    }
    return Entry(row: row.text, digests: digests)
  }

  /// Counts of 1 µV, rounded half to even; the simulator stays far below 32 mV.
  private static func microvolts(_ millivolts: [Double]) -> [Int32] {
    millivolts.map { Int32(min(max(($0 * 1000).rounded(.toNearestOrEven), -32_767), 32_767)) }
  }
}
