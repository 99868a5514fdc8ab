internal import Foundation

/// How the learning rate changes in the course of a training.
///
///     optimizer.learningRate = recipe.learningRate * schedule.factor(step: step, of: steps)
public struct Schedule: Codable, Sendable, Equatable {
  /// A course of the learning rate.
  public enum Shape: String, Codable, Sendable, CaseIterable {
    /// The same throughout.
    case constant
    /// A linear rise over the warm-up, then half a cosine down to 0 (Loshchilov and Hutter, 2017).
    case warmupCosine = "warmup_cosine"
    /// Half a cosine up and a longer one down, far below the beginning (Smith and Topin, 2018): PyTorch's
    /// `OneCycleLR`.
    case oneCycle = "one_cycle"
  }

  /// The course.
  public var shape: Shape
  /// Epochs of the warm-up of `warmup_cosine`.
  public var warmup: Int
  /// Share of the steps in which `one_cycle` rises.
  public var rise = 0.3
  /// By what `one_cycle` divides the highest rate to begin.
  public var initialDivisor = 25.0
  /// By what `one_cycle` divides the first rate to end.
  public var finalDivisor = 1e4

  private enum CodingKeys: String, CodingKey {
    case shape, warmup, rise
    case initialDivisor = "initial_divisor"
    case finalDivisor = "final_divisor"
  }

  /// A course with PyTorch's further settings.
  public init(_ shape: Shape = .constant, warmup: Int = 0) {
    self.shape = shape
    self.warmup = warmup
  }

  /// What multiplies the learning rate at a step.
  ///
  /// - Parameters:
  ///   - step: counted from 0; those after the last are as the last.
  ///   - steps: how many there are.
  ///   - stepsPerEpoch: the steps of an epoch.
  /// - Returns: the factor, 1 at the highest.
  public func factor(step: Int, of steps: Int, stepsPerEpoch: Int = 1) -> Float {
    let last = max(steps, 1) - 1
    let step = min(max(step, 0), last)
    switch shape {
    case .constant:
      return 1
    case .warmupCosine:
      let (product, overflow) = warmup.multipliedReportingOverflow(by: stepsPerEpoch)
      let warmup = overflow ? Int.max : product
      if step < warmup { return Float(step + 1) / Float(warmup) }
      let begin = Double(warmup)
      return Float(Self.cosine(from: 1, to: 0, at: (Double(step) - begin) / (Double(last) + 1 - begin)))
    case .oneCycle:
      let first = 1 / initialDivisor
      // The top and the end of the cycle, in steps; the top may lie between two.
      let top = rise * Double(last + 1) - 1
      let end = Double(last)
      if Double(step) <= top {
        return Float(Self.cosine(from: first, to: 1, at: top > 0 ? Double(step) / top : 1))
      }
      return Float(Self.cosine(from: 1, to: first / finalDivisor, at: (Double(step) - top) / (end - top)))
    }
  }

  /// Half a cosine from one value (at 0) to another (at 1).
  private static func cosine(from first: Double, to last: Double, at place: Double) -> Double {
    last + (first - last) / 2 * (1 + cos(.pi * place))
  }

  /// Refuses values that make no course, through what the whole recipe refuses by.
  func check(_ require: (Bool, String) throws -> Void) rethrows {
    try require((0...1_000_000_000).contains(warmup), "schedule.warmup is not negative")
    try require((0...1).contains(rise), "schedule.rise is 0 to 1")
    try require(
      initialDivisor >= 1 && initialDivisor.isFinite && finalDivisor >= 1 && finalDivisor.isFinite,
      "schedule.initial_divisor and final_divisor are 1 or more")
  }
}
