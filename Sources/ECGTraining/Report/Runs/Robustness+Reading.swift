internal import ECGData

extension Robustness {
  /// Reads a run's file and checks that its figures are areas; nil if there is none.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - count: Test records of the run.
  /// - Returns: What noise leaves of the run's macro AUC.
  /// - Throws: `ECGError` naming the file.
  static func read(_ path: String, of count: Int) throws -> Robustness? {
    guard TextFile.exists(path) else { return nil }
    let curve = try TextFile.decode(Robustness.self, TextFile.read(path), file: path)
    for (number, point) in curve.points.enumerated() {
      guard (0...1).contains(point.macroAUC), point.ci95.isEmpty || point.ci95.count == 2,
        point.ci95.allSatisfy({ (0...1).contains($0) }), point.ci95 == point.ci95.sorted(),
        (point.level.value == nil) != (point.decibels.value == nil),
        abs(point.decibels.value ?? 0) <= 1000, (0...1000).contains(point.level.value ?? 0)
      else {
        throw ECGError(.malformed, "point \(number + 1) of \(point.noise) makes no sense", file: path)
      }
    }
    guard (0...1).contains(curve.clean) else {
      throw ECGError(.malformed, "clean is \(curve.clean), no area", file: path)
    }
    guard curve.records == count else {
      throw ECGError(.mismatch, "is of \(curve.records) records, the run of \(count)", file: path)
    }
    return curve
  }
}
