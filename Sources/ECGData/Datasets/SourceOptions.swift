/// What the user tells of a source that its files do not tell, or against what they tell; part of the recipe, since it
/// decides bytes.
///
/// As YAML, every key optional:
///
///     source:
///       rate: 400             # Hz of sources whose files state none
///       unit_uv: 500          # µV per unit of sources whose files state none
///       leads: [I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6]   # the columns, in order
///       signal: tracings      # the HDF5 dataset that holds the signals
///       ids: exam_id          # the HDF5 dataset that holds the records' ids
///       errata: true          # whether published corrections are applied
public struct SourceOptions: Codable, Sendable, Equatable {
  /// Sampling rate in Hz of a source whose files state none; nil for the collection's own.
  public var rate: Double?
  /// µV per unit of a source whose files state no unit; nil for the collection's own.
  public var microvoltsPerUnit: Double?
  /// The leads of a source's columns, in order; nil for the collection's own order.
  public var leads: [String]?
  /// Name of the HDF5 dataset that holds the signals; nil for the collection's own.
  public var signal: String?
  /// Name of the HDF5 dataset that holds the records' ids; nil for the collection's own.
  public var ids: String?
  /// Whether the corrections of the errata tables are applied.
  public var errata: Bool = true

  /// The collections' own values.
  public init() {}

  /// An option by the key that recipes have for it.
  public enum Key: String, Sendable, CaseIterable {
    case rate
    case unit = "unit_uv"
    case leads, signal, ids
  }

  /// The options that are told; errata are left out, since every collection heeds that.
  public var told: Set<Key> {
    var told: Set<Key> = []
    if rate != nil { told.insert(.rate) }
    if microvoltsPerUnit != nil { told.insert(.unit) }
    if leads != nil { told.insert(.leads) }
    if signal != nil { told.insert(.signal) }
    if ids != nil { told.insert(.ids) }
    return told
  }

  /// Refuses options that none of the sources heeds: their files state it themselves.
  ///
  /// - Parameter sources: all that the options are told of.
  /// - Throws: `ECGError.Code.invalidArgument` naming the option.
  func checkHeeded(by sources: [any Dataset]) throws {
    let heeded = Set(sources.flatMap { type(of: $0).heededOptions })
    guard let idle = told.subtracting(heeded).map(\.rawValue).min() else { return }
    let names = Set(sources.map { type(of: $0).name }).sorted().joined(separator: ", ")
    throw ECGError(
      .invalidArgument, "source option \"\(idle)\" is told, but the files of \(names) state it themselves")
  }

  private enum CodingKeys: String, CodingKey {
    case rate
    case microvoltsPerUnit = "unit_uv"
    case leads, signal, ids, errata
  }

  /// Encodes every key, null where nothing is told, so that a printed recipe shows what there is to tell.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(rate, forKey: .rate)
    try keys.encode(microvoltsPerUnit, forKey: .microvoltsPerUnit)
    try keys.encode(leads, forKey: .leads)
    try keys.encode(signal, forKey: .signal)
    try keys.encode(ids, forKey: .ids)
    try keys.encode(errata, forKey: .errata)
  }

  /// µV per unit, of a unit's name such as `mV` or a number of µV.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` for anything else.
  public static func microvolts(_ text: String) throws -> Double {
    guard let value = Voltage.microvolts(perUnit: text) ?? Double(text) else {
      throw ECGError(.invalidArgument, "the unit \"\(text)\" is neither a voltage nor a number of µV")
    }
    return value
  }

  /// Refuses values that no source has.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` naming the option.
  public func validate() throws {
    if let rate, !(1...1e6).contains(rate) {
      throw ECGError(.invalidArgument, "a source's rate of \(rate) Hz is not between 1 and 1000000")
    }
    if let unit = microvoltsPerUnit, !(1e-6...1e6).contains(unit) {
      throw ECGError(.invalidArgument, "a source's unit of \(unit) µV is not between 1e-6 and 1e6")
    }
    if let leads {
      _ = try LeadNormalizer(names: leads, derive: false)
      if let unknown = leads.first(where: { LeadName($0) == nil }) {
        throw ECGError(
          .invalidArgument, "a source's lead \"\(unknown)\" is \(LeadName.reason(against: unknown))")
      }
    }
  }
}
