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
