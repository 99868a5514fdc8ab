internal import ECGData

extension Optimizer {
  /// Takes a step of a run; an error tells which, and where.
  func step(_ number: Int, of directory: RunDirectory) throws {
    do {
      try step()
    } catch var error as ECGError {
      error.message += " at step \(number)"
      throw error.located(file: directory.path)
    }
  }
}
