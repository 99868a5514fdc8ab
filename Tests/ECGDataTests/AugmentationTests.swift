import Foundation
import Testing

@testable import ECGData

/// What holds of every kind of augmentation.
@Suite struct AugmentationTests {
  /// Each kind, as often as it can be.
  static let kinds = Augmentation.all.map { Augmentation($0.kind, probability: 1) }

  @Test(arguments: kinds, [0, 1, 2, 3, 4, 5, 8, 250]) func takesAnyCount(kind: Augmentation, count: Int) {
    for state in 0..<20 as Range<UInt64> {
      let crop = kind.applied(to: CropRows.noise(count), state: state)
      #expect(crop.count == count && crop.leads.allSatisfy { $0.allSatisfy(\.isFinite) })
      #expect(crop.beyond.allSatisfy { $0 == 0 })
      if count == 0 { #expect(crop.state == state) }
    }
  }

  /// Numbers at the limits of what is allowed, at rates from nearly nothing to far beyond any recorder's.
  @Test(
    arguments: [
      "random-resized-crop:low=1e-300", "random-resized-crop:low=1", "time-out:low=1,high=1",
      "time-out:low=0,high=0", "gaussian-noise:deviation=1000", "lead-scaling:low=0.001,high=1000",
      "dynamic-time-warp:knots=100,radius=60", "dynamic-time-warp:knots=1,radius=0",
      "down-sampling:factor=1000",
      "baseline-wander:maximum=1000", "baseline-shift:maximum=1000",
      "powerline:maximum=1000,frequency=60,harmonics=aliased", "physiological-noise:level=6",
    ], [1e-300, 0.01, 62.5, 1e9])
  func takesTheLimits(text: String, rate: Double) throws {
    let augmentation = try Augmentation(text)
    for count in [1, 2, 3, 250] {
      let crop = augmentation.applied(to: CropRows.noise(count), rate: rate)
      #expect(crop.count == count && crop.leads.allSatisfy { $0.allSatisfy(\.isFinite) })
    }
  }

  /// A generator and a crop are all that the outcome depends on: not the room, nor what was there before.
  @Test(arguments: kinds) func dependsOnNothingElse(kind: Augmentation) {
    let rows = CropRows.noise(248)
    let expected = kind.applied(to: rows, state: 5)
    #expect(kind.applied(to: rows, state: 5) == expected)
    #expect(kind.applied(to: rows, state: 6).state != expected.state)
    let crop = CropRows(capacity: 10)
    crop.reserve(1000)
    crop.spare.update(repeating: .nan, count: 16 * 1000)
    crop.fill(rows)
    (crop.rows + 16 * 248).update(repeating: .nan, count: 16 * 752)
    let units = [Float](repeating: 1, count: 12)
    var generator = SplitMix64(state: 5)
    kind.apply(to: crop, rate: 100, valuesPerMillivolt: units, generator: &generator)
    #expect(crop.read(generator) == expected)
  }

  @Test(arguments: Augmentation.all, [0, 0.2, 0.5, 0.999]) func happensAsOftenAsAsked(
    kind: Augmentation, probability: Double
  ) {
    let rows = CropRows.noise(10)
    // What a kind does at probability 1 shows whether it has been done.
    var done = 0
    let trials = 2000
    for trial in 0..<UInt64(trials) {
      var generator = SplitMix64("probability", trial)
      let state = generator.state
      let isDue = generator.uniform() < probability
      let crop = Augmentation(kind.kind, probability: probability).applied(to: rows, state: state)
      if isDue {
        #expect(crop == Augmentation(kind.kind, probability: 1).applied(to: rows, state: generator.state))
        done += 1
      } else {
        #expect(
          crop.leads[3] == stride(from: 3, to: 120, by: 12).map { rows[$0] } && crop.state == generator.state)
      }
    }
    #expect(abs(Double(done) / Double(trials) - probability) < 0.045)
  }

  /// A kind moves an impulse in time or spreads it, or it says that it does not.
  @Test(arguments: kinds) func saysWhetherTimeChanges(kind: Augmentation) {
    var isMoved = false
    for frame in 0..<100 {
      var rows = [Float](repeating: 0, count: 1200)
      rows[12 * frame + 1] = 1e6
      let crop = kind.applied(to: rows, state: UInt64(frame))
      for (other, value) in crop[1].enumerated() where abs(value) > 1e3 && other != frame { isMoved = true }
    }
    #expect(isMoved == kind.changesTime)
  }

  /// Noise in mV comes in the crop's own units, and none to a lead that has none.
  @Test(
    arguments: kinds.filter { $0.name.hasPrefix("b") || $0.name.hasPrefix("e") || $0.name.hasPrefix("p") })
  func noiseHasUnits(kind: Augmentation) {
    guard kind.kind != .blur else { return }
    let zero = [Float](repeating: 0, count: 12 * 500)
    let units = (0..<12).map { Float($0) / 4 }
    for state in 0..<20 as Range<UInt64> {
      let one = kind.applied(to: zero, rate: 250, state: state)
      let other = kind.applied(to: zero, rate: 250, unit: units, state: state)
      for lead in 0..<12 {
        for (x, y) in zip(one[lead], other[lead]) {
          #expect(abs(x * units[lead] - y) <= 1e-5 * max(1, abs(y)))
        }
      }
    }
  }
}
