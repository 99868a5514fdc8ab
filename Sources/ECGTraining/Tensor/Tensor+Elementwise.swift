internal import COneDNN
internal import ECGData

extension Tensor {
  /// `self + other`, for equal shapes.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ.
  public func adding(_ other: Tensor, tape: Tape? = nil) throws -> Tensor {
    let result = try sum(with: other, by: ein_add)
    return result.recorded(on: tape, from: [self, other]) { [slot, otherSlot = other.slot] gradient in
      try slot?.add(gradient)
      try otherSlot?.add(gradient)
    }
  }

  /// Adds the elements of another tensor of this one's shape.
  private func sum(
    with other: Tensor,
    by add: (ein_type, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int) -> Void
  ) throws -> Tensor {
    guard shape == other.shape else {
      throw ECGError(.invalidArgument, "cannot add tensors of shapes \(shape) and \(other.shape)")
    }
    let same = try other.laidOut(as: layout)
    let result = try like()
    let (type, count) = try (layout.type, layout.elements)
    withExtendedLifetime(same) {
      add(type.kind, storage.data, same.storage.data, result.storage.data, count)
    }
    return result
  }

  /// `factor · self`.
  public func scaled(by factor: Float, tape: Tape? = nil) throws -> Tensor {
    let result = try like()
    try ein_scale(layout.type.kind, storage.data, factor, result.storage.data, layout.elements)
    return result.recorded(on: tape, from: [self]) { [slot] gradient in
      try slot?.add(gradient.scaled(by: factor))
    }
  }

  /// `max(0, self)`.
  public func relu(tape: Tape? = nil) throws -> Tensor {
    let result = try like()
    try ein_relu(layout.type.kind, storage.data, result.storage.data, layout.elements)
    let kept = result.unrecorded()
    return result.recorded(on: tape, from: [self]) { [slot] gradient in
      try slot?.add(kept.reluGradient(gradient))
    }
  }

  /// `max(0, self + other)`, for equal shapes: how a residual block ends.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ.
  public func addingReLU(_ other: Tensor, tape: Tape? = nil) throws -> Tensor {
    let result = try sum(with: other, by: ein_add_relu)
    let kept = result.unrecorded()
    return result.recorded(on: tape, from: [self, other]) { [slot, otherSlot = other.slot] gradient in
      let both = try kept.reluGradient(gradient)
      try slot?.add(both)
      try otherSlot?.add(both)
    }
  }

  /// The gradient where this tensor, a result of ReLU, is positive.
  private func reluGradient(_ gradient: Tensor) throws -> Tensor {
    let out = try like()
    let gradient = try gradient.laidOut(as: layout)
    let (type, count) = try (layout.type, layout.elements)
    withExtendedLifetime(gradient) {
      ein_relu_gradient(type.kind, storage.data, gradient.storage.data, out.storage.data, count)
    }
    return out
  }

  /// Dropout (Srivastava et al., 2014): zero with probability `rate`, else divided by 1 − rate.
  ///
  /// The seed and an element's place in memory decide, for all threads alike.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for a rate that is not in 0 ..< 1.
  public func dropout(rate: Float, seed: UInt64, tape: Tape? = nil) throws -> Tensor {
    guard (0..<1).contains(rate) else {
      throw ECGError(.invalidArgument, "a dropout rate of \(rate)", advice: "choose one from 0, below 1")
    }
    if rate == 0 { return self }
    let result = try like()
    try ein_dropout(layout.type.kind, storage.data, rate, seed, result.storage.data, layout.elements)
    return result.recorded(on: tape, from: [self]) { [slot, layout] gradient in
      let gradient = try gradient.laidOut(as: layout)
      let out = try gradient.like()
      try ein_dropout(
        layout.type.kind, gradient.storage.data, rate, seed, out.storage.data, layout.elements)
      withExtendedLifetime(gradient) {}
      try slot?.add(out)
    }
  }

  /// `1 / (1 + e^(−self))`.
  public func sigmoid(tape: Tape? = nil) throws -> Tensor {
    // Row-major, because the padding of a blocked layout must stay zero and sigmoid(0) is not.
    let plain = try rowMajor()
    let result = try plain.like()
    withExtendedLifetime(plain) { ein_sigmoid(plain.storage.floats, result.storage.floats, count) }
    let kept = Tensor(shape: shape, layout: plain.layout, storage: result.storage)
    return result.recorded(on: tape, from: [self]) { [slot] gradient in
      let out = try kept.like()
      let gradient = try gradient.rowMajor()
      withExtendedLifetime(gradient) {
        ein_sigmoid_gradient(kept.storage.floats, gradient.storage.floats, out.storage.floats, kept.count)
      }
      try slot?.add(out)
    }
  }
}
