internal import COneDNN
internal import ECGData
internal import Foundation

/// The one thread on which all tensor work runs.
///
/// oneDNN's OpenMP runtime keeps a pool of threads for every thread that calls it, so all calls must come
/// from one and the same thread of the operating system; a serial executor that owns a thread lets the
/// compiler prove it. Tensors, tapes, layers and optimisers are isolated to this actor:
///
///     let loss = try await step()
///     @ComputeActor func step() throws -> Float { … }
@globalActor public actor ComputeActor {
  /// The actor.
  public static let shared = ComputeActor()

  private static let thread = ComputeThread()

  /// The executor that owns the compute thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    Self.thread.asUnownedSerialExecutor()
  }

  /// Sets how many threads an operation may use; 1 until set.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `unsupported` in a build without oneDNN, or for more than one where oneDNN does
  ///   not run on OpenMP; `invalidArgument` for a count out of range.
  @ComputeActor public static func setThreads(_ count: Int) throws {
    try check(ein_set_threads(Int32(clamping: count)))
  }

  /// Returns the memory that is kept for the next tensors to the system.
  public nonisolated static func releaseMemory() { ein_memory_trim() }

  /// The library that computes, with its version; or why there is none.
  public nonisolated static var engineName: String { String(cString: ein_engine_name()) }

  /// Runs a closure on the compute thread.
  public static func run<Result: Sendable>(
    _ body: @ComputeActor @Sendable () throws -> Result
  ) async rethrows -> Result {
    try await body()
  }
}

/// A serial executor with a thread of its own.
private final class ComputeThread: SerialExecutor, @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []
  private var thread: Thread?

  init() {
    let thread = Thread { [unowned self] in work() }
    thread.name = "compute"
    thread.stackSize = 64 << 20
    self.thread = thread
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.lock()
    jobs.append(job)
    condition.signal()
    condition.unlock()
  }

  func checkIsolated() {
    precondition(isIsolatingCurrentContext() == true, "tensors belong to ComputeActor")
  }

  func isIsolatingCurrentContext() -> Bool? {
    Thread.current === thread
  }

  private func work() {
    while true {
      condition.lock()
      while jobs.isEmpty { condition.wait() }
      let waiting = jobs
      jobs.removeAll(keepingCapacity: true)
      condition.unlock()
      for job in waiting { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }
}
