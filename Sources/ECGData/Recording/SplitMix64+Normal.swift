import Foundation

extension SplitMix64 {
  /// A standard normal number, by Box and Muller's transform of two uniform ones.
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }

  /// An integer in `0 ..< bound`.
  ///
  /// - Precondition: `bound > 0`.
  public mutating func index(below bound: Int) -> Int {
    Int(next(below: UInt64(bound)))
  }
}
