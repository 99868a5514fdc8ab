internal import COneDNN
internal import ECGData

extension Tensor {
  /// The tensor with its last two axes exchanged: [B, C, T] ↔ [B, T, C]; the elements stay where they are.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if there are fewer than two axes.
  public func transposed(tape: Tape? = nil) throws -> Tensor {
    guard shape.count >= 2 else {
      throw ECGError(.invalidArgument, "a tensor of shape \(shape) has no two axes to exchange")
    }
    let source: Tensor
    if try layout.strides == nil { source = try dense() } else { source = self }
    var shape = shape
    var strides = try source.layout.strides ?? []
    shape.swapAt(shape.count - 1, shape.count - 2)
    strides.swapAt(strides.count - 1, strides.count - 2)
    let result = Tensor(
      shape: shape, layout: try Layout(shape, strides: strides, type: layout.type), storage: source.storage)
    return result.recorded(on: tape, from: [self]) { [slot] gradient in
      try slot?.add(gradient.transposed())
    }
  }

  /// The same elements, Float32 in row-major order, under another shape.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the numbers of elements differ.
  public func reshaped(_ newShape: [Int], tape: Tape? = nil) throws -> Tensor {
    guard try Self.count(of: newShape) == count else {
      throw ECGError(.invalidArgument, "a tensor of shape \(shape) cannot take the shape \(newShape)")
    }
    let result = Tensor(shape: newShape, layout: try Layout(newShape), storage: try rowMajor().storage)
    return result.recorded(on: tape, from: [self]) { [slot, shape] gradient in
      try slot?.add(gradient.reshaped(shape))
    }
  }

  /// Joins tensors along one axis; all others must agree.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if they do not, or if there are no tensors.
  public static func concatenated(_ parts: [Tensor], axis: Int, tape: Tape? = nil) throws -> Tensor {
    guard let first = parts.first, first.shape.indices.contains(axis) else {
      throw ECGError(.invalidArgument, "nothing to join along axis \(axis)")
    }
    var shape = first.shape
    shape[axis] = 0
    for part in parts {
      guard part.shape.count == shape.count,
        zip(part.shape, shape).enumerated().allSatisfy({
          $0.offset == axis || $0.element.0 == $0.element.1
        })
      else {
        throw ECGError(
          .invalidArgument, "cannot join shapes \(first.shape) and \(part.shape) along axis \(axis)")
      }
      shape[axis] += part.shape[axis]
    }
    if axis == 1, shape.count == 3 { return try concatenated(channels: parts, of: shape, tape: tape) }
    let result = try Tensor(shape: shape)
    var offset = 0
    for part in parts {
      let plain = try part.rowMajor()
      withExtendedLifetime(plain) { plain.copy(axis: axis, offset: offset, of: result, isReading: false) }
      offset += part.shape[axis]
    }
    let targets = parts.map { (shape: $0.shape, slot: $0.slot) }
    return result.recorded(on: tape, from: parts) { gradient in
      let gradient = try gradient.rowMajor()
      var offset = 0
      for target in targets {
        if let slot = target.slot {
          let piece = try Tensor(shape: target.shape)
          withExtendedLifetime(gradient) {
            piece.copy(axis: axis, offset: offset, of: gradient, isReading: true)
          }
          try slot.add(piece)
        }
        offset += target.shape[axis]
      }
    }
  }

  /// Joins the channels of signals [B, C, T], channels innermost in memory, of the first one's type.
  private static func concatenated(channels parts: [Tensor], of shape: [Int], tape: Tape?) throws -> Tensor {
    let type = try parts[0].layout.type
    let strides = [shape[1] * shape[2], 1, shape[1]]
    let layout = try Layout(shape, strides: strides, type: type)
    let whole = Tensor(shape: shape, layout: layout, storage: try Storage(bytes: layout.bytes))
    var offset = 0
    var places: [(layout: Layout, offset: Int)] = []
    for part in parts {
      let place = try Layout(part.shape, strides: strides, type: type)
      places.append((place, offset * type.size))
      try reorder(
        part.storage, from: part.layout, into: Storage(whole.storage, from: offset * type.size), place)
      offset += part.shape[1]
    }
    let targets = parts.map { (shape: $0.shape, layout: $0.layout, slot: $0.slot) }
    return whole.recorded(on: tape, from: parts) { gradient in
      let gradient = try gradient.laidOut(as: layout)
      for (target, place) in zip(targets, places) {
        guard let slot = target.slot else { continue }
        let piece = try Storage(bytes: target.layout.bytes)
        try reorder(
          Storage(gradient.storage, from: place.offset), from: place.layout, into: piece, target.layout)
        try slot.add(Tensor(shape: target.shape, layout: target.layout, storage: piece))
      }
    }
  }

  /// Copies this row-major tensor to, or from, its place along an axis of a larger row-major one.
  private func copy(axis: Int, offset: Int, of whole: Tensor, isReading: Bool) {
    let inner = shape[(axis + 1)...].reduce(1, *)
    let run = shape[axis] * inner
    let wholeRun = whole.shape[axis] * inner
    for outer in 0..<shape[..<axis].reduce(1, *) {
      let here = storage.floats + outer * run
      let there = whole.storage.floats + outer * wholeRun + offset * inner
      if isReading { here.update(from: there, count: run) } else { there.update(from: here, count: run) }
    }
  }
}
