internal import COneDNN
internal import ECGData

extension Tensor {
  /// What is taken of a sequence's valid steps.
  enum TimeReduction {
    case mean
    case max
    case last
  }

  /// The mean over time: [B, T, C] → [B, C], over the first `lengths[b]` steps of every sequence.
  ///
  /// Each length is in 1 … T; all steps are valid if the lengths are left out.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the lengths do not fit the shape.
  public func timeMean(lengths: [Int]? = nil, tape: Tape? = nil) throws -> Tensor {
    try reducedOverTime(.mean, lengths: lengths, tape: tape)
  }

  /// The maximum over time: [B, T, C] → [B, C], over the first `lengths[b]` steps of every sequence.
  ///
  /// Of several equal maxima the first one takes the gradient.
  ///
  /// Each length is in 1 … T; all steps are valid if the lengths are left out.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the lengths do not fit the shape.
  public func timeMax(lengths: [Int]? = nil, tape: Tape? = nil) throws -> Tensor {
    try reducedOverTime(.max, lengths: lengths, tape: tape)
  }

  /// The last valid step: [B, T, C] → [B, C].
  ///
  /// Each length is in 1 … T; all steps are valid if the lengths are left out.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the lengths do not fit the shape.
  public func timeLast(lengths: [Int]? = nil, tape: Tape? = nil) throws -> Tensor {
    try reducedOverTime(.last, lengths: lengths, tape: tape)
  }

  private func reducedOverTime(_ reduction: TimeReduction, lengths: [Int]?, tape: Tape?) throws -> Tensor {
    guard shape.count == 3 else {
      throw ECGError(.invalidArgument, "a sequence has the axes [B, T, C], not the shape \(shape)")
    }
    let valid = try Self.checkedLengths(lengths, batch: shape[0], steps: shape[1])
    let x = try converted(to: .float32).withDenseRows()
    let strides = try x.layout.strides ?? []
    let result = try Tensor(shape: [shape[0], shape[2]])
    let steps = reduction == .max ? try Storage(bytes: result.count * MemoryLayout<Int32>.size) : nil
    let axes = (batch: shape[0], channels: shape[2], strides: strides)
    Self.withSequence(axes, valid, keeping: (x, steps)) { sequence in
      switch reduction {
      case .mean: ein_time_mean(x.storage.floats, sequence, result.storage.floats)
      case .max: ein_time_max(x.storage.floats, sequence, result.storage.floats, steps?.indices)
      case .last: ein_time_last(x.storage.floats, sequence, result.storage.floats)
      }
    }
    return result.recorded(on: tape, from: [self]) { [slot, shape, layout = x.layout] gradient in
      let plain = try gradient.rowMajor().storage
      let out = Tensor(shape: shape, layout: layout, storage: try Storage(bytes: layout.bytes))
      ein_fill(out.storage.floats, try layout.elements, 0)
      Self.withSequence(axes, valid, keeping: (plain, steps)) { sequence in
        switch reduction {
        case .mean: ein_time_mean_gradient(plain.floats, sequence, out.storage.floats)
        case .max: ein_time_max_gradient(plain.floats, steps?.indices, sequence, out.storage.floats)
        case .last: ein_time_last_gradient(plain.floats, sequence, out.storage.floats)
        }
      }
      try slot?.add(out)
    }
  }

  /// Lengths as the C loops take them, each checked to be in 1 … steps.
  static func checkedLengths(_ lengths: [Int]?, batch: Int, steps: Int) throws -> [Int32] {
    let lengths = lengths ?? [Int](repeating: steps, count: batch)
    guard lengths.count == batch, lengths.allSatisfy({ (1...steps).contains($0) }), steps <= Int(Int32.max)
    else {
      throw ECGError(
        .invalidArgument, "valid lengths must be \(batch) numbers in 1 … \(steps), but are \(lengths)")
    }
    return lengths.map(Int32.init)
  }

  private static func withSequence(
    _ axes: (batch: Int, channels: Int, strides: [Int]), _ lengths: [Int32],
    keeping kept: Any, _ body: (UnsafePointer<ein_sequence>) -> Void
  ) {
    lengths.withUnsafeBufferPointer { lengths in
      var sequence = ein_sequence()
      sequence.batch = Int64(axes.batch)
      sequence.channels = Int64(axes.channels)
      sequence.batch_stride = Int64(axes.strides[0])
      sequence.time_stride = Int64(axes.strides[1])
      sequence.lengths = lengths.baseAddress
      withExtendedLifetime(kept) { body(&sequence) }
    }
  }
}
