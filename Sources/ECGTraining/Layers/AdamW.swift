internal import COneDNN
internal import ECGData
internal import Foundation

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), step for step as PyTorch's `AdamW`.
///
///     θ ← θ − η λ θ;   m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
///     θ ← θ − η · m / (1 − β₁ˢ) / (√(v / (1 − β₂ˢ)) + ε)      at a parameter's step s
///
/// Frozen parameters, and those without a gradient, are left alone.
@ComputeActor public final class AdamW {
  /// Parameters that share a factor on the learning rate.
  public struct Group {
    /// The parameters with their names in the checkpoint.
    public var parameters: [(name: String, parameter: Parameter)]
    /// Multiplies the optimiser's learning rate.
    public var learningRateFactor: Float
    /// Replaces the optimiser's weight decay, if given.
    public var weightDecay: Float?

    /// Groups some parameters.
    public nonisolated init(
      _ parameters: [(name: String, parameter: Parameter)], learningRateFactor: Float = 1,
      weightDecay: Float? = nil
    ) {
      self.parameters = parameters
      self.learningRateFactor = learningRateFactor
      self.weightDecay = weightDecay
    }
  }

  private struct Moments {
    var first: Tensor
    var second: Tensor
    var step = 0
  }

  /// The learning rate η, before a group's factor.
  public var learningRate: Float
  /// The weight decay λ.
  public var weightDecay: Float
  /// The decay rates β₁ and β₂ of the moments.
  public var betas: (first: Float, second: Float)
  /// The ε that keeps the quotient finite.
  public var epsilon: Float
  /// If set, gradients are scaled down together until their Euclidean norm is at most this.
  public var maximumGradientNorm: Float?

  private let groups: [Group]
  private var moments: [String: Moments] = [:]

  /// Prepares to optimise groups of parameters, whose names must differ.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if a name occurs twice.
  public init(
    _ groups: [Group], learningRate: Float, weightDecay: Float = 0.01,
    betas: (first: Float, second: Float) = (0.9, 0.999), epsilon: Float = 1e-8
  ) throws {
    var seen: Set<String> = []
    for (name, _) in groups.flatMap(\.parameters) where !seen.insert(name).inserted {
      throw ECGError(.invalidArgument, "parameter \(name) is given to the optimiser twice")
    }
    self.groups = groups
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.betas = betas
    self.epsilon = epsilon
  }

  /// Prepares to optimise all parameters of a module.
  public convenience init(_ module: any Module, learningRate: Float, weightDecay: Float = 0.01) throws {
    try self.init([Group(module.parameters)], learningRate: learningRate, weightDecay: weightDecay)
  }

  /// Forgets all gradients, as before every step.
  public func clearGradients() {
    for (_, parameter) in groups.flatMap(\.parameters) { parameter.clearGradient() }
  }

  /// Changes every parameter that has a gradient.
  ///
  /// - Returns: The norm of all gradients together, before it was limited.
  @discardableResult public func step() throws -> Float {
    let norm = gradientNorm()
    var settings = ein_adamw()
    settings.beta1 = betas.first
    settings.beta2 = betas.second
    settings.epsilon = epsilon
    settings.gradient_scale = 1
    // PyTorch's clip_grad_norm_ adds the same 10⁻⁶.
    if let limit = maximumGradientNorm { settings.gradient_scale = min(1, limit / (norm + 1e-6)) }
    for group in groups {
      settings.learning_rate = learningRate * group.learningRateFactor
      settings.weight_decay = group.weightDecay ?? weightDecay
      for (name, parameter) in group.parameters {
        guard let gradient = parameter.gradient else { continue }
        var moments = try self.moments[name] ?? Self.noMoments(of: parameter)
        moments.step += 1
        settings.first_correction = Float(1 - pow(Double(betas.first), Double(moments.step)))
        settings.second_correction = Float(1 - pow(Double(betas.second), Double(moments.step)))
        ein_adamw_step(
          &settings, parameter.tensor.storage.floats, gradient.storage.floats, moments.first.storage.floats,
          moments.second.storage.floats, parameter.tensor.count)
        self.moments[name] = moments
      }
    }
    return norm
  }

  private func gradientNorm() -> Float {
    var sum = 0.0
    for (_, parameter) in groups.flatMap(\.parameters) {
      guard let gradient = parameter.gradient else { continue }
      sum += ein_sum_of_squares(gradient.storage.floats, gradient.count)
    }
    return Float(sum.squareRoot())
  }

  private static func noMoments(of parameter: Parameter) throws -> Moments {
    let shape = parameter.tensor.shape
    return Moments(
      first: try Tensor(repeating: 0, shape: shape), second: try Tensor(repeating: 0, shape: shape))
  }

  /// The moments and step counts of all parameters that have been changed, as `<name>.first`, `.second`,
  /// `.step`.
  public func state() throws -> [NamedValues] {
    try groups.flatMap(\.parameters).flatMap { name, parameter -> [NamedValues] in
      guard let moments = moments[name] else { return [] }
      let shape = parameter.tensor.shape
      return [
        NamedValues(name: "\(name).first", shape: shape, values: try moments.first.values),
        NamedValues(name: "\(name).second", shape: shape, values: try moments.second.values),
        NamedValues(name: "\(name).step", shape: [], values: [Float(moments.step)]),
      ]
    }
  }

  /// Continues from a stored state; parameters that it does not mention start anew.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `mismatch` if something is incomplete, surplus or of another
  ///   shape.
  public func load(_ state: [NamedValues]) throws {
    var given = Dictionary(state.map { ($0.name, $0) }) { first, _ in first }
    var loaded: [String: Moments] = [:]
    for (name, parameter) in groups.flatMap(\.parameters) {
      let parts = ["first", "second", "step"].map { given.removeValue(forKey: "\(name).\($0)") }
      if parts.allSatisfy({ $0 == nil }) { continue }
      let shape = parameter.tensor.shape
      guard let first = parts[0], let second = parts[1], let step = parts[2], first.shape == shape,
        second.shape == shape, step.values.count == 1, let count = Int(exactly: step.values[0]), count >= 1
      else {
        throw ECGError(.mismatch, "the optimiser's stored state of \(name) does not fit shape \(shape)")
      }
      loaded[name] = Moments(
        first: try Tensor(first.values, shape: shape), second: try Tensor(second.values, shape: shape),
        step: count)
    }
    if let name = given.keys.min() {
      throw ECGError(.mismatch, "the optimiser's state has \(name), which this network lacks")
    }
    moments = loaded
  }
}
