/// The `tracings` of an HDF5 file of the CODE group: [records, samples, 12], 400 Hz, zeros filling records up.
///
/// What the files leave open is decided once a file and told with every record:
/// - **Unit.** The documents contradict each other (10⁻⁴ V; "multiply by 1000"), the preprocessing was run with a scale of
///   2, and read as millivolt the amplitudes are 1.6 to 2 times those of other collections: 0.5 mV per unit is taken
///   unless ``SourceOptions/microvoltsPerUnit`` says otherwise.
/// - **Lead order.** One document has aVL, aVF, aVR in the columns of the augmented leads, a later one aVR, aVL, aVF.
///   Goldberger's aVR = −(I + II)/2 decides, unless ``SourceOptions/leads`` does.
/// - **Padding.** Runs of frames at both ends in which all leads are zero are cut off, however long they are.
///
/// Source: Ribeiro et al., Nat. Commun. 11, 1760, 2020, and the notes of CODE-15 % (Zenodo 4916206).
struct CODETracings: Sendable {
  /// The file, relative to the collection.
  let file: String
  /// Records in the file.
  let count: Int
  /// Samples of a record, padding included.
  let frames: Int
  /// What the file was before it was opened.
  let stamp: FileStamp?
  private let leads: [String]
  private let microvoltsPerUnit: Double
  /// Sampling rate in Hz.
  let rate: Double
  /// What was decided, as every record's findings tell it.
  private let decisions: [(rule: Rule, message: String)]
  private let rows: HDF5NumberRows

  static let rate = 400.0
  static let signal = "tracings"
  static let microvoltsPerUnit = 500.0
  private static let limb = ["I", "II", "III"]
  private static let chest = ["V1", "V2", "V3", "V4", "V5", "V6"]
  /// The orders of the augmented leads that the documents have, the later document's first.
  private static let augmented = [["aVR", "aVL", "aVF"], ["aVL", "aVF", "aVR"]]
  /// Records that are asked for the order of their leads.
  private static let jury = 32

  /// Opens a file.
  ///
  /// - Throws: `ECGError` if it has no dataset of this shape.
  init(_ file: String, below root: String, options: SourceOptions) throws {
    self.file = file
    let path = File.join(root, file)
    stamp = FileStamp(of: path)
    let name = options.signal ?? CODETracings.signal
    let dataset = try HDF5File(path).dataset(name)
    guard dataset.shape.count == 3, dataset.shape[2] == Lead.count else {
      throw ECGError(
        .malformed, "its dataset '\(name)' has shape \(dataset.shape), not [records, samples, \(Lead.count)]",
        file: path)
    }
    try dataset.checkClaim()
    count = dataset.shape[0]
    frames = dataset.shape[1]
    rate = options.rate ?? CODETracings.rate
    rows = HDF5NumberRows(dataset)
    var decisions: [(rule: Rule, message: String)] = []
    if let unit = options.microvoltsPerUnit {
      microvoltsPerUnit = unit
    } else {
      microvoltsPerUnit = CODETracings.microvoltsPerUnit
      decisions.append((.unitsAssumed, "0.5 mV per unit is assumed: the documents contradict each other"))
    }
    if let leads = options.leads {
      guard leads.count == Lead.count else {
        throw ECGError(.invalidArgument, "\(leads.count) leads are told of \(Lead.count) columns", file: path)
      }
      self.leads = leads
    } else {
      let (order, votes, jury) = try CODETracings.order(rows, count: count, frames: frames)
      leads = CODETracings.limb + CODETracings.augmented[order] + CODETracings.chest
      decisions.append(
        (
          .leadsOrder,
          "the augmented leads are taken to stand as \(CODETracings.augmented[order].joined(separator: ", ")): "
            + (jury == 0
              ? "no record tells"
              : "so the limb laws hold in \(votes) of \(jury) records looked at")
        ))
    }
    self.decisions = decisions
  }

  /// Reads a record, cut to what lies between its padding.
  ///
  /// - Throws: `ECGError` with rule `samples.zero` for a record of nothing but zeros.
  func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    guard let row = record.row else { throw ECGError(.notFound, "has no row", file: file, record: record.id) }
    let (range, values) = try rows.frames(ofRow: row, width: Lead.count, times: microvoltsPerUnit)
    guard !range.isEmpty else {
      throw ECGError(.malformed, "all samples are zero", record: record.id, rule: .samplesZero)
    }
    var findings = decisions.map { Finding(record: record.id, rule: $0.rule, $0.message) }
    let (before, behind) = (range.lowerBound, frames - range.upperBound)
    // A signal may begin or end with zeros of its own.
    if abs(before - behind) > 10 {
      findings.append(
        Finding(
          record: record.id, rule: .samplesPadded,
          "\(before) samples of zeros before the signal and \(behind) behind it: others lie in the middle"))
    }
    if range.count < frames {
      findings.append(
        Finding(
          record: record.id, rule: .samplesTrimmed,
          "\(before) + \(behind) samples of zeros at the ends are cut off"))
    }
    let recording = try Recording(
      id: record.id, rate: rate,
      channels: leads.map { Recording.Channel(name: $0, unit: "uV", gain: 1) }, samples: .physical(values))
    return (recording, findings)
  }

  /// The block that a row is read with; nil if it is read by itself.
  func block(of record: SourceRecord) -> String? {
    guard let row = record.row, let block = rows.block(of: row) else { return nil }
    return "\(file)#\(block)"
  }

  /// The order in which Goldberger's laws leave the least, record by record.
  private static func order(_ rows: HDF5NumberRows, count: Int, frames: Int) throws -> (
    order: Int, votes: Int, jury: Int
  ) {
    var votes = [Int](repeating: 0, count: augmented.count)
    // Spread over the file, few blocks being read.
    for number in 0..<min(jury, count) {
      let values = try rows.row(rows.isBlocked ? number : number * count / min(jury, count))
      let residuals = augmented.map { residual(values, order: $0) }
      guard let least = residuals.min(), residuals.contains(where: { $0 > 4 * least }) else { continue }
      votes[residuals.firstIndex(of: least) ?? 0] += 1
    }
    let most = votes.max() ?? 0
    return (votes.firstIndex(of: most) ?? 0, most, votes.reduce(0, +))
  }

  /// The sum of squares that the three laws leave where the augmented leads stand so.
  private static func residual(_ values: [Double], order: [String]) -> Double {
    let columns = ["aVR", "aVL", "aVF"].map { 3 + (order.firstIndex(of: $0) ?? 0) }
    var sum = 0.0
    for frame in stride(from: 0, to: values.count - Lead.count + 1, by: Lead.count) {
      let (i, ii) = (values[frame], values[frame + 1])
      let aVR = values[frame + columns[0]] + (i + ii) / 2
      let aVL = values[frame + columns[1]] - (i - ii / 2)
      let aVF = values[frame + columns[2]] - (ii - i / 2)
      sum += aVR * aVR + aVL * aVL + aVF * aVF
    }
    return sum
  }
}
