import Foundation
import Testing

@testable import ECGData

/// How well the score of quality does on records that its weights were not fitted to.
@Suite(
  .serialized,
  .enabled(if: AuditSignals.folder != nil, "needs EINTHOVEN_COLLECTIONS; see tools/test --collections"))
struct QualityCrossValidation {
  /// What the logistic model sees of a record, and the human label.
  struct Case {
    var figures: [Double]
    var isGood: Bool

    init(_ quality: SignalQuality, isGood: Bool) {
      figures = [
        1, atanh(min(max(quality.agreement, 0), 0.99)), log10(min(max(quality.wander, 20), 5000) / 20),
        log10(min(max(quality.activity, 20), 500) / 500),
      ]
      self.isGood = isGood
    }
  }

  /// Weights of greatest likelihood, by Newton's method.
  static func fit(_ cases: [Case]) -> [Double] {
    var weights = [Double](repeating: 0, count: 4)
    for _ in 0..<30 {
      var gradient = [Double](repeating: 0, count: 4)
      var curvature = [[Double]](repeating: [Double](repeating: 0, count: 4), count: 4)
      for item in cases {
        let probability = probability(item, weights)
        for row in 0..<4 {
          gradient[row] += ((item.isGood ? 1 : 0) - probability) * item.figures[row]
          for column in 0..<4 {
            curvature[row][column] +=
              probability * (1 - probability) * item.figures[row] * item.figures[column]
          }
        }
      }
      // Gauss and Jordan's elimination; the curvature is positive definite.
      for pivot in 0..<4 {
        let scale = 1 / curvature[pivot][pivot]
        for column in 0..<4 { curvature[pivot][column] *= scale }
        gradient[pivot] *= scale
        for row in 0..<4 where row != pivot {
          let factor = curvature[row][pivot]
          for column in 0..<4 { curvature[row][column] -= factor * curvature[pivot][column] }
          gradient[row] -= factor * gradient[pivot]
        }
      }
      for index in 0..<4 { weights[index] += gradient[index] }
    }
    return weights
  }

  static func probability(_ item: Case, _ weights: [Double]) -> Double {
    1 / (1 + exp(-zip(item.figures, weights).reduce(0) { $0 + $1.0 * $1.1 }))
  }

  static func area(_ scored: [(score: Double, isGood: Bool)]) -> Double {
    let good = scored.filter(\.isGood)
    let bad = scored.filter { !$0.isGood }
    let wins = good.reduce(0.0) { sum, one in
      sum + bad.reduce(0.0) { $0 + (one.score > $1.score ? 1 : one.score == $1.score ? 0.5 : 0) }
    }
    return wins / Double(good.count * bad.count)
  }

  @Test func holdsOnRecordsLeftOut() throws {
    let folder = try #require(AuditSignals.folder)
    let table = try String(contentsOfFile: "\(folder)/quality2011/quality_labels.csv", encoding: .utf8)
    let good = Set(
      table.split(whereSeparator: \.isNewline).filter { $0.hasSuffix(",acceptable") }
        .compactMap { $0.split(separator: ",").first.map(String.init) })
    // Several records are one signal; in training and test both they would flatter.
    var seen: Set<[Double]> = []
    var cases: [Case] = []
    for record in try AuditSignals.real("quality2011/wfdb")
    where seen.insert(record.signal.microvolts).inserted {
      cases.append(Case(try #require(SignalQuality(record.signal)), isGood: good.contains(record.id)))
    }
    #expect(cases.count == 262)
    var areas: [Double] = []
    var (found, bad, kept, acceptable) = (0, 0, 0, 0)
    for seed in 0..<10 as Range<UInt64> {
      var generator = SplitMix64("folds", seed)
      let shuffled = cases.shuffled(using: &generator)
      var scored: [(score: Double, isGood: Bool)] = []
      for fold in 0..<10 {
        let split = Dictionary(grouping: shuffled.indices) { $0 % 10 == fold }
        let training = (split[false] ?? []).map { shuffled[$0] }
        let weights = Self.fit(training)
        // The limit, too, is of the training folds alone: 5 % of the acceptable records lie below it.
        var scores = training.filter(\.isGood).map { Self.probability($0, weights) }
        let limit = scores.selectQuantile(0.05) ?? 0
        for item in (split[true] ?? []).map({ shuffled[$0] }) {
          let score = Self.probability(item, weights)
          scored.append((score, item.isGood))
          if item.isGood {
            (kept, acceptable) = (kept + (score < limit ? 0 : 1), acceptable + 1)
          } else {
            (found, bad) = (found + (score < limit ? 1 : 0), bad + 1)
          }
        }
      }
      areas.append(Self.area(scored))
    }
    let mean = areas.reduce(0, +) / Double(areas.count)
    let performance =
      "sensitivity \(Self.percent(found, bad)) %, specificity \(Self.percent(kept, acceptable)) %, ROC AUC "
      + "\((100 * mean).rounded() / 100)"
    print("quality, ten-fold cross-validation over \(cases.count) different signals:", performance)
    var scores = cases.filter(\.isGood).map { Self.probability($0, Self.fit(cases)) }
    print("quality, fitted to all:", Self.fit(cases), "limit", scores.selectQuantile(0.05) ?? 0)
    // What users are told is what is measured here.
    #expect(SignalQuality.performance.hasPrefix(performance))
    #expect(mean >= 0.93)
  }

  private static func percent(_ part: Int, _ whole: Int) -> Int {
    Int((100 * Double(part) / Double(whole)).rounded())
  }
}
