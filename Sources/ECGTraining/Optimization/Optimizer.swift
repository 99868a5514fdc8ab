internal import COneDNN
internal import ECGData
internal import Foundation

/// Changes parameters by their gradients, step for step as PyTorch's `Adam`, `AdamW` and `SGD`, or as LARS.
///
/// With a parameter θ, its gradient g, learning rate η and weight decay λ:
///
///     adam    g ← g + λ θ;   m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
///             θ ← θ − η · m / (1 − β₁ˢ) / (√(v / (1 − β₂ˢ)) + ε)      at the parameter's step s
///     adamw   θ ← θ − η λ θ, then as adam with λ = 0
///     sgd     g ← g + λ θ;   m ← μ m + g;   θ ← θ − η m      with Nesterov: θ ← θ − η (g + μ m)
///     lars    m ← μ m + η κ (g + λ θ);   θ ← θ − m           κ = trust · ‖θ‖ / (‖g‖ + λ ‖θ‖)
///
/// κ is 1 for parameters of one axis, which are biases and scales, and where θ or the denominator is 0. Frozen
/// parameters, and those without a gradient, are left alone.
@ComputeActor public final class Optimizer {
  /// Parameters that share a factor on the learning rate.
  public struct Group {
    /// The parameters with their names in the checkpoint.
    public var parameters: [(name: String, parameter: Parameter)]
    /// Multiplies the optimiser's learning rate.
    public var learningRateFactor: Float
    /// Replaces the recipe's weight decay, if given.
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
    /// Of `adam` and `adamw`.
    var second: Tensor?
    var step = 0
  }

  private struct Entry {
    let name: String
    let parameter: Parameter
    let learningRateFactor: Float
    let weightDecay: Float
    var moments: Moments?
    /// The gradient's squared norm at the current step.
    var squaredNorm = 0.0
  }

  /// The learning rate η, before a group's factor: the recipe's, until a ``Schedule`` changes it.
  public var learningRate: Float

  private let recipe: OptimizerRecipe
  private var entries: [Entry]

  /// Prepares to optimise groups of parameters, whose names must differ.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if a name occurs twice, or for a recipe that
  ///   makes no sense.
  public init(_ groups: [Group], _ recipe: OptimizerRecipe) throws {
    try recipe.check { guard $0 else { throw ECGError(.invalidArgument, $1) } }
    var seen: Set<String> = []
    for (name, _) in groups.flatMap(\.parameters) where !seen.insert(name).inserted {
      throw ECGError(.invalidArgument, "parameter \(name) is given to the optimiser twice")
    }
    self.recipe = recipe
    learningRate = recipe.learningRate
    entries = groups.flatMap { group in
      group.parameters.map { name, parameter in
        Entry(
          name: name, parameter: parameter, learningRateFactor: group.learningRateFactor,
          weightDecay: parameter.isDecayable || recipe.decaysBiases
            ? group.weightDecay ?? recipe.weightDecay : 0)
      }
    }
  }

  /// Prepares to optimise all parameters of a module.
  public convenience init(_ module: any Module, _ recipe: OptimizerRecipe) throws {
    try self.init([Group(module.parameters)], recipe)
  }

  /// Forgets all gradients, as before every step.
  public func clearGradients() {
    for entry in entries { entry.parameter.clearGradient() }
  }

  /// Changes every parameter that has a gradient.
  ///
  /// - Returns: The norm of all gradients together, before it was limited.
  /// - Throws: ``ECGData/ECGError`` with code `unsupported` if a gradient is not finite; nothing is changed
  ///   then.
  @discardableResult public func step() throws -> Double {
    var sum = 0.0
    for index in entries.indices {
      guard let gradient = entries[index].parameter.gradient else { continue }
      entries[index].squaredNorm = ein_sum_of_squares(gradient.storage.floats, gradient.count)
      sum += entries[index].squaredNorm
    }
    // Squares of Float32 do not overflow Double: the sum is finite if all gradients are.
    guard sum.isFinite else { throw notFinite() }
    let norm = sum.squareRoot()
    let limit = Double(recipe.maximumGradientNorm)
    // PyTorch's clip_grad_norm_ adds the same 10⁻⁶.
    let scale = limit > 0 ? Float(min(1, limit / (norm + 1e-6))) : 1
    for index in entries.indices {
      guard let gradient = entries[index].parameter.gradient else { continue }
      try change(&entries[index], by: gradient, scale: scale)
    }
    return norm
  }

  /// Names the last parameter in the order of the network: what is not finite passes from there to all before it.
  private func notFinite() -> ECGError {
    let names = entries.filter { $0.parameter.gradient != nil && !$0.squaredNorm.isFinite }.map(\.name)
    let others = names.count - 1
    return ECGError(
      .unsupported,
      "the gradient of \(names.last ?? "a parameter") is not finite"
        + (others > 0 ? " (and \(others) more)" : ""),
      advice: "lower the learning rate")
  }

  private func change(_ entry: inout Entry, by gradient: Tensor, scale: Float) throws {
    var moments = try entry.moments ?? noMoments(of: entry.parameter)
    moments.step += 1
    entry.moments = moments
    let value = entry.parameter.tensor
    let rate = learningRate * entry.learningRateFactor
    switch recipe.algorithm {
    case .adam, .adamw:
      guard let second = moments.second else { return }
      var settings = ein_adam()
      settings.learning_rate = rate
      settings.beta1 = recipe.beta1
      settings.beta2 = recipe.beta2
      settings.epsilon = recipe.epsilon
      settings.weight_decay = entry.weightDecay
      settings.is_decoupled = recipe.algorithm == .adamw ? 1 : 0
      settings.first_correction = Float(1 - pow(Double(recipe.beta1), Double(moments.step)))
      settings.second_correction = Float(1 - pow(Double(recipe.beta2), Double(moments.step)))
      settings.gradient_scale = scale
      ein_adam_step(
        &settings, value.storage.floats, gradient.storage.floats, moments.first.storage.floats,
        second.storage.floats, value.count)
    case .sgd, .lars:
      var settings = ein_momentum()
      settings.momentum = recipe.momentum
      settings.is_nesterov = recipe.nesterov ? 1 : 0
      settings.weight_decay = entry.weightDecay
      settings.gradient_scale = scale
      settings.inner_rate = recipe.algorithm == .lars ? rate * adaptation(entry, scale: scale) : 1
      settings.outer_rate = recipe.algorithm == .lars ? 1 : rate
      ein_momentum_step(
        &settings, value.storage.floats, gradient.storage.floats, moments.first.storage.floats, value.count)
    }
  }

  /// The κ of LARS.
  private func adaptation(_ entry: Entry, scale: Float) -> Float {
    let value = entry.parameter.tensor
    guard value.shape.count > 1 else { return 1 }
    let norm = ein_sum_of_squares(value.storage.floats, value.count).squareRoot()
    let denominator = entry.squaredNorm.squareRoot() * Double(scale) + Double(entry.weightDecay) * norm
    return norm > 0 && denominator > 0 ? Float(Double(recipe.trust) * norm / denominator) : 1
  }

  private func noMoments(of parameter: Parameter) throws -> Moments {
    func zeros() throws -> Tensor { try Tensor(repeating: 0, shape: parameter.tensor.shape) }
    return Moments(first: try zeros(), second: parts.count > 1 ? try zeros() : nil)
  }

  /// What a stored state has of a parameter.
  private var parts: [String] {
    switch recipe.algorithm {
    case .adam, .adamw: ["first", "second", "step"]
    case .sgd, .lars: ["momentum"]
    }
  }

  /// What the optimiser remembers of every parameter that it has changed: `<name>.first`, `.second` and
  /// `.step` of `adam` and `adamw`, `<name>.momentum` of `sgd` and `lars`.
  public func state() throws -> [NamedValues] {
    let parts = parts
    return try entries.flatMap { entry -> [NamedValues] in
      guard let moments = entry.moments else { return [] }
      let shape = entry.parameter.tensor.shape
      var stored = [(shape: shape, values: try moments.first.values)]
      if let second = moments.second {
        stored += [(shape: shape, values: try second.values), (shape: [], values: [Float(moments.step)])]
      }
      return zip(parts, stored).map { part, stored in
        NamedValues(name: "\(entry.name).\(part)", shape: stored.shape, values: stored.values)
      }
    }
  }

  /// Continues from a stored state; parameters that it does not mention start anew.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `mismatch` if something is incomplete, surplus or of another
  ///   shape; nothing is changed then.
  public func load(_ state: [NamedValues]) throws {
    var given = Dictionary(state.map { ($0.name, $0) }) { first, _ in first }
    let loaded = try entries.map { entry in
      try moments(of: entry, from: parts.compactMap { given.removeValue(forKey: "\(entry.name).\($0)") })
    }
    if let name = given.keys.min() {
      throw ECGError(.mismatch, "the optimiser's state has \(name), which this network and algorithm lack")
    }
    for (index, moments) in loaded.enumerated() { entries[index].moments = moments }
  }

  private func moments(of entry: Entry, from stored: [NamedValues]) throws -> Moments? {
    guard !stored.isEmpty else { return nil }
    let shape = entry.parameter.tensor.shape
    let isComplete = stored.count == parts.count && stored.prefix(2).allSatisfy { $0.shape == shape }
    let step = stored.count < 3 ? 1 : stored[2].values.first.flatMap { Int(exactly: $0) } ?? 0
    guard isComplete, step >= 1 else {
      throw ECGError(.mismatch, "the optimiser's stored state of \(entry.name) does not fit shape \(shape)")
    }
    return Moments(
      first: try Tensor(stored[0].values, shape: shape),
      second: stored.count > 1 ? try Tensor(stored[1].values, shape: shape) : nil, step: step)
  }
}
