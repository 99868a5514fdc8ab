internal import COneDNN
internal import ECGData

extension Tensor {
  /// Binary cross-entropy of logits against targets in 0 … 1, averaged over all elements; a scalar of shape
  /// [1].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ.
  public func binaryCrossEntropy(targets: Tensor, tape: Tape? = nil) throws -> Tensor {
    guard targets.shape == shape else {
      throw ECGError(
        .invalidArgument, "targets of shape \(targets.shape) for logits of shape \(shape)")
    }
    let ofLogits = try Tensor(shape: shape)
    let logits = try rowMajor().storage
    let truth = try targets.rowMajor().storage
    let loss = withExtendedLifetime((logits, truth)) {
      ein_binary_cross_entropy(logits.floats, truth.floats, count, ofLogits.storage.floats)
    }
    return try Tensor([Float(loss)], shape: [1]).recorded(on: tape, from: [self]) { [slot] gradient in
      try slot?.add(ofLogits.scaled(by: gradient.scalar))
    }
  }

  /// Cross-entropy of logits [N, K] against a class index each, averaged over the rows; a scalar of shape
  /// [1].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if there is not one index in 0 ..< K a row.
  public func crossEntropy(classes: [Int], tape: Tape? = nil) throws -> Tensor {
    guard shape.count == 2, classes.count == shape[0], classes.allSatisfy((0..<shape[1]).contains) else {
      throw ECGError(.invalidArgument, "\(classes.count) class indices do not fit logits of shape \(shape)")
    }
    let ofLogits = try Tensor(shape: shape)
    let logits = try rowMajor().storage
    let loss = withExtendedLifetime(logits) {
      ein_cross_entropy(
        logits.floats, classes.map(Int32.init), shape[0], shape[1], ofLogits.storage.floats)
    }
    return try Tensor([Float(loss)], shape: [1]).recorded(on: tape, from: [self]) { [slot] gradient in
      try slot?.add(ofLogits.scaled(by: gradient.scalar))
    }
  }
}

extension Tensor {
  /// The mean squared difference to targets, over the elements that are marked; a scalar of shape [1].
  ///
  /// - Parameters:
  ///   - targets: of the same shape.
  ///   - mask: row-major, not 0 where an element counts; all if left out. Where none does, the loss is 0.
  ///   - tape: What records it.
  /// - Returns: The mean.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ.
  public func meanSquaredError(targets: Tensor, mask: [UInt8]? = nil, tape: Tape? = nil) throws -> Tensor {
    guard targets.shape == shape, mask == nil || mask?.count == count else {
      throw ECGError(
        .invalidArgument,
        "targets of shape \(targets.shape)\(mask.map { " and a mask of \($0.count)" } ?? "") for shape \(shape)"
      )
    }
    let mask = mask ?? [UInt8](repeating: 1, count: count)
    let ofSelf = try Tensor(shape: shape)
    let (given, truth) = try (rowMajor().storage, targets.rowMajor().storage)
    let loss = withExtendedLifetime((given, truth)) {
      ein_masked_square_error(given.floats, truth.floats, mask, count, ofSelf.storage.floats)
    }
    return try Tensor([Float(loss)], shape: [1]).recorded(on: tape, from: [self]) { [slot] gradient in
      try slot?.add(ofSelf.scaled(by: gradient.scalar))
    }
  }

  /// The rows of [N, C] divided by their Euclidean norm, or by `floor` where that is less.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for another number of axes.
  public func normalizedRows(floor: Float = 1e-12, tape: Tape? = nil) throws -> Tensor {
    guard shape.count == 2 else {
      throw ECGError(.invalidArgument, "rows have the axes [N, C], not the shape \(shape)")
    }
    let (rows, columns) = (shape[0], shape[1])
    let plain = try rowMajor()
    let result = try Tensor(shape: shape)
    let norms = try Tensor(shape: [rows])
    ein_normalize_rows(
      plain.storage.floats, rows, columns, floor, result.storage.floats, norms.storage.floats)
    withExtendedLifetime(plain) {}
    let kept = result.unrecorded()
    return result.recorded(on: tape, from: [self]) { [slot] gradient in
      let gradient = try gradient.rowMajor()
      let out = try Tensor(shape: [rows, columns])
      ein_normalize_rows_gradient(
        kept.storage.floats, norms.storage.floats, gradient.storage.floats, rows, columns, floor,
        out.storage.floats)
      withExtendedLifetime((gradient, norms, kept)) {}
      try slot?.add(out)
    }
  }

  /// The cosine of the angle between the rows of two tensors [N, C], averaged over the rows; a scalar of shape [1].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes differ.
  public func cosineSimilarity(to other: Tensor, tape: Tape? = nil) throws -> Tensor {
    guard shape == other.shape, shape.count == 2 else {
      throw ECGError(.invalidArgument, "no cosines between the rows of shapes \(shape) and \(other.shape)")
    }
    let a = try normalizedRows(tape: tape)
    let b = try other.normalizedRows(tape: tape)
    // The products of the rows with each other, row by row.
    let (rows, columns) = (shape[0], shape[1])
    let products = try a.reshaped([rows, 1, columns], tape: tape)
      .matmul(b.reshaped([rows, columns, 1], tape: tape), tape: tape)
    let ones = try Tensor(repeating: 1 / Float(rows), shape: [1, rows])
    return try products.reshaped([1, rows], tape: tape).linear(weight: ones, tape: tape).reshaped(
      [1], tape: tape)
  }
}
