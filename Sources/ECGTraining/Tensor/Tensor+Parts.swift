internal import ECGData

extension Tensor {
  /// Applies `body` to so many rows at a time, without keeping what a tape would keep of all of them.
  ///
  /// With a tape, results are computed without being recorded; once their gradient is known, each part is computed again, and
  /// the gradient passes through it (gradient caching: Gao et al., "Scaling deep contrastive learning batch size under memory
  /// limited setup", 2021). Layers that normalise do so over a part; their running statistics count each part once.
  ///
  /// - Parameters:
  ///   - size: rows of a part; 0, or as many as there are, is all at once, in one pass.
  ///   - tape: what records.
  ///   - takesGradient: whether a gradient is wanted; without, a tape only tells that this is training.
  ///   - body: makes [n, …] of the rows [n, …] that begin at a place; the same if it is called again. This tensor itself takes
  ///     no gradient.
  /// - Returns: the results one behind the other.
  /// - Throws: What `body` throws.
  func inParts(
    of size: Int, tape: Tape?, takesGradient: Bool = true,
    _ body: @escaping @ComputeActor (_ part: Tensor, _ first: Int, _ tape: Tape?) throws -> Tensor
  ) throws -> Tensor {
    let rows = shape[0]
    guard size > 0, size < rows else { return try body(self, 0, tape) }
    let source = try rowMajor()
    // As many parts as are needed, of nearly the same size: a last one of a single row could not be normalised.
    let count = (rows + size - 1) / size
    let parts = (0..<count).map { rows * $0 / count..<rows * ($0 + 1) / count }
    let results = try parts.map { part in
      try body(
        source.rows(part.lowerBound, part.count), part.lowerBound,
        tape.map { Tape(isRehearsal: takesGradient || $0.isRehearsal) }
      ).unrecorded()
    }
    let result = try Tensor.concatenated(results, axis: 0)
    guard takesGradient else { return result }
    tape?.record(result) { gradient in
      let gradient = try gradient.rowMajor()
      for part in parts {
        let inner = Tape()
        let result = try body(source.rows(part.lowerBound, part.count), part.lowerBound, inner)
        if result.requiresGradient {
          try inner.backward(from: result, gradient: gradient.rows(part.lowerBound, part.count))
        }
      }
    }
    return result
  }

  /// Rows of a row-major tensor, copied.
  func rows(_ first: Int, _ count: Int) throws -> Tensor {
    let width = self.count / shape[0]
    let result = try Tensor(shape: [count] + shape.dropFirst())
    result.storage.floats.update(from: storage.floats + first * width, count: count * width)
    return result
  }
}
