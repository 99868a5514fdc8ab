internal import COneDNN
internal import ECGData

extension Tensor {
  /// A loss of the products of these rows [N, D] with others [M, D]; a scalar of shape [1].
  ///
  /// `body` is given the products, [N, M] row-major, puts the loss's gradient with respect to them in their place, and
  /// returns the loss: a matrix of this size is needed once.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shapes do not fit, and what `body` throws.
  func loss(
    ofProductsWith other: Tensor, tape: Tape?, _ body: (UnsafeMutablePointer<Float>) throws -> Double
  ) throws -> Tensor {
    guard shape.count == 2 else {
      throw ECGError(.invalidArgument, "rows have the axes [N, D], not the shape \(shape)")
    }
    let (rows, columns) = try (rowMajor(), other.rowMajor())
    let products = try rows.linear(weight: columns)
    let loss = try Tensor([Float(body(products.storage.floats))], shape: [1])
    let (n, m) = (products.shape[0], products.shape[1])
    return loss.recorded(on: tape, from: [self, other]) { [slot, otherSlot = other.slot] gradient in
      let factor = try gradient.scalar
      @ComputeActor func passed(_ left: Layout, _ right: Tensor, shape: [Int]) throws -> Tensor {
        let layout = try Layout(shape)
        let storage = try product((products.storage, left), (right.storage, right.layout), into: layout)
        let made = Tensor(shape: shape, layout: layout, storage: storage)
        return factor == 1 ? made : try made.scaled(by: factor)
      }
      try slot?.add(passed(products.layout, columns, shape: rows.shape))
      try otherSlot?.add(passed(Layout([m, n], strides: [1, m]), rows, shape: columns.shape))
    }
  }
}
