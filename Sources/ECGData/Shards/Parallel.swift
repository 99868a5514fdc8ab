import Dispatch
import Synchronization

/// A flag that asks a long job to end at its next clean point; safe to set from a signal's handler queue.
public final class Interruption: Sendable {
  private let flag = Atomic(false)

  /// What is true of work that keeps its finished parts.
  public static let resumes = "the same command goes on from here"

  /// Nothing asked yet.
  public init() {}

  /// Asks for the end.
  public func request() { flag.store(true, ordering: .relaxed) }

  /// Whether the end was asked for.
  public var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Goes on unless the end was asked for.
  ///
  /// - Parameter state: what is true then of the work done, for the user.
  /// - Throws: `ECGError.Code.interrupted` once the end was asked for.
  public func check(_ state: String) throws {
    guard !isRequested else { throw ECGError(.interrupted, "stopped on request", advice: state) }
  }
}

/// Independent work on several threads, results in order.
enum Parallel {
  /// `body(0) … body(count - 1)` on `jobs` threads; the first error in order of index is thrown, and no new
  /// work begins after one.
  static func map<Result: Sendable>(
    _ count: Int, jobs: Int, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let slots = Mutex([Swift.Result<Result, any Error>?](repeating: nil, count: count))
    let next = Atomic(0)
    let failed = Atomic(false)
    DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, count))) { _ in
      while !failed.load(ordering: .relaxed) {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let result = Swift.Result { try body(index) }
        if case .failure = result { failed.store(true, ordering: .relaxed) }
        slots.withLock { $0[index] = result }
      }
    }
    return try slots.withLock { slots in
      for case .failure(let error)? in slots { throw error }
      return try slots.compactMap { try $0?.get() }
    }
  }

  /// Works on ranges that follow each other from 0 to a count, several at a time.
  ///
  /// - Parameters:
  ///   - count: where the last range ends.
  ///   - size: the length of a range, but for the last.
  ///   - jobs: threads.
  ///   - body: the work.
  ///   - take: gets the results in order, one at a time; no more than a few are in memory.
  /// - Throws: the first error in order of range.
  static func inOrder<Result: Sendable>(
    _ count: Int, by size: Int, jobs: Int, _ body: @Sendable (Range<Int>) throws -> Result,
    take: (Result) throws -> Void
  ) throws {
    let jobs = min(jobs, (count + size - 1) / size)
    let wave = size * 8 * max(1, jobs)
    for start in stride(from: 0, to: count, by: wave) {
      let end = min(count, start + wave)
      let results = try map((end - start + size - 1) / size, jobs: jobs) { part in
        try body((start + part * size)..<min(end, start + (part + 1) * size))
      }
      for result in results { try take(result) }
    }
  }
}

/// One piece of work on a thread of its own, begun at once.
final class Background<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let group = DispatchGroup()

  init(_ body: @escaping @Sendable () throws -> Value) {
    // A queue of its own: the shared ones lend no more threads than there are cores.
    DispatchQueue(label: "background", qos: .userInitiated).async(group: group) { [self] in
      let value = Result { try body() }
      result.withLock { $0 = value }
    }
  }

  /// Waits for the end, and returns or throws what the work did.
  func value() throws -> Value {
    group.wait()
    guard let result = result.withLock({ $0 }) else {
      throw ECGError(.inputOutput, "a thread ended without a result")
    }
    return try result.get()
  }
}
