internal import ECGData

/// A noise that runs were tested under.
struct NoiseKind: Hashable, Sendable {
  let name: String
  /// Whether its steps are levels; else ratios of signal to noise in decibels.
  let hasLevels: Bool
  /// Of a recording's samples, by which it is known; nil of levels, and where the run does not tell it.
  let sha256: String?

  init(_ point: Robustness.Point) {
    (name, hasLevels, sha256) = (point.noise, point.level.value != nil, point.sha256.value)
  }

  /// The noises of some rows: levels first, then by name.
  static func all(of rows: [ReportRow]) -> [NoiseKind] {
    let points = rows.flatMap(\.members).flatMap { $0.evaluation.robustness?.points ?? [] }
    return Set(points.map(NoiseKind.init)).sorted {
      ($0.hasLevels ? 0 : 1, $0.name, $0.sha256 ?? "") < ($1.hasLevels ? 0 : 1, $1.name, $1.sha256 ?? "")
    }
  }

  /// Its name, with the beginning of its digest where another of these recordings is called alike.
  func title(among all: [NoiseKind]) -> String {
    let alike = all.filter { $0.name == name && $0.hasLevels == hasLevels }
    return alike.count > 1 ? "\(name) (\(sha256?.prefix(8) ?? "samples not told"))" : name
  }

  /// A point's level or ratio; nil of another noise.
  func step(_ point: Robustness.Point) -> Double? {
    NoiseKind(point) == self ? (hasLevels ? point.level.value.map(Double.init) : point.decibels.value) : nil
  }
}

/// What a noise leaves of a row's macro AUC, all of its points means over the same seeds.
struct NoiseCurve: Sendable {
  struct Point: Sendable {
    /// Level or ratio; nil is no noise.
    let step: Double?
    let macroAUC: Double
    /// Mean of the seeds' 95 % intervals; nil if one tells none.
    let interval: ClosedRange<Double>?
  }

  /// Of the runs that were tested at the most steps.
  let seeds: [String]
  /// Of those that were tested under the noise too, but not at all of these steps.
  let left: [String]
  /// From no noise to the strongest.
  let points: [Point]

  /// Nil if no run was tested so.
  init?(_ row: ReportRow, _ kind: NoiseKind) {
    let tested = row.members.compactMap {
      member -> (seed: String, clean: Double, points: [Double: Robustness.Point])? in
      guard let robustness = member.evaluation.robustness else { return nil }
      let points = robustness.points.compactMap { point in kind.step(point).map { ($0, point) } }
      return points.isEmpty
        ? nil : (member.seed, robustness.clean, Dictionary(points, uniquingKeysWith: { one, _ in one }))
    }
    // The most steps, and of as many those that the most runs have.
    func runs(_ steps: Set<Double>) -> Int { tested.count { steps.isSubset(of: $0.points.keys) } }
    var steps: Set<Double> = []
    for candidate in tested.map({ Set($0.points.keys) })
    where (candidate.count, runs(candidate)) > (steps.count, runs(steps)) || steps.isEmpty {
      steps = candidate
    }
    guard !steps.isEmpty else { return nil }
    let whole = tested.filter { steps.isSubset(of: $0.points.keys) }
    seeds = whole.map(\.seed)
    left = tested.filter { !steps.isSubset(of: $0.points.keys) }.map(\.seed)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    // The noise grows to the right: the ratio falls.
    let sorted = kind.hasLevels ? steps.sorted() : steps.sorted(by: >)
    points =
      [Point(step: nil, macroAUC: mean(whole.map(\.clean)), interval: nil)]
      + sorted.map { step in
        let points = whole.compactMap { $0.points[step] }
        let ends = points.map(\.ci95).filter { $0.count == 2 }
        let interval = ends.count == points.count ? (mean(ends.map { $0[0] }), mean(ends.map { $0[1] })) : nil
        return Point(
          step: step, macroAUC: mean(points.map(\.macroAUC)),
          interval: interval.map { $0.0...max($0.0, $0.1) })
      }
  }
}
