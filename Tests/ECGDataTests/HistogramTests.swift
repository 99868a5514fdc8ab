import Foundation
import Testing

@testable import ECGData

/// Histograms against sorted values.
@Suite struct HistogramTests {
  /// Values over four decades, some of them equal.
  private static func values(_ count: Int) -> [Double] {
    var generator = SplitMix64("histogram", 1)
    return (0..<count).map { index in
      index % 7 == 0 ? 10 : 0.05 * exp(9 * Double(generator.next() >> 11) * 0x1p-53)
    }
  }

  private static func filled(_ values: some Sequence<Double>, _ scale: Histogram.Scale) -> Histogram {
    var histogram = Histogram(scale)
    for value in values { histogram.add(value) }
    return histogram
  }

  @Test(arguments: [0.0, 0.05, 0.25, 0.5, 0.95, 1]) func quantilesAreThoseOfSortedValues(share: Double) throws
  {
    let values = Self.values(5000)
    let sorted = values.sorted()
    let exact = sorted[max(0, Int((share * 5000).rounded(.up)) - 1)]
    let coarse = try #require(Self.filled(values, .logarithmic(binsPerDecade: 50)).quantile(share))
    // A bin is 4.7 % wide.
    #expect(abs(log10(coarse / exact)) < 0.02)
    let fine = try #require(Self.filled(values, .linear(width: 0.1)).quantile(share))
    #expect(abs(fine - exact) <= 0.1)
  }

  @Test func extremesAndCountsAreExact() {
    let values = Self.values(3000)
    let histogram = Self.filled(values + [.nan, .infinity], .linear(width: 1))
    #expect(histogram.count == 3000)
    #expect(histogram.minimum == values.min() && histogram.maximum == values.max())
    let bars = histogram.bars(of: 5)
    for bar in 0..<10 {
      let expected = values.count { $0 >= Double(5 * bar) && $0 < Double(5 * bar + 5) }
      #expect(bars[bar] ?? 0 == expected)
    }
  }

  @Test func equalValuesHaveThemselvesAsMedian() {
    #expect(Self.filled([10, 10, 10], .logarithmic(binsPerDecade: 50)).quantile(0.5) == 10)
    #expect(Histogram(.linear(width: 1)).quantile(0.5) == nil)
  }

  @Test func partsMergeToTheWhole() {
    let values = Self.values(4000).map { ($0 * 64).rounded() / 64 }
    var merged = Self.filled(values[..<1500], .logarithmic(binsPerDecade: 50))
    merged.merge(Self.filled(values[1500...], .logarithmic(binsPerDecade: 50)))
    #expect(merged == Self.filled(values, .logarithmic(binsPerDecade: 50)))
  }

  /// What broken files hold takes no memory and stops nothing.
  @Test func anyNumberFallsIntoABin() {
    let values = [0, -5, 1e300, -1e300, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude]
    for scale in [Histogram.Scale.linear(width: 1), .logarithmic(binsPerDecade: 50)] {
      let histogram = Self.filled(values, scale)
      #expect(histogram.count == values.count && histogram.bars(of: 1).values.reduce(0, +) == values.count)
      #expect(HistogramPlot([histogram], unit: "mV")?.svg(of: histogram, title: "", description: "") != nil)
    }
  }
}
