internal import COneDNN
internal import ECGData

extension Tensor {
  /// Where a batch normalisation takes its mean and variance from.
  enum Statistics {
    /// From the batch itself.
    case batch
    /// Given, one number a channel.
    case given(mean: Tensor, variance: Tensor)
  }

  /// `weight · (x − mean) / √(variance + ε) + bias` for every channel of [B, C, T] or [B, C], then ReLU if
  /// asked for.
  ///
  /// - Returns: The result, and the mean and biased variance [C] that it was computed with.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit, or if statistics
  ///   are to come from a single value.
  func normalized(
    weight: Tensor, bias: Tensor, statistics: Statistics, epsilon: Float, relu: Bool, tape: Tape?
  ) throws -> (result: Tensor, mean: Tensor, variance: Tensor) {
    guard shape.count == 2 || shape.count == 3, weight.shape == [shape[1]], bias.shape == [shape[1]] else {
      throw ECGError(
        .invalidArgument, "batch normalisation of \(weight.shape) channels does not apply to shape \(shape)")
    }
    let moments: Moments
    switch statistics {
    case .batch:
      guard count > shape[1] else {
        throw ECGError(.invalidArgument, "batch normalisation needs more than one value a channel")
      }
      moments = Moments(
        mean: try Tensor(shape: [shape[1]]), variance: try Tensor(shape: [shape[1]]), areGiven: false)
    case .given(let mean, let variance): moments = Moments(mean: mean, variance: variance, areGiven: true)
    }
    let x = try layout.strides == nil ? self : withNormalizableOrder()
    let result =
      try x.layout.strides?[1] == 1
      ? sharing(x).normalizedByRows(
        weight: weight, bias: bias, moments, epsilon: epsilon, relu: relu, tape: tape)
      : sharing(x).normalizedByKernel(
        weight: weight, bias: bias, moments, epsilon: epsilon, relu: relu, tape: tape)
    return (result, moments.mean, moments.variance)
  }

  /// Mean and variance [C]: given, or to be written.
  private struct Moments {
    var mean: Tensor
    var variance: Tensor
    var areGiven: Bool
  }

  /// Normalises in an order that oneDNN's kernels know.
  private func normalizedByKernel(
    weight: Tensor, bias: Tensor, _ moments: Moments, epsilon: Float, relu: Bool, tape: Tape?
  ) throws -> Tensor {
    let wanted = [self, weight, bias].contains(where: \.requiresGradient)
    let x = unrecorded()
    let (mean, variance) = (moments.mean, moments.variance)
    var setting = ein_normalization()
    setting.layout = try normalizationLayout().id
    setting.epsilon = epsilon
    setting.fuses_relu = relu ? 1 : 0
    setting.uses_given_statistics = moments.areGiven ? 1 : 0
    // Inference would not deliver the statistics.
    setting.is_inference = moments.areGiven && !(tape != nil && wanted) ? 1 : 0
    let plan = try Plan { ein_normalization_plan(&setting, EIN_FORWARD, $0) }
    let result = try x.like()
    let workspace = try plan.storage(EIN_WORKSPACE)
    try plan.run([
      (EIN_SOURCE, x.storage), (EIN_RESULT, result.storage), (EIN_MEAN, mean.storage),
      (EIN_VARIANCE, variance.storage), (EIN_SCALE, weight.storage), (EIN_SHIFT, bias.storage),
      (EIN_WORKSPACE, workspace),
    ])
    return result.recorded(on: tape, from: [self, weight, bias]) {
      [slot, weightSlot = weight.slot, biasSlot = bias.slot, setting] gradient in
      let plan = try withUnsafePointer(to: setting) { setting in
        try Plan { ein_normalization_plan(setting, EIN_BACKWARD_DATA, $0) }
      }
      let ofX = try x.like()
      let ofWeight = try Tensor(shape: weight.shape)
      let ofBias = try Tensor(shape: bias.shape)
      try plan.run([
        (EIN_SOURCE, x.storage), (EIN_RESULT_GRADIENT, gradient.laidOut(as: x.layout).storage),
        (EIN_SOURCE_GRADIENT, ofX.storage), (EIN_MEAN, mean.storage), (EIN_VARIANCE, variance.storage),
        (EIN_SCALE, weight.storage), (EIN_SHIFT, bias.storage), (EIN_SCALE_GRADIENT, ofWeight.storage),
        (EIN_SHIFT_GRADIENT, ofBias.storage), (EIN_WORKSPACE, workspace),
      ])
      try slot?.add(ofX)
      try weightSlot?.add(ofWeight)
      try biasSlot?.add(ofBias)
    }
  }

  /// The same for channels innermost in memory: rows of channels, whatever their order.
  private func normalizedByRows(
    weight: Tensor, bias: Tensor, _ moments: Moments, epsilon: Float, relu: Bool, tape: Tape?
  ) throws -> Tensor {
    let channels = shape[1]
    let (mean, variance) = (moments.mean, moments.variance)
    var setting = ein_rows()
    setting.type = try layout.type.kind
    setting.rows = count / channels
    setting.channels = channels
    setting.epsilon = epsilon
    setting.fuses_relu = relu ? 1 : 0
    setting.uses_given_statistics = moments.areGiven ? 1 : 0
    let result = try like()
    try check(
      ein_normalize(
        &setting, storage.data, weight.storage.floats, bias.storage.floats, mean.storage.floats,
        variance.storage.floats, result.storage.data))
    return result.recorded(on: tape, from: [self, weight, bias]) {
      [slot, weight, bias, source = unrecorded(), setting] gradient in
      let (ofWeight, ofBias) = (try Tensor(shape: [channels]), try Tensor(shape: [channels]))
      let gradient = try gradient.laidOut(as: source.layout)
      let ofX = try source.like()
      try withUnsafePointer(to: setting) {
        try check(
          ein_normalize_gradient(
            $0, source.storage.data, gradient.storage.data, weight.storage.floats, bias.storage.floats,
            mean.storage.floats, variance.storage.floats, ofX.storage.data, ofWeight.storage.floats,
            ofBias.storage.floats))
      }
      withExtendedLifetime((gradient, mean, variance)) {}
      try slot?.add(ofX)
      try weight.slot?.add(ofWeight)
      try bias.slot?.add(ofBias)
    }
  }

  /// This tensor if its order is one that the kernels know, channels innermost or row-major; else a row-major
  /// copy.
  private func withNormalizableOrder() throws -> Tensor {
    try layout.strides?[1] == 1 ? self : dense()
  }

  /// The same bytes as a layout of three axes [batch, channels, length].
  private func normalizationLayout() throws -> Layout {
    try layout.strides == nil || shape.count == 3 ? layout : Layout(shape + [1], type: layout.type)
  }
}
