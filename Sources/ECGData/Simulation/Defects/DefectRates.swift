/// How often each kind of defect is planted, as shares of the records.
///
///     try DefectRates("all=0.01,duplicate=0.05,saturated=0")
public struct DefectRates: Sendable, Equatable {
  private var all: Double?
  private var stated: [SimulatedDefect.Kind: Double] = [:]

  /// Each kind as often as published collections have it, or rarely.
  public init() {}

  /// Reads rates as the command line has them: `KIND=SHARE` joined by commas, `all` for every kind that the layout can
  /// have; kinds that are not named are not planted, and what stands later counts.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) for an unknown kind or a share that is not 0 to 1.
  public init(_ text: String) throws {
    all = 0
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false).map {
        String($0).trimmingSpaces()
      }
      guard sides.count == 2, let rate = Double(sides[1]), (0...1).contains(rate) else {
        throw ECGError(
          .invalidArgument, "\"\(part)\" is no rate of a defect",
          advice: "write KIND=SHARE, the share from 0 to 1")
      }
      if sides[0] == "all" {
        all = rate
        stated = [:]
      } else if let kind = SimulatedDefect.Kind(rawValue: sides[0]) {
        stated[kind] = rate
      } else {
        throw ECGError(
          .invalidArgument, "there is no defect \"\(sides[0])\"",
          advice: "there are all, \(SimulatedDefect.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
      }
    }
  }

  /// The share of a layout's records that each kind gets, in the catalogue's order, without those that get none.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) for a kind that is asked for and that the layout cannot have, and if the
  ///   shares add up to more than all records.
  func shares(in layout: String) throws -> [(kind: SimulatedDefect.Kind, share: Double)] {
    let shares = try SimulatedDefect.Kind.allCases.compactMap { kind -> (SimulatedDefect.Kind, Double)? in
      let isPossible = kind.layouts.contains(layout)
      if let share = stated[kind], share > 0, !isPossible {
        let possible = SimulatedDefect.Kind.allCases.filter { $0.layouts.contains(layout) }.map(\.rawValue)
        throw ECGError(
          .invalidArgument, "records of \(layout) cannot have the defect \(kind.rawValue)",
          advice: "they can have \(possible.joined(separator: ", "))")
      }
      let share = stated[kind] ?? all ?? kind.defaultRate
      return isPossible && share > 0 ? (kind, share) : nil
    }
    let sum = shares.reduce(0) { $0 + $1.1 }
    guard sum <= 1 + 1e-9 else {
      throw ECGError(
        .invalidArgument, "the rates of \(shares.count) kinds add up to \(sum) defects a record",
        advice: "a record has one at most: choose rates that add up to 1")
    }
    return shares
  }
}
