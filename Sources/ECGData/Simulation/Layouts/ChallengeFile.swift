/// A record in the form of the PhysioNet/CinC challenges: a WFDB header over a MATLAB v4 matrix `val` [12, samples] of int16,
/// which is format 16 behind 24 bytes.
///
/// Source: the challenges' training data, whose headers came in two forms: those of 2020, and those that were written anew
/// for 2021.
struct ChallengeFile {
  /// How a header is written.
  enum Form: Sendable {
    /// `A0001 12 500 7500 12-May-2020 12:33:59`, `16+24 1000/mV`, `#Age: 74`; the date is left out where there is none.
    case early(date: String?)
    /// `E07500 12 500 5000`, `16x1+24 1000.0(0)/mV`, `# Age: 74`.
    case late
  }

  var form: Form
  /// Counts in one mV.
  var gain = 1000
  /// The unit as it is spelled: `mV`, or `mv` in the records of PTB and PTB-XL.
  var unit = "mV"
  /// Whether there is a line for symptoms.
  var hasSymptoms = true
  /// Words for male and female.
  var sexes = ("Male", "Female")

  /// The two files of a record.
  ///
  /// - Parameters:
  ///   - record: whose they are.
  ///   - folder: where they lie.
  ///   - counts: time-major [T, 12]; ``Recording/missing`` becomes −32768.
  ///   - rate: in Hz.
  ///   - codes: SNOMED CT codes.
  /// - Returns: the header, then the matrix.
  /// - Throws: ``ECGError`` (`invalidArgument`) for more samples than a matrix has.
  func files(
    of record: SimulatedRecord, in folder: String, counts: [Int32], rate: Int, codes: [String]
  ) throws -> [SimulatedContent.File] {
    let stored = counts.map { $0 == Recording.missing ? Int16.min : Int16(clamping: $0) }
    let frames = stored.count / Lead.count
    let isLate: Bool
    var text = "\(record.id) \(Lead.count) \(rate) \(frames)"
    switch form {
    case .early(let date):
      isLate = false
      text += date.map { " \($0)" } ?? ""
    case .late: isLate = true
    }
    text += "\n"
    let format = isLate ? "16x1+24 \(gain).0(0)/\(unit)" : "16+24 \(gain)/\(unit)"
    for (lead, name) in Lead.names.enumerated() {
      var sum: Int16 = 0
      for place in stride(from: lead, to: stored.count, by: Lead.count) { sum &+= stored[place] }
      text += "\(record.id).mat \(format) 16 0 \(stored.isEmpty ? 0 : stored[lead]) \(sum) 0 \(name)\n"
    }
    let sex = record.sex.map { $0 == .male ? sexes.0 : sexes.1 } ?? "Unknown"
    let comments = [
      "Age: \(record.ageText)", "Sex: \(sex)", "Dx: \(codes.joined(separator: ","))", "Rx: Unknown",
      "Hx: Unknown",
    ]
    for comment in hasSymptoms ? comments + ["Sx: Unknown"] : comments {
      text += isLate ? "# \(comment)\n" : "#\(comment)\n"
    }
    let matrix = MATArray(dimensions: [Lead.count, frames], .int16(stored))
    let path = File.join(folder, record.id)
    return [
      SimulatedContent.File(path: "\(path).hea", bytes: Array(text.utf8)),
      SimulatedContent.File(
        path: "\(path).mat",
        bytes: try MATWriter.level4([MATFile.Variable(name: "val", value: .numeric(matrix))])),
    ]
  }

  /// The labels that an adapter reads.
  static func labels(_ codes: [String]) -> [Statement] {
    codes.map { Statement(code: "snomed:\($0)", value: 1) }
  }
}
