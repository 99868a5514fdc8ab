import Foundation

/// Runs a closure on a thread of its own; unlike Foundation's, one that the system refuses is an error.
///
/// - Throws: `ECGError.Code.inputOutput` where the system allows no more threads.
func startThread(_ body: @escaping @Sendable () -> Void) throws {
  let work = Unmanaged.passRetained(Work(body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { pointer in
      if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
      return nil
    }, work.toOpaque())
  guard code == 0 else {
    work.release()
    throw ECGError(
      .inputOutput, "a thread cannot be started: \(String(cString: strerror(code)))",
      advice: "raise the limit of processes and threads (ulimit -u)")
  }
  pthread_detach(thread)
}

private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
