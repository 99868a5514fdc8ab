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
}

extension Tensor {
  /// One LSTM layer from zero states: [B, T, I] → [B, T, H], both with time outermost in memory.
  ///
  /// A step's product with the recurrent weights is all that waits for the step before; the inputs' share of the gates is
  /// computed for many steps at once, and so are all gradients but those of the states.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit.
  func lstm(_ weights: LSTMWeights, tape: Tape?) throws -> Tensor {
    guard shape.count == 3, weights.input.shape.count == 2, weights.input.shape[1] == shape[2] else {
      throw ECGError(
        .invalidArgument, "an LSTM of input weight \(weights.input.shape) does not apply to shape \(shape)")
    }
    let layer = try LSTMLayer(weights, signals: shape, type: layout.type)
    let x = try laidOut(as: Self.timeMajor(shape, type: layout.type))
    let inputs = [self] + weights.all
    let isRecorded = tape != nil && inputs.contains(where: \.requiresGradient)
    let (states, pass) = try layer.forward(x.storage, keeps: isRecorded)
    let result = Tensor(
      shape: [shape[0], shape[1], weights.hidden],
      layout: try Self.timeMajor([shape[0], shape[1], weights.hidden], type: layout.type), storage: states)
    guard let pass else { return result }
    return result.recorded(on: tape, from: inputs) {
      [slot, slots = weights.all.map(\.slot), resultLayout = result.layout] gradient in
      let ofGates = try layer.backward(pass, gradient.laidOut(as: resultLayout).storage)
      if let slot {
        try slot.add(
          Tensor(shape: x.shape, layout: x.layout, storage: layer.inputGradient(ofGates, like: x.layout)))
      }
      try slots[0]?.add(layer.weightGradient(ofGates, x.storage, columns: x.shape[2]))
      try slots[1]?.add(layer.weightGradient(ofGates, pass.states, columns: layer.hidden))
      if slots[2] != nil || slots[3] != nil {
        let sums = try layer.biasGradient(ofGates)
        try slots[2]?.add(sums)
        try slots[3]?.add(sums)
      }
    }
  }

  /// The layout of [B, T, C] with time outermost and channels innermost in memory.
  private static func timeMajor(_ shape: [Int], type: ElementType) throws -> Layout {
    try Layout(shape, strides: [shape[2], shape[0] * shape[2], 1], type: type)
  }
}

/// The passes of one LSTM layer over rows ordered by time, row t · B + b.
@ComputeActor private struct LSTMLayer {
  /// What the backward pass needs of the forward one.
  struct Pass {
    /// [T · B, 4 · H].
    var gates: Storage
    /// [(1 + T) · B, H] Float32, the first of which are zero.
    var cells: Storage
    /// [(1 + T) · B, H], the first of which are zero.
    var states: Storage
  }

  let weights: LSTMWeights
  let hidden: Int
  private let (batch, steps, inputs): (Int, Int, Int)
  private let type: ElementType

  init(_ weights: LSTMWeights, signals: [Int], type: ElementType) throws {
    self.weights = weights
    hidden = weights.hidden
    (batch, steps, inputs) = (signals[0], signals[1], signals[2])
    self.type = type
    // The largest of all.
    _ = try Tensor.count(of: [batch, 1 + steps, 4 * hidden])
  }

  private var rows: Int { batch * steps }

  private func setting(steps: Int) -> ein_lstm {
    var setting = ein_lstm()
    setting.steps = Int64(steps)
    setting.batch = Int64(batch)
    setting.hidden = Int64(hidden)
    setting.type = type.kind
    return setting
  }

  /// A product of rows with a matrix that stays the same, which is laid out as the product wants it.
  private func prepared(
    rows: Int, with matrix: (Storage, Layout), bias: Layout? = nil, into result: ElementType
  ) throws -> (plan: Plan, matrix: Storage) {
    let shape = try matrix.1.shape
    let source = try Layout([rows, shape[0]], type: type)
    let any = try Layout(any: shape, type: type)
    let target = try Layout([rows, shape[1]], type: result)
    let plan = try Plan { ein_matmul_plan(source.id, any.id, bias?.id ?? 0, target.id, $0) }
    return (plan, try reorder(matrix.0, from: matrix.1, to: plan.layout(EIN_WEIGHTS)))
  }

  /// - Returns: The states [T · B, H], and what the backward pass needs if it is to be kept.
  func forward(_ x: Storage, keeps: Bool) throws -> (states: Storage, pass: Pass?) {
    let (block, gates) = (batch * hidden, 4 * hidden)
    // As many steps at once as make a product large.
    let chunk = min(steps, max(1, 1024 / batch))
    let bias = try weights.inputBias.adding(weights.recurrentBias)
    let biasLayout = try Layout([1, gates])
    let input = (weights.input.storage, try Layout([inputs, gates], strides: [1, inputs]))
    let recurrent = (weights.recurrent.storage, try Layout([hidden, gates], strides: [1, hidden]))
    let step = try prepared(rows: batch, with: recurrent, into: .float32)
    let fresh = try Storage(bytes: chunk * 4 * block * 4)
    let sums = try Storage(bytes: 4 * block * 4)
    let kept = try Storage(bytes: (keeps ? steps : chunk) * 4 * block * type.size)
    let cells = try Storage(bytes: (1 + steps) * block * 4)
    let states = try Storage(bytes: (1 + steps) * block * type.size)
    ein_clear(cells.data, block * 4)
    ein_clear(states.data, block * type.size)
    var part = try prepared(rows: chunk * batch, with: input, bias: biasLayout, into: .float32)
    for first in stride(from: 0, to: steps, by: chunk) {
      let count = min(chunk, steps - first)
      if count < chunk {
        part = try prepared(rows: count * batch, with: input, bias: biasLayout, into: .float32)
      }
      try part.plan.run([
        (EIN_SOURCE, Storage(x, from: first * batch * inputs * type.size)), (EIN_WEIGHTS, part.matrix),
        (EIN_BIAS, bias.storage), (EIN_RESULT, fresh),
      ])
      var setting = setting(steps: count)
      let status = step.plan.withID {
        ein_lstm_forward(
          &setting, $0, step.matrix.data, fresh.floats, sums.floats,
          kept.data + (keeps ? first * 4 * block * type.size : 0), cells.floats + first * block,
          states.data + first * block * type.size)
      }
      withExtendedLifetime((step.matrix, fresh, sums, kept)) {}
      try check(status)
    }
    return (
      Storage(states, from: block * type.size), keeps ? Pass(gates: kept, cells: cells, states: states) : nil
    )
  }

  /// - Returns: The gradients of what goes into the gates, in their place.
  func backward(_ pass: Pass, _ gradient: Storage) throws -> Storage {
    let recurrent = (weights.recurrent.storage, try Layout([4 * hidden, hidden]))
    let step = try prepared(rows: batch, with: recurrent, into: .float32)
    let sums = try Storage(bytes: batch * hidden * 4)
    let ofCell = try Storage(bytes: batch * hidden * 4)
    var setting = setting(steps: steps)
    let status = step.plan.withID {
      ein_lstm_backward(
        &setting, $0, step.matrix.data, pass.gates.data, pass.cells.floats, gradient.data, sums.floats,
        ofCell.floats)
    }
    withExtendedLifetime((step.matrix, gradient, sums, ofCell)) {}
    try check(status)
    return pass.gates
  }

  func inputGradient(_ ofGates: Storage, like layout: Layout) throws -> Storage {
    let input = (weights.input.storage, try Layout([4 * hidden, inputs]))
    let (plan, matrix) = try prepared(rows: rows, with: input, into: type)
    let result = try Storage(bytes: layout.bytes)
    try plan.run([(EIN_SOURCE, ofGates), (EIN_WEIGHTS, matrix), (EIN_RESULT, result)])
    return result
  }

  /// The gradient of a weight [4 · H, columns], which rows [T · B, columns] were multiplied by.
  func weightGradient(_ ofGates: Storage, _ factors: Storage, columns: Int) throws -> Tensor {
    let shape = [4 * hidden, columns]
    let transposed = try Layout([4 * hidden, rows], strides: [1, 4 * hidden], type: type)
    return Tensor(
      shape: shape, layout: try Layout(shape),
      storage: try product(
        (ofGates, transposed), (factors, Layout([rows, columns], type: type)), into: Layout(shape)))
  }

  func biasGradient(_ ofGates: Storage) throws -> Tensor {
    let sums = try Tensor(shape: [4 * hidden])
    ein_column_sums(type.kind, ofGates.data, rows, 4 * hidden, sums.storage.floats)
    withExtendedLifetime(ofGates) {}
    return sums
  }
}
