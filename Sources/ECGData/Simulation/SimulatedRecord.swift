/// One record of a simulated collection: whose it is, and what was recorded.
///
/// Layouts write what it says; what ``ecg`` says is the truth about it. They are the same unless a defect was planted
/// between them.
public struct SimulatedRecord: Sendable {
  /// Its place in the collection, from 0.
  public let index: Int
  /// The number of its patient, from 1.
  public var patient: Int
  /// The collection's own id, as an adapter gives it back.
  public var id: String
  /// The recording, and the truth about it.
  public var ecg: SimulatedECG
  /// The age as the collection states it, in years; nil where it is not told.
  public var age: Double?
  /// The sex as the collection states it; nil where it is not told.
  public var sex: SimulatedPatient.Sex?
  /// The statements as the collection makes them, by the codes of PTB-XL; each layout has its own words for them.
  public var statements: [SimulatedECG.Statement]
  private let layout: String
  private let seed: UInt64

  init(index: Int, patient: Int, id: String, ecg: SimulatedECG, layout: String, seed: UInt64) {
    self.index = index
    self.patient = patient
    self.id = id
    self.ecg = ecg
    self.layout = layout
    self.seed = seed
    age = Double(ecg.patient.age)
    sex = ecg.patient.sex
    statements = ecg.statements
  }

  /// Draws of one purpose about this record, such as its device; no other purpose changes them.
  func generator(_ purpose: String) -> SplitMix64 {
    SplitMix64("simulation.\(layout).\(purpose)", seed, UInt64(index))
  }

  /// The age as a table has it, in whole years unless a defect made it another number.
  var ageText: String { age.map(DecimalNumber.text) ?? "NaN" }

  /// Whether one of the codes is stated.
  func states(_ codes: String...) -> Bool { statements.contains { codes.contains($0.code) } }
}

/// A record's twelve leads as a recorder delivers them to a layout.
struct SimulatedSignal: Sendable {
  /// Sampling rate in Hz.
  var rate: Double
  /// Time-major `[T, 12]` in mV: I, II, III, aVR, aVL, aVF, V1 … V6; NaN where a sample is missing.
  var samples: [Double]

  /// Samples of a lead.
  var count: Int { samples.count / Lead.count }

  /// Whole steps of a converter, rounded half to even, at most `limit` of them either way.
  ///
  /// - Parameters:
  ///   - gain: steps in one mV.
  ///   - limit: the greatest count.
  /// - Returns: counts, ``Recording/missing`` where a sample is missing.
  func counts(gain: Double = 1000, limit: Double = 32_767) -> [Int32] {
    samples.map { value in
      value.isNaN
        ? Recording.missing : Int32(min(max((value * gain).rounded(.toNearestOrEven), -limit), limit))
    }
  }
}

/// What one record adds to a collection's tree.
struct SimulatedContent: Sendable {
  /// A file that is the record's alone.
  struct File: Sendable {
    /// Where it lies in the collection.
    var path: String
    var bytes: [UInt8]
    /// What the collection's published digest is of, where the file was changed since.
    var published: [UInt8]?
  }

  /// A line of a table, with its line end.
  struct Line: Sendable {
    /// The table's place in the collection.
    var table: String
    /// Which of the table's sections it belongs to.
    var section = 0
    var text: String
  }

  var files: [File] = []
  var lines: [Line] = []
  /// The labels that an adapter reads back; they go to the truth.
  var labels: [Statement] = []
  /// A row of a file that holds many records, and what it is known by there.
  var row: [Float] = []
  var rowID: Int64 = 0
  /// A row of a workbook.
  var cells: [XLSXCell] = []
  /// The defect that was planted in the record.
  var defect: DefectTruth.Row?
}
