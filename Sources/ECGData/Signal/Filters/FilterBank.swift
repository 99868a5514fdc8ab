/// Filters in order, as a recipe lists them under `filters`.
///
///     let bank: FilterBank = [
///       .recursive(.bandpass(low: 0.5, high: 40)), .notch(frequency: 50),
///     ]
///     let filter = try bank.design(rate: 500)
///     let clean = filter(lead)
///
/// A bank is what is written down; ``design(rate:)`` makes of it what filters signals of one sampling rate.
public struct FilterBank: Sendable, Equatable, ExpressibleByArrayLiteral {
  /// The filters, the first one first.
  public var steps: [FilterStep]

  /// Creates a bank; without any step it changes nothing.
  public init(_ steps: [FilterStep] = []) {
    self.steps = steps
  }

  /// Creates a bank of the steps listed.
  public init(arrayLiteral steps: FilterStep...) {
    self.steps = steps
  }

  /// Designs every filter for a sampling rate.
  ///
  /// - Parameter rate: in Hz.
  /// - Returns: the bank for signals of this rate.
  /// - Throws: ``ECGError`` (`invalidArgument`) that names the filter, by its place from 1 and its name, and the
  ///   number at fault, such as an edge that is not below half the rate.
  public func design(rate: Double) throws -> DesignedFilterBank {
    var designed: [DesignedFilterBank.Step] = []
    for (index, step) in steps.enumerated() {
      do {
        designed.append(try step.design(rate: rate))
      } catch var error as ECGError {
        error.message = "filter \(index + 1) (\(step.name)): \(error.message)"
        throw error
      }
    }
    return DesignedFilterBank(rate: rate, steps: designed)
  }
}

extension FilterBank: Codable {
  /// Decodes a list of steps.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` that names what is unknown, missing or out of range.
  public init(from decoder: any Decoder) throws {
    steps = try decoder.singleValueContainer().decode([FilterStep].self)
  }

  /// Encodes a list of steps.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(steps)
  }
}
