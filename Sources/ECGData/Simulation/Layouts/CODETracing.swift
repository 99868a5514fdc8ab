/// What the HDF5 releases of the CODE group have in common.
///
/// 400 Hz, rows of 4,096 samples that are filled up with zeros at both ends, and a unit of 0.5 mV. Source: Ribeiro et al.,
/// Nat. Commun. 11, 1760, 2020; Lima et al., Nat. Commun. 12, 5117, 2021; and what was found in the files since.
enum CODETracing {
  static let rate = CODETracings.rate
  /// Samples of a row.
  static let frames = 4096

  /// 7.335 s, which 581 zeros fill up at either end, or all 10.24 s, as most exams have it; a few others.
  static func duration(using generator: inout SplitMix64) -> Double {
    let draw = generator.uniform()
    let samples = draw < 0.60 ? 2934 : draw < 0.97 ? frames : 1205 + generator.index(below: 2871)
    return Double(samples) / rate
  }

  static func signal(of record: SimulatedRecord) -> SimulatedSignal {
    SimulatedSignal(rate: rate, samples: record.ecg.samples(rate: rate))
  }

  /// A row, [4096, 12]: the signal in the middle, of an odd rest the greater part behind it.
  static func row(_ signal: SimulatedSignal) -> [Float] {
    let unit = CODETracings.microvoltsPerUnit / 1000
    let count = min(signal.count, frames)
    var row = [Float](repeating: 0, count: frames * Lead.count)
    let start = (frames - count) / 2 * Lead.count
    for place in 0..<(count * Lead.count) { row[start + place] = Float(signal.samples[place] / unit) }
    return row
  }

  /// Which of the six abnormalities are stated, in the order of ``Vocabulary/code``.
  static func labels(_ record: SimulatedRecord) -> [Bool] {
    let names = StatementCodes.names(of: record.statements, in: \.code)
    return Vocabulary.code.map(names.contains)
  }

  /// As an adapter reads them: 1 and 0 are both stated.
  static func statements(_ labels: [Bool]) -> [Statement] {
    zip(Vocabulary.code, labels).map { Statement(code: "code:\($0)", value: $1 ? 1 : 0) }
  }

  /// A number of 1 … 4,499,999 for each of these, no two the same, that looks drawn: what exams and patients are known by.
  static func number(_ ordinal: Int, _ purpose: String, seed: UInt64) -> Int {
    // A map of a prime's residues to each other, walked on until it leads to a number that is allowed.
    let prime = 4_500_007
    var generator = SplitMix64("simulation.code.\(purpose)", seed)
    let factor = 1 + generator.index(below: prime - 1)
    let shift = generator.index(below: prime)
    var number = ordinal % prime
    repeat { number = (number * factor + shift) % prime } while number == 0 || number >= capacity
    return number
  }

  static let capacity = 4_500_000
}

/// Rows of ``CODETracing`` in HDF5 files, part by part.
final class CODETracingFiles: SimulationCollector {
  /// One file: its name, its exams, and whether it ends in a row of zeros that is no exam.
  struct Part: Sendable {
    var name: String
    var exams: Int
    var hasPlaceholder: Bool
  }

  private let directory: String
  private let hasIDs: Bool
  private var parts: ArraySlice<Part>
  private var open: (file: HDF5Writer, tracings: HDF5DatasetWriter, ids: HDF5DatasetWriter?, part: Part)?
  private var done: [String] = []

  init(_ directory: String, parts: [Part], hasIDs: Bool) {
    self.directory = directory
    self.parts = parts[...]
    self.hasIDs = hasIDs
  }

  func append(_ content: SimulatedContent) throws {
    if open == nil { try begin() }
    guard let open else { return }
    try open.tracings.append(content.row)
    try open.ids?.append([content.rowID])
    if open.tracings.rowCount == open.part.exams { try finish() }
  }

  private func begin() throws {
    guard let part = parts.popFirst() else { return }
    let rows = part.exams + (part.hasPlaceholder ? 1 : 0)
    let file = try HDF5Writer(File.join(directory, part.name))
    let ids = hasIDs ? try file.dataset("exam_id", shape: [rows], type: .int64) : nil
    let tracings = try file.dataset(
      "tracings", shape: [rows, CODETracing.frames, Lead.count], type: .float32)
    open = (file, tracings, ids, part)
  }

  private func finish() throws {
    guard let open else { return }
    // The row that is no exam stays as the file was made: zeros.
    try open.file.close()
    done.append(open.part.name)
    self.open = nil
  }

  func close() throws -> [String] {
    try finish()
    return done
  }
}
