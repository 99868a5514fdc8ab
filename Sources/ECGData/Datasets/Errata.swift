/// The published defects of a collection, each with a name: a versioned table a collection, compiled into the library.
///
/// A ledger names the errata that concern a record. Most only tell why a check finds what it finds; those that correct
/// something, a wrong gain, do so unless ``SourceOptions/errata`` is off.
///
/// Sources are told in each table.
struct Errata: Decodable, Sendable {
  /// The adapters whose records the table is about.
  var collections: [String]
  /// The date of the table.
  var version: String
  /// The defects.
  var errata: [Erratum]

  /// No defects.
  static let none = Errata(collections: [], version: "", errata: [])

  /// All tables.
  static let all: [Errata] = EmbeddedTable.values(Errata.self, PackageResources.errata_yaml)

  /// The table of an adapter.
  static func of(_ name: String) -> Errata { all.first { $0.collections.contains(name) } ?? none }

  /// The errata about a record, given what was read of it.
  func concerning(_ id: String, _ recording: Recording) -> [Erratum] {
    errata.filter { $0.concerns(id) && $0.agrees(with: recording) }
  }

  /// The name of the erratum about an unknown label code; nil if none is.
  func name(ofCode code: String) -> String? { errata.first { $0.codes?.contains(code) ?? false }?.name }
}

/// One published defect.
struct Erratum: Decodable, Sendable {
  /// The name that ledgers use.
  var name: String
  /// What is wrong, in a sentence.
  var about: String
  /// Ids of the records; one that ends in `*` stands for all that begin so.
  var records: [String]?
  /// Label codes that are in no table.
  var codes: [String]?
  /// The wrong gain in counts per unit; the erratum is about records of which a channel has it.
  var gain: Double?
  /// The right gain, if it is known.
  var correctGain: Double?

  private enum CodingKeys: String, CodingKey {
    case name, about, records, codes, gain
    case correctGain = "correct_gain"
  }

  /// Whether a record of this id may have the defect.
  func concerns(_ id: String) -> Bool {
    // Where names repeat, an id is a path.
    let name = File.name(of: id)
    return records?.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 } ?? false
  }

  /// Whether what was read has the defect, as far as a header tells.
  func agrees(with recording: Recording) -> Bool {
    gain.map { gain in recording.channels.contains { $0.gain == gain } } ?? true
  }

  /// Corrects what can be corrected, and tells it.
  func apply(to recording: inout Recording) -> Finding {
    guard let gain, let correctGain else {
      return Finding(record: recording.id, rule: .erratumKnown, "\(name): \(about)")
    }
    for index in recording.channels.indices where recording.channels[index].gain == gain {
      recording.channels[index].gain = correctGain
    }
    return Finding(
      record: recording.id, rule: .erratumApplied,
      "\(name): \(about): \(Erratum.text(correctGain)) per unit is taken instead of \(Erratum.text(gain))")
  }

  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
