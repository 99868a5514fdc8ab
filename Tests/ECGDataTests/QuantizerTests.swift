import TestSupport
import Testing

@testable import ECGData

@Suite struct QuantizerTests {
  func quantize(_ values: [Double]) throws -> (counts: [Int16], scale: Float) {
    // The other leads are ten times as large, and their scale is another.
    let others = values.map { 10 * $0 }.map { $0.isFinite && abs($0) < 1e29 ? $0 : 1 }
    let frames = values.indices.flatMap { frame in
      (0..<Lead.count).map { $0 == 3 ? values[frame] : others[frame] }
    }
    var counts = [Int16](repeating: 1, count: frames.count)
    let leads = try Quantizer.quantize(frames, into: &counts)
    let column = values.indices.map { counts[$0 * Lead.count + 3] }
    #expect(leads[3].hasMissing == values.contains(where: \.isNaN))
    #expect(leads[3].isFlat == (Set(column.filter { $0 != .min }).count == 1))
    return (column, leads[3].scale)
  }

  @Test func roundsHalfToEven() throws {
    let (counts, scale) = try quantize([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999, 0.50001, -0.0])
    #expect(scale == 1)
    #expect(counts == [0, 2, 2, 0, -2, -2, 0, 1, 0])
  }

  /// The smallest 1 µV · 2^k that holds the peak: 32767 counts and no more.
  @Test(arguments: [
    (0, 1), (1e-9, 1), (32767, 1), (32767.0001, 2), (-32768, 2), (65534, 2), (65535, 4), (-131069, 8),
    (1e9, 32768),
  ])
  func choosesTheSmallestScale(peak: Double, scale: Float) throws {
    let result = try quantize([peak, 1])
    #expect(result.scale == scale)
    #expect(abs(Int(result.counts[0])) <= 32767)
    #expect(abs(Double(result.counts[0]) * Double(scale) - peak) <= Double(scale) / 2)
  }

  @Test func marksMissingSamplesAndOnlyThose() throws {
    let (counts, scale) = try quantize([.nan, -40000, 40000, .nan])
    #expect(counts == [.min, -20000, 20000, .min])
    #expect(scale == 2)
    #expect(try quantize([.nan, .nan]) == ([.min, .min], 1))
  }

  @Test(arguments: [Double.infinity, -.infinity, 1e300]) func refusesWhatNoScaleHolds(value: Double) throws {
    #expect(try error { try quantize([0, value]) }.code == .malformed)
  }
}
