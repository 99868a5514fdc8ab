import Foundation

/// A wrong unit or gain that is known to occur.
public struct GainFault: Sendable, Equatable {
  /// What the true samples were multiplied by.
  public var factor: Double
  /// Where it comes from.
  public var cause: String

  /// Describes a fault.
  public init(factor: Double, cause: String) {
    self.factor = factor
    self.cause = cause
  }

  /// The faults that collections have had, and slips by powers of ten.
  ///
  /// The wrong gains are those of early releases of the PhysioNet/CinC Challenge 2020 (all 1000/mV since August
  /// 2020) and of its INCART headers; a file that states too large a gain shows its signal too small.
  public static let known: [GainFault] = [
    GainFault(factor: 2, cause: "CODE's unit of 0.5 mV read as 1 mV"),
    GainFault(factor: 0.5, cause: "mV read as CODE's unit of 0.5 mV"),
    GainFault(factor: 4.88, cause: "counts of 4.88 µV multiplied twice"),
    GainFault(factor: 1 / 4.88, cause: "a gain of 4880 per mV instead of 1000 (early Georgia)"),
    GainFault(factor: 5, cause: "a gain of 200 per mV instead of 1000 (early PTB-XL, WFDB's default)"),
    GainFault(factor: 0.2, cause: "a gain of 1000 per mV instead of 200"),
    GainFault(factor: 10, cause: "a slip by ten"),
    GainFault(factor: 0.1, cause: "a slip by ten"),
    GainFault(factor: 100, cause: "a slip by a hundred"),
    GainFault(factor: 0.01, cause: "a slip by a hundred"),
    GainFault(factor: 200, cause: "counts at 200 per mV read as mV"),
    GainFault(factor: 1 / 200.0, cause: "a gain of 200 applied twice"),
    GainFault(factor: 306, cause: "counts at 306 per mV read as mV"),
    GainFault(factor: 1 / 306.0, cause: "a gain of 306000 per mV instead of 1000 (early INCART)"),
    GainFault(factor: 1000, cause: "µV read as mV"),
    GainFault(factor: 0.001, cause: "mV read as µV"),
    GainFault(factor: 2000, cause: "counts at 2000 per mV read as mV"),
    GainFault(factor: 1 / 2000.0, cause: "a gain of 2000000 per mV instead of 1000 (early PTB)"),
    GainFault(factor: 1e6, cause: "µV read as V"),
    GainFault(factor: 1e-6, cause: "V read as µV"),
  ]

  /// The known faults that explain an amplitude, the nearest first.
  ///
  /// - Parameters:
  ///   - ratio: amplitude over the amplitude that is expected.
  ///   - tolerance: how far factor and ratio may differ, as the decadic logarithm of their quotient.
  /// - Returns: none if none comes near enough.
  static func explaining(ratio: Double, within tolerance: Double) -> [GainFault] {
    func distance(_ fault: GainFault) -> Double { abs(log10(ratio / fault.factor)) }
    return known.enumerated().filter { distance($0.element) <= tolerance }
      .sorted { (distance($0.element), $0.offset) < (distance($1.element), $1.offset) }.map(\.element)
  }
}
