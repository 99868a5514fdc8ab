internal import COneDNN
internal import ECGData

extension Tensor {
  /// `self + other`, for equal shapes.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ.
  public func adding(_ other: Tensor, tape: Tape? = nil) throws -> Tensor {
    guard shape == other.shape else {
      throw ECGError(.invalidArgument, "cannot add tensors of shapes \(shape) and \(other.shape)")
    }
    let same = try other.laidOut(as: layout)
    let result = try like()
    let count = try layout.elements
    withExtendedLifetime(same) {
      ein_add(storage.floats, same.storage.floats, result.storage.floats, count)
    }
    return result.recorded(on: tape, from: [self, other]) { [slot, otherSlot = other.slot] gradient in
      try slot?.add(gradient)
      try otherSlot?.add(gradient)
    }
  }

  /// `factor · self`.
  public func scaled(by factor: Float, tape: Tape? = nil) throws -> Tensor {
    let result = try like()
    ein_scale(storage.floats, factor, result.storage.floats, try layout.elements)
    return result.recorded(on: tape, from: [self]) { [slot] gradient in
      try slot?.add(gradient.scaled(by: factor))
    }
  }

  /// `max(0, self)`.
  public func relu(tape: Tape? = nil) throws -> Tensor {
    let result = try like()
    ein_relu(storage.floats, result.storage.floats, try layout.elements)
    let kept = Tensor(shape: shape, layout: layout, storage: result.storage)
    return result.recorded(on: tape, from: [self]) { [slot] gradient in
      let out = try kept.like()
      let gradient = try gradient.laidOut(as: kept.layout)
      let count = try kept.layout.elements
      withExtendedLifetime(gradient) {
        ein_relu_gradient(kept.storage.floats, gradient.storage.floats, out.storage.floats, count)
      }
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
