internal import COneDNN
internal import ECGData

/// A network whose weights follow another's slowly: the target network of BYOL (Grill et al., 2020, section 3.1).
///
///     target ← τ · target + (1 − τ) · online
///
/// for every parameter, biases included. The target's parameters are frozen: they take no gradient. The paper says
/// nothing of running statistics; they are averaged alike, so that they belong to the weights beside them whether or not
/// the target sees batches of its own. Only `num_batches_tracked` is copied. Recorded passes still normalise by the
/// statistics of the batch, see ``BYOL``.
@ComputeActor public final class MovingAverage {
  private typealias Pair = (target: Tensor, online: Tensor)

  private let averaged: [Pair]
  private let copied: [Pair]

  /// Makes one network the average of another, beginning as its copy.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `mismatch` if the networks differ in names or shapes.
  public init(of online: any Module, in target: any Module) throws {
    try target.load(online.state())
    for (_, parameter) in target.parameters { parameter.isFrozen = true }
    let sources = Dictionary(online.tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    let pairs = target.tensors.compactMap { name, _, tensor in
      sources[name].map { (name: name, pair: (target: tensor, online: $0)) }
    }
    func isCount(_ name: String) -> Bool { name.hasSuffix("num_batches_tracked") }
    averaged = pairs.filter { !isCount($0.name) }.map(\.pair)
    copied = pairs.filter { isCount($0.name) }.map(\.pair)
  }

  /// Takes one step towards the online network.
  ///
  /// - Parameter decay: τ, for instance ``BYOL/decay(step:of:)``.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if τ is not 0 to 1.
  public func update(decay: Double) throws {
    guard (0...1).contains(decay) else {
      throw ECGError(.invalidArgument, "a moving average keeps a share of 0 to 1, not \(decay)")
    }
    let rate = Float(1 - decay)
    for (target, online) in averaged {
      ein_approach(target.storage.floats, online.storage.floats, rate, target.count)
    }
    for (target, online) in copied {
      target.storage.floats.update(from: online.storage.floats, count: target.count)
    }
  }
}
