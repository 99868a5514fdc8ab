internal import ECGData

/// What noise makes of a run's macro AUC, `robustness.json`.
struct RobustnessCurve: Sendable, Decodable {
  static let file = "robustness.json"

  /// A kind of noise at a level, or at a ratio of signal to noise.
  struct Point: Sendable, Decodable {
    var noise: String
    var level: Int?
    /// In decibel.
    var ratio: Double?
    var macroAUC: Double
    /// The ends of its 95 % interval; nil or empty where it is not known.
    var ci95: [Double]?

    private enum CodingKeys: String, CodingKey {
      case noise, level, ci95
      case ratio = "snr_db"
      case macroAUC = "macro_auc"
    }
  }

  /// Macro AUC without noise.
  var clean: Double
  var points: [Point]

  /// Reads the file; nil if there is none.
  ///
  /// - Throws: `ECGError` naming the file.
  init?(_ path: String) throws {
    guard TextFile.exists(path) else { return nil }
    self = try TextFile.decode(RobustnessCurve.self, TextFile.read(path), file: path)
    for (number, point) in points.enumerated() {
      let ends = point.ci95 ?? []
      guard (0...1).contains(point.macroAUC), ends.isEmpty || ends.count == 2,
        ends.allSatisfy({ (0...1).contains($0) }), ends == ends.sorted(),
        (point.level == nil) != (point.ratio == nil), abs(point.ratio ?? 0) <= 1000,
        (0...1000).contains(point.level ?? 0)
      else {
        throw ECGError(.malformed, "point \(number + 1) of \(point.noise) makes no sense", file: path)
      }
    }
    guard (0...1).contains(clean) else {
      throw ECGError(.malformed, "clean is \(clean), no area", file: path)
    }
  }
}
