internal import COneDNN
internal import ECGData

/// The four tensors of one LSTM layer, in PyTorch's shapes: gates input, forget, candidate, output one after
/// another.
@ComputeActor struct LSTMWeights {
  /// [4·H, I].
  var input: Tensor
  /// [4·H, H].
  var recurrent: Tensor
  /// [4·H].
  var inputBias: Tensor
  /// [4·H].
  var recurrentBias: Tensor

  var all: [Tensor] { [input, recurrent, inputBias, recurrentBias] }
  var hidden: Int { recurrent.shape[1] }

  /// PyTorch's [4·H, N] matrix as oneDNN's axes [layer, direction, N, gate, H].
  static func layout(columns: Int, hidden: Int) throws -> Layout {
    let all = 4 * hidden * columns
    return try Layout([1, 1, columns, 4, hidden], strides: [all, all, 1, hidden * columns, columns])
  }
}

extension Tensor {
  /// One LSTM layer from zero states: [B, T, I] → [B, T, H], both with time outermost in memory.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit.
  func lstm(_ weights: LSTMWeights, tape: Tape?) throws -> Tensor {
    guard shape.count == 3, weights.input.shape.count == 2, weights.input.shape[1] == shape[2] else {
      throw ECGError(
        .invalidArgument, "an LSTM of input weight \(weights.input.shape) does not apply to shape \(shape)")
    }
    let inputs = [self] + weights.all
    let (batch, length, hidden) = (shape[0], shape[1], weights.hidden)
    var setting = ein_lstm()
    setting.length = Int64(length)
    setting.batch = Int64(batch)
    setting.inputs = Int64(shape[2])
    setting.hidden = Int64(hidden)
    let type = try layout.type
    setting.type = type.kind
    setting.is_inference = tape != nil && inputs.contains(where: \.requiresGradient) ? 0 : 1
    let plan = try Plan { ein_lstm_plan(&setting, EIN_FORWARD, $0) }
    let x = try laidOut(as: Self.timeMajor(shape, type: type))
    let result = try Self.emptyTimeMajor([batch, length, hidden], type: type)
    let kept = result.unrecorded()
    let workspace = try plan.storage(EIN_WORKSPACE)
    // Float32, which is room enough for either type.
    let zeros = try Self.zeros(plan.layout(EIN_SOURCE_CELL))
    let state = try plan.storage(EIN_RESULT_STATE)
    let cell = try plan.storage(EIN_RESULT_CELL)
    let bias = try weights.inputBias.adding(weights.recurrentBias)
    try plan.run([
      (EIN_SOURCE, x.storage), (EIN_BIAS, bias.storage), (EIN_RESULT, result.storage),
      (EIN_WORKSPACE, workspace),
      (EIN_SOURCE_STATE, zeros), (EIN_SOURCE_CELL, zeros), (EIN_RESULT_STATE, state), (EIN_RESULT_CELL, cell),
      (EIN_WEIGHTS, Self.lstmMatrix(weights.input, for: plan, EIN_WEIGHTS)),
      (EIN_RECURRENT_WEIGHTS, Self.lstmMatrix(weights.recurrent, for: plan, EIN_RECURRENT_WEIGHTS)),
    ])
    return result.recorded(on: tape, from: inputs) {
      [slot, slots = weights.all.map(\.slot), setting] gradient in
      let plan = try withUnsafePointer(to: setting) { setting in
        try Plan { ein_lstm_plan(setting, EIN_BACKWARD_DATA, $0) }
      }
      // oneDNN adds the gradients of weights to what it finds.
      let ofInput = try Self.zeros(plan.layout(EIN_WEIGHTS_GRADIENT))
      let ofRecurrent = try Self.zeros(plan.layout(EIN_RECURRENT_WEIGHTS_GRADIENT))
      let ofBias = try Tensor(repeating: 0, shape: [4 * hidden])
      let ofX = try Self.emptyTimeMajor(x.shape, type: .float32)
      let resultGradient = try gradient.laidOut(as: Self.timeMajor(kept.shape, type: .float32))
      try plan.run([
        (EIN_SOURCE, x.storage), (EIN_BIAS, bias.storage), (EIN_RESULT, kept.storage),
        (EIN_WORKSPACE, workspace),
        (EIN_SOURCE_STATE, zeros), (EIN_SOURCE_CELL, zeros), (EIN_RESULT_STATE, state),
        (EIN_RESULT_CELL, cell),
        (EIN_SOURCE_STATE_GRADIENT, plan.storage(EIN_SOURCE_STATE_GRADIENT)),
        (EIN_SOURCE_CELL_GRADIENT, plan.storage(EIN_SOURCE_CELL_GRADIENT)),
        (EIN_RESULT_STATE_GRADIENT, zeros), (EIN_RESULT_CELL_GRADIENT, zeros),
        (EIN_WEIGHTS, Self.lstmMatrix(weights.input, for: plan, EIN_WEIGHTS)),
        (EIN_RECURRENT_WEIGHTS, Self.lstmMatrix(weights.recurrent, for: plan, EIN_RECURRENT_WEIGHTS)),
        (EIN_RESULT_GRADIENT, resultGradient.storage), (EIN_SOURCE_GRADIENT, ofX.storage),
        (EIN_WEIGHTS_GRADIENT, ofInput), (EIN_RECURRENT_WEIGHTS_GRADIENT, ofRecurrent),
        (EIN_BIAS_GRADIENT, ofBias.storage),
      ])
      try slot?.add(ofX)
      try slots[0]?.add(
        Self.plainMatrix(
          ofInput, columns: x.shape[2], hidden: hidden, from: plan.layout(EIN_WEIGHTS_GRADIENT)))
      try slots[1]?.add(
        Self.plainMatrix(
          ofRecurrent, columns: hidden, hidden: hidden,
          from: plan.layout(EIN_RECURRENT_WEIGHTS_GRADIENT)))
      try slots[2]?.add(ofBias)
      try slots[3]?.add(ofBias)
    }
  }

  /// The layout of [B, T, C] with time outermost and channels innermost in memory.
  private static func timeMajor(_ shape: [Int], type: ElementType) throws -> Layout {
    try Layout(shape, strides: [shape[2], shape[0] * shape[2], 1], type: type)
  }

  private static func emptyTimeMajor(_ shape: [Int], type: ElementType) throws -> Tensor {
    _ = try count(of: shape)
    let layout = try timeMajor(shape, type: type)
    return Tensor(shape: shape, layout: layout, storage: try Storage(bytes: layout.bytes))
  }

  private static func zeros(_ layout: Layout) throws -> Storage {
    let storage = try Storage(bytes: layout.bytes)
    ein_fill(storage.floats, try layout.elements, 0)
    return storage
  }

  private static func lstmMatrix(_ matrix: Tensor, for plan: Plan, _ role: ein_role) throws -> Storage {
    try reorder(
      matrix.storage, from: LSTMWeights.layout(columns: matrix.shape[1], hidden: matrix.shape[0] / 4),
      to: plan.layout(role))
  }

  private static func plainMatrix(
    _ gradient: Storage, columns: Int, hidden: Int, from layout: Layout
  ) throws -> Tensor {
    let shape = [4 * hidden, columns]
    let plain = try LSTMWeights.layout(columns: columns, hidden: hidden)
    return Tensor(
      shape: shape, layout: try Layout(shape), storage: try reorder(gradient, from: layout, to: plain))
  }
}
