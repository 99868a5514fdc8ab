import Foundation

/// The gain of a filter at one frequency, as a complex number.
public struct FrequencyResponse: Sendable, Equatable {
  /// The part in phase.
  public var real: Double
  /// The part a quarter-turn ahead.
  public var imaginary: Double

  /// The factor on the amplitude.
  public var magnitude: Double { (real * real + imaginary * imaginary).squareRoot() }
  /// How far the output is ahead, in radians from −π to π.
  ///
  /// It is for pictures: its last bit is the C library's.
  public var phase: Double { atan2(imaginary, real) }

  init(_ value: Complex) {
    real = value.real
    imaginary = value.imaginary
  }
}

extension SecondOrderSections {
  /// The gain of the causal filter; ``zeroPhase(_:)`` has the square of its magnitude, and phase 0.
  ///
  /// - Parameters:
  ///   - frequencies: in Hz.
  ///   - rate: the sampling rate that the filter is designed for, in Hz.
  /// - Returns: one value a frequency.
  public func response(at frequencies: [Double], rate: Double) -> [FrequencyResponse] {
    frequencies.map { frequency in
      let delay = Complex(
        PortableMath.cosPi(2 * frequency / rate), -PortableMath.sinPi(2 * frequency / rate))
      let square = delay * delay
      var value = Complex(1)
      for section in sections {
        let above = Complex(section.b0) + delay * section.b1 + square * section.b2
        let below = Complex(1) + delay * section.a1 + square * section.a2
        value = value * (above / below)
      }
      return FrequencyResponse(value)
    }
  }
}
