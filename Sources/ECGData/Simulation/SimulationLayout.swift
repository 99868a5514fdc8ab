/// How a collection keeps its records: the one thing in which simulated collections differ.
///
/// A layout says what its records are like (ids, lengths, rates, whether patients come again), and turns each into files
/// and lines of tables. Writing them, in order, is ``Simulation``'s.
protocol SimulationLayout: Sendable {
  /// The name of the adapter that reads it: `ptb-xl`.
  static var name: String { get }
  /// The most records that its names can tell apart.
  static var capacity: Int { get }
  /// Whether some patients have several records.
  static var sharesPatients: Bool { get }
  /// Folders of records, the SHA-256 of whose files the collection publishes; empty if it publishes none.
  static var digestFolders: [String] { get }

  /// Prepares what all records of a collection need.
  init(records: Int, seed: UInt64) throws

  /// The record's id, as its adapter gives it back.
  func id(of index: Int) -> String
  /// The record's length in seconds.
  func duration(of index: Int, using generator: inout SplitMix64) -> Double
  /// The mains' frequency in Hz where the record was made.
  func mainsFrequency(of index: Int) -> Double
  /// Whether the collection would have a recording like this; drawn again if not.
  func admits(_ ecg: SimulatedECG) -> Bool
  /// The signal that a recorder of this collection delivers.
  func signal(of record: SimulatedRecord) throws -> SimulatedSignal
  /// The record's files, and its lines in the tables.
  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent

  /// Whether a record, the first, could be a copy of another, the second.
  func canCopy(_ index: Int, _ other: Int) -> Bool

  /// The tables of all records, and files that tell of none.
  var tables: [SimulatedTable] { get }
  /// What collects rows of files that hold many records; nil if there are no such files.
  func collector(in directory: String) throws -> (any SimulationCollector)?
}

extension SimulationLayout {
  static var capacity: Int { 10_000_000 }
  static var sharesPatients: Bool { false }
  static var digestFolders: [String] { [] }

  func duration(of index: Int, using generator: inout SplitMix64) -> Double { 10 }
  func mainsFrequency(of index: Int) -> Double { 50 }
  func admits(_ ecg: SimulatedECG) -> Bool { true }
  func signal(of record: SimulatedRecord) throws -> SimulatedSignal {
    SimulatedSignal(rate: 500, samples: record.ecg.samples(rate: 500))
  }
  func canCopy(_ index: Int, _ other: Int) -> Bool { true }
  func collector(in directory: String) throws -> (any SimulationCollector)? { nil }
}

/// What takes the records of a collection one after another.
protocol SimulationCollector: AnyObject {
  /// Takes the next record.
  func append(_ content: SimulatedContent) throws
  /// Completes the files.
  ///
  /// - Returns: their places in the collection.
  func close() throws -> [String]
}

/// A table of a collection.
struct SimulatedTable: Sendable {
  /// Its place in the collection.
  var path: String
  /// What stands before the records' lines; the whole file where there are none.
  var header = ""
  /// How many runs of lines it has, one behind another.
  var sections = 1
  /// How the lines of a section stand.
  var order = Order.records

  /// An order of lines.
  enum Order: Sendable, Equatable {
    /// As the records.
    case records
    /// Drawn from a seed.
    case drawn(UInt64)
  }
}
