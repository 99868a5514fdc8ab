/// The shape of a recursive filter.
public enum FilterFamily: Sendable, Equatable {
  /// Maximally flat.
  case butterworth
  /// Ripples in the pass-band, by that many dB.
  case chebyshev1(ripple: Double)
  /// Ripples in the stop-band, that many dB below 1.
  case chebyshev2(attenuation: Double)
  /// Ripples in both, and is the steepest.
  case elliptic(ripple: Double, attenuation: Double)

  func prototype(order: Int) -> AnalogPrototype {
    switch self {
    case .butterworth: .butterworth(order: order)
    case .chebyshev1(let ripple): .chebyshev1(order: order, ripple: ripple)
    case .chebyshev2(let attenuation): .chebyshev2(order: order, attenuation: attenuation)
    case .elliptic(let ripple, let attenuation):
      .elliptic(order: order, ripple: ripple, attenuation: attenuation)
    }
  }

  /// Refuses ripples that no filter can have.
  func check() throws {
    func check(_ name: String, _ value: Double) throws {
      // 300 dB is already beyond what a Double resolves.
      guard value >= 1e-6, value <= 300 else {
        throw ECGError(.invalidArgument, "\(name) of \(value) dB is not between 0.000001 and 300")
      }
    }
    switch self {
    case .butterworth: break
    case .chebyshev1(let ripple): try check("a ripple", ripple)
    case .chebyshev2(let attenuation): try check("an attenuation", attenuation)
    case .elliptic(let ripple, let attenuation):
      try check("a ripple", ripple)
      try check("an attenuation", attenuation)
      guard ripple <= attenuation - 0.1 else {
        throw ECGError(
          .invalidArgument,
          "a ripple of \(ripple) dB is not at least 0.1 dB below the attenuation of \(attenuation) dB")
      }
    }
  }
}
