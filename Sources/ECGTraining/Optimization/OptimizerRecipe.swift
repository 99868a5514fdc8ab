/// How an ``Optimizer`` changes parameters; `optimizer` of a training recipe.
///
/// A key that the algorithm does not use has no effect.
public struct OptimizerRecipe: Codable, Sendable, Equatable {
  /// A rule by which gradients change parameters.
  public enum Algorithm: String, Codable, Sendable, CaseIterable {
    /// Adam (Kingma and Ba, 2015); weight decay is added to the gradient.
    case adam
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    case adamw
    /// Stochastic gradient descent with momentum, without dampening.
    case sgd
    /// Layer-wise adaptive rate scaling (You, Gitman and Ginsburg, 2017).
    case lars
  }

  /// The algorithm.
  public var algorithm: Algorithm
  /// The learning rate η.
  public var learningRate: Float
  /// The weight decay λ.
  public var weightDecay: Float
  /// Whether biases and the affine part of normalisations decay as well.
  public var decaysBiases = true
  /// Decay rate β₁ of the first moment, for `adam` and `adamw`.
  public var beta1: Float = 0.9
  /// Decay rate β₂ of the second moment, for `adam` and `adamw`.
  public var beta2: Float = 0.999
  /// The ε that keeps the quotient of `adam` and `adamw` finite.
  public var epsilon: Float = 1e-8
  /// The momentum μ, for `sgd` and `lars`.
  public var momentum: Float = 0.9
  /// Whether `sgd` looks one step ahead (Sutskever et al., 2013).
  public var nesterov = false
  /// The trust coefficient of `lars`.
  public var trust: Float = 0.001
  /// Gradients are scaled down together to this Euclidean norm at most; 0 is no limit.
  public var maximumGradientNorm: Float = 0

  private enum CodingKeys: String, CodingKey {
    case algorithm, beta1, beta2, epsilon, momentum, nesterov, trust
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
    case decaysBiases = "decays_biases"
    case maximumGradientNorm = "maximum_gradient_norm"
  }

  /// An algorithm with PyTorch's further settings.
  public init(_ algorithm: Algorithm = .adamw, learningRate: Float, weightDecay: Float = 0) {
    self.algorithm = algorithm
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// Encodes all keys, numbers in as few digits as they need: the Double nearest to a Float32 has 17.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(algorithm, forKey: .algorithm)
    let numbers: [(CodingKeys, Float)] = [
      (.learningRate, learningRate), (.weightDecay, weightDecay), (.beta1, beta1), (.beta2, beta2),
      (.epsilon, epsilon), (.momentum, momentum), (.trust, trust),
      (.maximumGradientNorm, maximumGradientNorm),
    ]
    for (key, number) in numbers { try container.encode(Double("\(number)") ?? Double(number), forKey: key) }
    try container.encode(decaysBiases, forKey: .decaysBiases)
    try container.encode(nesterov, forKey: .nesterov)
  }

  /// Refuses values that make no training, through what the whole recipe refuses by.
  func check(_ require: (Bool, String) throws -> Void) rethrows {
    try require(learningRate > 0 && learningRate.isFinite, "optimizer.learning_rate is positive")
    try require(weightDecay >= 0 && weightDecay.isFinite, "optimizer.weight_decay is not negative")
    try require(
      (0..<1).contains(beta1) && (0..<1).contains(beta2), "optimizer.beta1 and beta2 are 0 up to 1")
    try require(epsilon > 0 && epsilon.isFinite, "optimizer.epsilon is positive")
    try require((0..<1).contains(momentum), "optimizer.momentum is 0 up to 1")
    try require(
      !nesterov || algorithm == .sgd && momentum > 0, "optimizer.nesterov is for sgd with momentum")
    try require(trust > 0 && trust.isFinite, "optimizer.trust is positive")
    try require(
      maximumGradientNorm >= 0 && maximumGradientNorm.isFinite,
      "optimizer.maximum_gradient_norm is not negative")
  }
}
