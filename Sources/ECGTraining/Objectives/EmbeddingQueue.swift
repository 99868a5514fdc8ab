internal import ECGData

/// The latest embeddings of the views that have codes, which ``SwAV`` assigns along with a batch.
@ComputeActor public final class EmbeddingQueue {
  /// Views, each with its own embeddings.
  public let views: Int
  /// Embeddings of a view.
  public let capacity: Int
  /// Numbers of an embedding.
  public let width: Int
  /// [views, capacity, width], the latest first.
  private let embeddings: Tensor
  private var count = 0

  /// An empty queue; 8 batches are the capacity of Mehari and Strodthoff (2022).
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(views: Int = 2, capacity: Int, width: Int) throws {
    embeddings = try Tensor(repeating: 0, shape: [views, capacity, width])
    self.views = views
    self.capacity = capacity
    self.width = width
  }

  /// Whether it has embeddings in every place.
  public var isFull: Bool { count == capacity }

  /// Puts the embeddings of a batch before those there are, brought to length 1; the oldest drop out.
  ///
  /// - Parameters:
  ///   - batch: [V · B, D], view by view; of the V views, the first are kept.
  ///   - total: V.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  public func push(_ batch: Tensor, of total: Int) throws {
    guard batch.shape.count == 2, total >= views, batch.shape[0] % total == 0, batch.shape[1] == width else {
      throw ECGError(
        .invalidArgument, "embeddings of shape \(batch.shape) are not \(total) views of width \(width)")
    }
    let unit = try batch.unrecorded().normalizedRows()
    let rows = batch.shape[0] / total
    let pushed = min(rows, capacity)
    for view in 0..<views {
      let place = embeddings.storage.floats + view * capacity * width
      // Overlapping, from the end.
      (place + pushed * width).update(from: place, count: (capacity - pushed) * width)
      place.update(from: unit.storage.floats + view * rows * width, count: pushed * width)
    }
    withExtendedLifetime(unit) {}
    count = min(capacity, count + pushed)
  }

  /// Copies a view's embeddings, [capacity, width].
  func copy(view: Int, to result: UnsafeMutablePointer<Float>) {
    result.update(from: embeddings.storage.floats + view * capacity * width, count: capacity * width)
  }

  /// What a checkpoint holds: `queue.embeddings` [views, capacity, width] and `queue.count`.
  public func state() throws -> [NamedValues] {
    [
      NamedValues(name: "queue.embeddings", shape: embeddings.shape, values: try embeddings.values),
      NamedValues(name: "queue.count", shape: [], values: [Float(count)]),
    ]
  }

  /// Continues from a stored state.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `mismatch` if it does not fit; nothing is changed then.
  public func load(_ state: [NamedValues]) throws {
    let given = Dictionary(state.map { ($0.name, $0) }) { first, _ in first }
    guard state.count == 2, let stored = given["queue.embeddings"],
      let number = given["queue.count"]?.values.first,
      stored.shape == embeddings.shape, stored.values.count == embeddings.count,
      let count = Int(exactly: number), (0...capacity).contains(count)
    else {
      throw ECGError(.mismatch, "the stored queue does not fit one of shape \(embeddings.shape)")
    }
    try embeddings.overwrite(stored.values)
    self.count = count
  }
}
