internal import ECGData
internal import Foundation

/// The loss of BYOL: an online network predicts what a slower target network makes of another view of the same signal.
///
/// After Grill et al. (2020), section 3.1 and equation 2, without the constant: with predictions p of the online network and
/// projections z of the target network for the views 1 and 2 of N signals,
///
///     loss = mean over signals of (−2 cos(p₁, z₂)) + mean over signals of (−2 cos(p₂, z₁))
///
/// from −4, where all agree, to 4; the paper's own is this plus 4. The target takes no gradient: its weights are the
/// ``MovingAverage`` of the online network's, projector included, predictor excluded, at the rate ``decay(step:of:)``.
///
/// **Normalisation.** In the authors' implementation both networks are in training mode, so that either is normalised by
/// the statistics of its own batch, one view at a time, and each keeps running statistics of its own. To do so, give the
/// target a tape of its own, which nothing goes back from, and each network one view after the other.
public struct BYOL: Codable, Sendable, Equatable {
  /// What the moving average keeps at the first step.
  public var initialDecay: Double

  private enum CodingKeys: String, CodingKey { case initialDecay = "initial_decay" }

  /// The paper's rate, unless told otherwise.
  public init(initialDecay: Double = 0.996) { self.initialDecay = initialDecay }

  /// The τ for ``MovingAverage/update(decay:)`` after a step: 1 − (1 − τ₀) · (cos(π k / K) + 1) / 2 (section 3.3).
  ///
  /// - Parameters:
  ///   - step: k, counted from 0; those after the last are as K.
  ///   - steps: K, how many there are.
  /// - Returns: τ, from `initialDecay` up to 1.
  public func decay(step: Int, of steps: Int) -> Double {
    let place = Double(min(max(step, 0), max(steps, 1))) / Double(max(steps, 1))
    return 1 - (1 - initialDecay) * (cos(.pi * place) + 1) / 2
  }

  /// The loss of predictions [2 N, D] for targets [2 N, D]; a scalar of shape [1].
  ///
  /// - Parameters:
  ///   - predictions: of the online network, the second views of all signals behind the first.
  ///   - targets: projections of the target network, in the same order; no gradient passes to them.
  ///   - tape: What records it.
  /// - Returns: The loss.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ or the number of rows is odd.
  @ComputeActor public func callAsFunction(
    predictions: Tensor, targets: Tensor, tape: Tape? = nil
  ) throws -> Tensor {
    guard predictions.shape.count == 2, predictions.shape[0] % 2 == 0, targets.shape == predictions.shape
    else {
      throw ECGError(
        .invalidArgument,
        "predictions of shape \(predictions.shape) for targets of shape \(targets.shape) are not two views of each signal"
      )
    }
    // The mean over both views together is half of what each of the two means adds to the sum.
    return try predictions.cosineSimilarity(to: targets.withHalvesExchanged(), tape: tape)
      .scaled(by: -4, tape: tape)
  }
}

extension Tensor {
  /// The rows of the second half, then those of the first; no gradient passes.
  fileprivate func withHalvesExchanged() throws -> Tensor {
    let plain = try rowMajor()
    let half = count / 2
    let result = try Tensor(shape: shape)
    withExtendedLifetime(plain) {
      result.storage.floats.update(from: plain.storage.floats + half, count: half)
      (result.storage.floats + half).update(from: plain.storage.floats, count: half)
    }
    return result
  }
}
