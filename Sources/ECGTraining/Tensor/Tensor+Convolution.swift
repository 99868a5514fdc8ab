internal import COneDNN
internal import ECGData

/// How a convolution's kernel goes over a signal.
struct ConvolutionStep {
  var stride = 1
  /// Zeros before the signal.
  var before = 0
  /// Zeros behind it; negative where the last samples are left out.
  var after = 0
  var groups = 1
}

extension Tensor {
  /// A 1-D convolution (cross-correlation): [B, I, T] → [B, O, (T + 2·padding − K) / stride + 1].
  ///
  /// The weight is [O, I / groups, K], the bias [O], as in PyTorch. A kernel of one sample over tensors whose channels are
  /// innermost in memory is computed as a matrix product and leaves them so.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit.
  public func conv1d(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, groups: Int = 1,
    tape: Tape? = nil
  ) throws -> Tensor {
    guard shape.count == 3, weight.shape.count == 3, groups > 0, shape[1] % groups == 0,
      weight.shape[1] == shape[1] / groups, weight.shape[0] % groups == 0,
      let steps = try SlidingWindow(size: weight.shape[2], stride: stride, padding: padding).places(
        in: shape[2]),
      bias == nil || bias?.shape == [weight.shape[0]]
    else {
      throw ECGError(
        .invalidArgument,
        "a convolution of weight \(weight.shape)\(bias.map { " and bias \($0.shape)" } ?? "") does not apply to "
          + "shape \(shape)")
    }
    if try weight.shape[2] == 1 && stride == 1 && padding == 0 && groups == 1 && layout.strides?[1] == 1 {
      let matrix = try weight.reshaped(Array(weight.shape.prefix(2)), tape: tape)
      return try transposed(tape: tape).linear(weight: matrix, bias: bias, tape: tape).transposed(tape: tape)
    }
    let convolution = try Convolution(
      weight: weight, hasBias: bias != nil,
      ConvolutionStep(stride: stride, before: padding, after: padding, groups: groups),
      from: shape, to: [shape[0], weight.shape[0], steps], type: layout.type)
    let result = try convolution.applied(to: self, bias: bias?.rowMajor())
    let inputs = [self, weight] + (bias.map { [$0] } ?? [])
    return result.recorded(on: tape, from: inputs) {
      [slot, weightSlot = weight.slot, biasSlot = bias?.slot, source = unrecorded()] gradient in
      if let slot { try slot.add(convolution.sourceGradient(gradient)) }
      if weightSlot != nil || biasSlot != nil {
        let (ofWeight, ofBias) = try convolution.weightGradients(source, gradient)
        try weightSlot?.add(ofWeight)
        if let ofBias { try biasSlot?.add(ofBias) }
      }
    }
  }

  /// A transposed 1-D convolution: [B, I, T] → [B, O, (T − 1)·stride − 2·padding + K + outputPadding].
  ///
  /// The weight is [I, O / groups, K], the bias [O], as in PyTorch. It is the gradient of the convolution from O to I
  /// channels with the same weight, and computed as that.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit.
  public func convTranspose1d(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    groups: Int = 1, tape: Tape? = nil
  ) throws -> Tensor {
    guard shape.count == 3, weight.shape.count == 3, groups > 0, weight.shape[0] == shape[1],
      weight.shape[0] % groups == 0,
      let steps = try SlidingWindow(size: weight.shape[2], stride: stride, padding: padding)
        .samples(around: shape[2], more: outputPadding),
      bias == nil || bias?.shape == [weight.shape[1] * groups]
    else {
      throw ECGError(
        .invalidArgument,
        "a transposed convolution of weight \(weight.shape)\(bias.map { " and bias \($0.shape)" } ?? "") does not "
          + "apply to shape \(shape)")
    }
    let convolution = try Convolution(
      weight: weight, hasBias: false,
      ConvolutionStep(stride: stride, before: padding, after: padding - outputPadding, groups: groups),
      from: [shape[0], weight.shape[1] * groups, steps], to: shape, type: layout.type)
    let result = try convolution.sourceGradient(self)
    let recorded = result.recorded(on: tape, from: [self, weight]) {
      [slot, weightSlot = weight.slot, source = unrecorded()] gradient in
      if let slot { try slot.add(convolution.applied(to: gradient, bias: nil)) }
      if let weightSlot { try weightSlot.add(convolution.weightGradients(gradient, source).weight) }
    }
    guard let bias else { return recorded }
    return try recorded.adding(toChannels: bias, tape: tape)
  }

  /// [B, C, T] with a number added to each channel.
  private func adding(toChannels bias: Tensor, tape: Tape?) throws -> Tensor {
    let rows = try transposed().converted(to: .float32).rowMajor()
    let (count, channels) = (count / bias.count, bias.count)
    let numbers = try bias.rowMajor()
    let sums = try Tensor(shape: rows.shape)
    sums.storage.floats.update(from: rows.storage.floats, count: rows.count)
    ein_add_to_rows(numbers.storage.floats, count, channels, sums.storage.floats)
    withExtendedLifetime((rows, numbers)) {}
    let result = try sums.transposed().converted(to: layout.type)
    return result.recorded(on: tape, from: [self, bias]) { [slot, biasSlot = bias.slot] gradient in
      try slot?.add(gradient)
      guard let biasSlot else { return }
      let rows = try gradient.transposed().rowMajor()
      let sums = try Tensor(shape: [channels])
      ein_column_sums(EIN_F32, rows.storage.data, count, channels, sums.storage.floats)
      withExtendedLifetime(rows) {}
      try biasSlot.add(sums)
    }
  }
}

/// A convolution's three passes; a weight [O, I / groups, K] is kept as it is, and laid out for each pass.
@ComputeActor private struct Convolution {
  private var setting = ein_convolution()
  private let weight: Tensor
  private let source: [Int]
  private let result: [Int]
  /// As the weight is kept; [groups, O / groups, I / groups, K] where there are groups, the same bytes of a row-major one.
  private let weightLayout: Layout

  /// - Parameters:
  ///   - weight: [O, I / groups, K].
  ///   - hasBias: Whether a bias is added.
  ///   - step: How the kernel goes.
  ///   - source: [B, I, T].
  ///   - result: [B, O, T′].
  ///   - type: Of the signals.
  /// - Throws: ``ECGData/ECGError`` if there is no such layout, or if signals are too large.
  init(
    weight: Tensor, hasBias: Bool, _ step: ConvolutionStep, from source: [Int], to result: [Int],
    type: ElementType
  ) throws {
    _ = try (Tensor.count(of: source), Tensor.count(of: result))
    (self.source, self.result) = (source, result)
    let kernel = weight.shape[2]
    if step.groups == 1 {
      self.weight = weight.unrecorded()
      weightLayout = weight.layout
    } else {
      self.weight = try weight.unrecorded().rowMajor()
      weightLayout = try Layout(Self.grouped(weight.shape, step.groups))
    }
    setting.batch = Int64(source[0])
    setting.inputs = Int64(source[1])
    setting.outputs = Int64(result[1])
    setting.groups = Int64(step.groups)
    setting.length = Int64(source[2])
    setting.result_length = Int64(result[2])
    setting.kernel = Int64(kernel)
    setting.stride = Int64(step.stride)
    setting.padding_before = Int64(step.before)
    setting.padding_after = Int64(step.after)
    setting.has_bias = hasBias ? 1 : 0
    setting.type = type.kind
  }

  /// [groups, O / groups, I / groups, K] where there are groups.
  private static func grouped(_ shape: [Int], _ groups: Int) -> [Int] {
    groups == 1 ? shape : [groups, shape[0] / groups] + shape.dropFirst()
  }

  private func plan(_ pass: ein_pass) throws -> Plan {
    try withUnsafePointer(to: setting) { setting in try Plan { ein_convolution_plan(setting, pass, $0) } }
  }

  private func laidOutWeight(for plan: Plan) throws -> Storage {
    try reorder(weight.storage, from: weightLayout, to: plan.layout(EIN_WEIGHTS))
  }

  /// The convolution of a signal.
  func applied(to x: Tensor, bias: Tensor?) throws -> Tensor {
    let plan = try plan(EIN_FORWARD)
    let layout = try plan.layout(EIN_RESULT)
    let made = Tensor(shape: result, layout: layout, storage: try Storage(bytes: layout.bytes))
    try plan.run([
      (EIN_SOURCE, x.laidOut(as: plan.layout(EIN_SOURCE)).storage),
      (EIN_WEIGHTS, laidOutWeight(for: plan)), (EIN_BIAS, bias?.storage), (EIN_RESULT, made.storage),
    ])
    return made
  }

  /// Whether oneDNN's own kernel for the weight's gradient is slower than a product for each tap: those for long kernels are
  /// products of a signal copied once for each tap, those for bfloat16 do not keep the processor's matrix unit busy.
  private var isBetterByTaps: Bool {
    setting.groups == 1 && setting.has_bias == 0 && setting.kernel > 1 && setting.stride <= setting.kernel
      && (setting.kernel > 14 || setting.type == EIN_BF16)
  }

  /// The gradient with respect to the weight, tap by tap: Σ x[i, t · stride + k − before] · gradient[o, t] over signals and
  /// their steps t is a product of two matrices for each k.
  ///
  /// The signals lie one after another in rows of their channel, padded so that a tap is a shift of all of them; samples of
  /// one phase of the stride lie together. The gradient's steps are the rows of the other matrix, packed once for all taps.
  private func weightGradientByTaps(_ x: Tensor, _ gradient: Tensor) throws -> Tensor {
    let type = try x.layout.type
    let (signals, inputs, frames) = (source[0], source[1], source[2])
    let (outputs, steps) = (result[1], result[2])
    let (kernel, stride) = (weight.shape[2], Int(setting.stride))
    let before = Int(setting.padding_before)
    // Steps of a signal with what a tap may reach beyond the last one.
    let span = max((before + frames + stride - 1) / stride, steps + (kernel - 1) / stride)
    let rows = signals * span
    let rowLength = rows + kernel

    let paddedRow = stride == 1 ? rowLength : rows * stride
    let padded = try cleared(elements: inputs * paddedRow + kernel, type)
    try reorder(
      x.storage, from: x.layout, into: Storage(padded, from: before * type.size),
      Layout([signals, inputs, frames], strides: [span * stride, paddedRow, 1], type: type))
    var phases = padded
    if stride > 1 {
      phases = try cleared(elements: stride * inputs * rowLength, type)
      ein_split_phases(type.kind, padded.data, inputs, rows, stride, rowLength, phases.data)
    }

    let spread = try cleared(elements: rows * outputs, type)
    let gradient = try gradient.converted(to: type)
    try reorder(
      gradient.storage, from: gradient.layout, into: spread,
      Layout([signals, outputs, steps], strides: [span * outputs, 1, outputs], type: type))
    let left = try Layout([inputs, rows], strides: [rowLength, 1], type: type)
    let right = try Layout([rows, outputs], type: type)
    let tap = try Layout([inputs, outputs])
    let any = try Layout(any: [rows, outputs], type: type)
    let plan = try Plan { ein_matmul_plan(left.id, any.id, 0, tap.id, $0) }
    let packed = try reorder(spread, from: right, to: plan.layout(EIN_WEIGHTS))
    let taps = try Storage(bytes: kernel * inputs * outputs * MemoryLayout<Float>.size)
    for k in 0..<kernel {
      let first = k % stride * inputs * rowLength + k / stride
      try plan.run([
        (EIN_SOURCE, Storage(phases, from: first * type.size)), (EIN_WEIGHTS, packed),
        (EIN_RESULT, Storage(taps, from: k * inputs * outputs * MemoryLayout<Float>.size)),
      ])
    }
    let tapMajor = try Layout(weight.shape, strides: [1, outputs, inputs * outputs])
    let plain = try Layout(weight.shape)
    return Tensor(shape: weight.shape, layout: plain, storage: try reorder(taps, from: tapMajor, to: plain))
  }

  private func cleared(elements: Int, _ type: ElementType) throws -> Storage {
    let storage = try Storage(bytes: elements * type.size)
    ein_clear(storage.data, elements * type.size)
    return storage
  }

  /// The gradient with respect to the signal.
  func sourceGradient(_ gradient: Tensor) throws -> Tensor {
    let plan = try plan(EIN_BACKWARD_DATA)
    let layout = try plan.layout(EIN_SOURCE_GRADIENT)
    let made = Tensor(shape: source, layout: layout, storage: try Storage(bytes: layout.bytes))
    try plan.run([
      (EIN_RESULT_GRADIENT, gradient.laidOut(as: plan.layout(EIN_RESULT_GRADIENT)).storage),
      (EIN_WEIGHTS, laidOutWeight(for: plan)), (EIN_SOURCE_GRADIENT, made.storage),
    ])
    return made
  }

  /// The gradients with respect to weight and bias, row-major and Float32.
  func weightGradients(_ x: Tensor, _ gradient: Tensor) throws -> (weight: Tensor, bias: Tensor?) {
    if isBetterByTaps { return (try weightGradientByTaps(x, gradient), nil) }
    let plan = try plan(EIN_BACKWARD_WEIGHTS)
    let layout = try plan.layout(EIN_WEIGHTS_GRADIENT)
    let ofWeight = try Storage(bytes: layout.bytes)
    let bias = setting.has_bias == 1 ? try Tensor(shape: [result[1]]) : nil
    try plan.run([
      (EIN_SOURCE, x.laidOut(as: plan.layout(EIN_SOURCE)).storage),
      (EIN_RESULT_GRADIENT, gradient.laidOut(as: plan.layout(EIN_RESULT_GRADIENT)).storage),
      (EIN_WEIGHTS_GRADIENT, ofWeight), (EIN_BIAS_GRADIENT, bias?.storage),
    ])
    let plain = try reorder(
      ofWeight, from: layout, to: Layout(Self.grouped(weight.shape, Int(setting.groups))))
    return (Tensor(shape: weight.shape, layout: try Layout(weight.shape), storage: plain), bias)
  }
}
