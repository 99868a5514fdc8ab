import Foundation

/// A queue of limited length between one producer and one consumer; either end may leave.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  // Everything below is guarded by `condition`.
  private let condition = NSCondition()
  private var items: [Element] = []
  private var isClosed = false
  private var isFinished = false
  private var failure: (any Error)?
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// Waits for room and adds an item; false once the consumer has left.
  func push(_ item: Element) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while items.count >= capacity, !isClosed { condition.wait() }
    guard !isClosed else { return false }
    items.append(item)
    condition.broadcast()
    return true
  }

  /// Waits for an item; nil after the last, or the producer's error.
  func pop() throws -> Element? {
    condition.lock()
    defer { condition.unlock() }
    while items.isEmpty, !isFinished { condition.wait() }
    if items.isEmpty {
      if let failure { throw failure }
      return nil
    }
    let item = items.removeFirst()
    condition.broadcast()
    return item
  }

  /// The producer has nothing more, or failed.
  func finish(throwing error: (any Error)? = nil) {
    condition.lock()
    defer { condition.unlock() }
    isFinished = true
    failure = error
    condition.broadcast()
  }

  /// The consumer has left.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
  }
}
