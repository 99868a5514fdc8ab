import ECGData
import Testing

/// The error that `body` throws, which must be an `ECGError`.
func error<Result>(
  sourceLocation: SourceLocation = #_sourceLocation, from body: () throws -> Result
) throws -> ECGError {
  do {
    _ = try body()
  } catch let error as ECGError {
    return error
  }
  Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  throw NothingThrown()
}

struct NothingThrown: Error {}
