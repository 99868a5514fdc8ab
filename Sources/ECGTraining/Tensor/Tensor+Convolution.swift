internal import COneDNN
internal import ECGData

extension Tensor {
  /// A 1-D convolution (cross-correlation): [B, I, T] → [B, O, (T + 2·padding − K) / stride + 1].
  ///
  /// The weight is [O, I, K], the bias [O], as in PyTorch. A kernel of one sample over tensors whose channels
  /// are innermost in memory is computed as a matrix product and leaves them so.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit.
  public func conv1d(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, tape: Tape? = nil
  ) throws -> Tensor {
    guard shape.count == 3, weight.shape.count == 3, weight.shape[1] == shape[1], stride > 0, padding >= 0,
      weight.shape[2] <= shape[2] + 2 * padding, bias == nil || bias?.shape == [weight.shape[0]]
    else {
      throw ECGError(
        .invalidArgument,
        "a convolution of weight \(weight.shape)\(bias.map { " and bias \($0.shape)" } ?? "") does not apply to "
          + "shape \(shape)")
    }
    if try weight.shape[2] == 1 && stride == 1 && padding == 0 && layout.strides?[1] == 1 {
      let matrix = try weight.reshaped(Array(weight.shape.prefix(2)), tape: tape)
      return try transposed(tape: tape).linear(weight: matrix, bias: bias, tape: tape).transposed(tape: tape)
    }
    let kernel = weight.shape[2]
    let outputs = weight.shape[0]
    let steps = (shape[2] + 2 * padding - kernel) / stride + 1
    var setting = ein_convolution()
    setting.batch = Int64(shape[0])
    setting.inputs = Int64(shape[1])
    setting.outputs = Int64(outputs)
    setting.length = Int64(shape[2])
    setting.result_length = Int64(steps)
    setting.kernel = Int64(kernel)
    setting.stride = Int64(stride)
    setting.padding_before = Int64(padding)
    setting.padding_after = Int64(padding)
    setting.has_bias = bias == nil ? 0 : 1
    let plan = try Plan { ein_convolution_plan(&setting, EIN_FORWARD, $0) }
    let x = try laidOut(as: plan.layout(EIN_SOURCE))
    let resultLayout = try plan.layout(EIN_RESULT)
    let result = Tensor(
      shape: [shape[0], outputs, steps], layout: resultLayout, storage: try Storage(bytes: resultLayout.bytes)
    )
    try plan.run([
      (EIN_SOURCE, x.storage),
      (EIN_WEIGHTS, weight.laidOut(as: plan.layout(EIN_WEIGHTS)).storage),
      (EIN_BIAS, bias?.storage),
      (EIN_RESULT, result.storage),
    ])
    let inputs = [self, weight] + (bias.map { [$0] } ?? [])
    return result.recorded(on: tape, from: inputs) {
      [slot, weightSlot = weight.slot, biasSlot = bias?.slot, setting] gradient in
      try slot?.add(x.convolutionGradient(setting, weight: weight, gradient: gradient))
      if weightSlot != nil || biasSlot != nil {
        let (ofWeight, ofBias) = try x.convolutionWeightGradients(setting, weight: weight, gradient: gradient)
        try weightSlot?.add(ofWeight)
        if let ofBias { try biasSlot?.add(ofBias) }
      }
    }
  }

  private func convolutionGradient(
    _ setting: ein_convolution, weight: Tensor, gradient: Tensor
  ) throws -> Tensor {
    let plan = try withUnsafePointer(to: setting) { setting in
      try Plan { ein_convolution_plan(setting, EIN_BACKWARD_DATA, $0) }
    }
    let layout = try plan.layout(EIN_SOURCE_GRADIENT)
    let result = Tensor(shape: shape, layout: layout, storage: try Storage(bytes: layout.bytes))
    try plan.run([
      (EIN_RESULT_GRADIENT, gradient.laidOut(as: plan.layout(EIN_RESULT_GRADIENT)).storage),
      (EIN_WEIGHTS, weight.laidOut(as: plan.layout(EIN_WEIGHTS)).storage),
      (EIN_SOURCE_GRADIENT, result.storage),
    ])
    return result
  }

  private func convolutionWeightGradients(
    _ setting: ein_convolution, weight: Tensor, gradient: Tensor
  ) throws -> (weight: Tensor, bias: Tensor?) {
    let plan = try withUnsafePointer(to: setting) { setting in
      try Plan { ein_convolution_plan(setting, EIN_BACKWARD_WEIGHTS, $0) }
    }
    let layout = try plan.layout(EIN_WEIGHTS_GRADIENT)
    let result = Tensor(shape: weight.shape, layout: layout, storage: try Storage(bytes: layout.bytes))
    let bias = setting.has_bias == 1 ? try Tensor(shape: [weight.shape[0]]) : nil
    try plan.run([
      (EIN_SOURCE, laidOut(as: plan.layout(EIN_SOURCE)).storage),
      (EIN_RESULT_GRADIENT, gradient.laidOut(as: plan.layout(EIN_RESULT_GRADIENT)).storage),
      (EIN_WEIGHTS_GRADIENT, result.storage),
      (EIN_BIAS_GRADIENT, bias?.storage),
    ])
    return (result, bias)
  }
}
