internal import ECGData

extension Robustness {
  /// Reads a run's file and checks that its figures are areas; nil if there is none.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - count: Test records of the run.
  ///   - macroAUC: Of the run without noise.
  /// - Returns: What noise leaves of the run's macro AUC.
  /// - Throws: `ECGError` naming the file.
  static func read(_ path: String, of count: Int, macroAUC: Double) throws -> Robustness? {
    guard TextFile.exists(path) else { return nil }
    let curve = try TextFile.decode(Robustness.self, TextFile.read(path), file: path)
    guard curve.points.count <= 1000 else {
      throw ECGError(
        .malformed, "\(curve.points.count) points are more than the 1000 that are told", file: path)
    }
    var known: Set<[NoiseKind: Double?]> = []
    for (number, point) in curve.points.enumerated() {
      guard (0...1).contains(point.macroAUC), point.ci95.isEmpty || point.ci95.count == 2,
        point.ci95.allSatisfy({ (0...1).contains($0) }), point.ci95 == point.ci95.sorted(),
        (point.level.value == nil) != (point.decibels.value == nil),
        abs(point.decibels.value ?? 0) <= 1000, (1...1000).contains(point.level.value ?? 1)
      else {
        throw ECGError(.malformed, "point \(number + 1) of \(point.noise) makes no sense", file: path)
      }
      let kind = NoiseKind(point)
      guard known.insert([kind: kind.step(point)]).inserted else {
        throw ECGError(.malformed, "point \(number + 1) of \(point.noise) is there twice", file: path)
      }
    }
    guard curve.records == count else {
      throw ECGError(.mismatch, "is of \(curve.records) records, the run of \(count)", file: path)
    }
    guard abs(curve.clean - macroAUC) <= 1e-6 else {
      throw ECGError(.mismatch, "clean is \(curve.clean), the run's macro AUC \(macroAUC)", file: path)
    }
    return curve
  }
}
