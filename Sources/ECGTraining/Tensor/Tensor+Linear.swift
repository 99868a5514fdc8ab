internal import COneDNN
internal import ECGData

extension Tensor {
  /// `x · weightᵀ + bias` over the last axis: [… , I] → [… , O], for a weight [O, I] and a bias [O].
  ///
  /// The leading axes keep the order they have in memory, so sequences laid out by time stay so.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit.
  public func linear(weight: Tensor, bias: Tensor? = nil, tape: Tape? = nil) throws -> Tensor {
    guard let inputs = shape.last, weight.shape.count == 2, weight.shape[1] == inputs,
      bias == nil || bias?.shape == [weight.shape[0]]
    else {
      throw ECGError(
        .invalidArgument,
        "a linear map of weight \(weight.shape)\(bias.map { " and bias \($0.shape)" } ?? "") does not apply to "
          + "shape \(shape)")
    }
    let outputs = weight.shape[0]
    let x = try withDenseRows()
    let rows = count / inputs
    let type = try x.layout.type
    let xLayout = try Layout([rows, inputs], type: type)
    let yLayout = try Layout([rows, outputs], type: type)
    let weight = try weight.sharing(weight.laidOut(as: Layout([outputs, inputs], type: type)))
    _ = try Self.count(of: [rows, outputs])
    let biasPart = try bias.map { (try $0.rowMajor().storage, try Layout([1, outputs])) }
    let y = try product(
      (x.storage, xLayout), (weight.storage, Layout([inputs, outputs], strides: [1, inputs], type: type)),
      bias: biasPart,
      into: yLayout)
    let layout = try x.rowsLayout(width: outputs)
    let result = Tensor(shape: shape.dropLast() + [outputs], layout: layout, storage: y)
    let sources = [self, weight] + (bias.map { [$0] } ?? [])
    return result.recorded(on: tape, from: sources) {
      [slot, weightSlot = weight.slot, biasSlot = bias?.slot] in
      let gradient = try $0.laidOut(as: layout).storage
      try slot?.add(
        Tensor(
          shape: x.shape, layout: x.layout,
          storage: product(
            (gradient, yLayout), (weight.storage, Layout([outputs, inputs], type: type)), into: xLayout)))
      try weightSlot?.add(
        Tensor(
          shape: [outputs, inputs], layout: Layout([outputs, inputs]),
          storage: product(
            (gradient, Layout([outputs, rows], strides: [1, outputs], type: type)), (x.storage, xLayout),
            into: Layout([outputs, inputs]))))
      if let biasSlot {
        let sums = try Tensor(shape: [outputs])
        withExtendedLifetime(gradient) {
          ein_column_sums(type.kind, gradient.data, rows, outputs, sums.storage.floats)
        }
        try biasSlot.add(sums)
      }
    }
  }

  /// `self · other` over the last two axes, batch by batch: [B, M, K] · [B, K, N] → [B, M, N], Float32.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit.
  public func matmul(_ other: Tensor, tape: Tape? = nil) throws -> Tensor {
    guard shape.count == 3, other.shape.count == 3, shape[0] == other.shape[0], shape[2] == other.shape[1]
    else {
      throw ECGError(.invalidArgument, "no matrix product of shapes \(shape) and \(other.shape)")
    }
    let a = try withStrides()
    let b = try other.withStrides().converted(to: a.layout.type)
    let result = try a.plainProduct(b)
    return result.recorded(on: tape, from: [self, other]) { [slot, otherSlot = other.slot] gradient in
      let gradient = try gradient.rowMajor().converted(to: a.layout.type)
      try slot?.add(gradient.plainProduct(b.transposed()))
      try otherSlot?.add(a.transposed().plainProduct(gradient))
    }
  }

  /// A batched product of strided tensors, row-major.
  func plainProduct(_ other: Tensor) throws -> Tensor {
    let result = try Tensor(shape: [shape[0], shape[1], other.shape[2]])
    try product((storage, layout), (other.storage, other.layout), into: result.storage, result.layout)
    return result
  }

  /// This tensor if strides describe its layout, else a row-major copy.
  func withStrides() throws -> Tensor {
    try layout.strides == nil ? dense() : self
  }

  /// This tensor if the last axis is innermost in memory, else a row-major copy.
  func withDenseRows() throws -> Tensor {
    try layout.strides?.last == 1 ? self : dense()
  }

  /// The layout of rows in the same order as this tensor's, but of another width.
  func rowsLayout(width: Int) throws -> Layout {
    let old = shape[shape.count - 1]
    let strides = try layout.strides ?? []
    let wider = zip(shape, strides).map { $0.0 == 1 ? width : $0.1 / old * width }
    return try Layout(shape.dropLast() + [width], strides: wider.dropLast() + [1], type: layout.type)
  }

  /// Another tensor's elements with this one's gradient.
  func sharing(_ other: Tensor) -> Tensor {
    if other === self { return self }
    let result = Tensor(shape: other.shape, layout: other.layout, storage: other.storage)
    result.slot = slot
    return result
  }
}
