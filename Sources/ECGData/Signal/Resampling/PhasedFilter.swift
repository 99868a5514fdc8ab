import CKernels

/// A filter that makes every output a weighted sum of input samples around it, with weights that come back after
/// `up` outputs, that is `down` input samples.
///
/// Every sum is taken tap after tap in Double, multiplied, then added; leads lie in the lanes of vectors and
/// several rows are summed side by side, neither of which changes the order within a sum.
struct PhasedFilter: Sendable {
  /// What stands for the samples before the first and after the last.
  enum Edge: Sendable {
    /// Nothing.
    case zero
    /// The first and the last sample.
    case held
    /// The signal mirrored at its first and at its last sample, which are not repeated.
    case mirrored
  }

  private let up: Int
  private let down: Int
  private let edge: Edge
  private let taps: [einthoven_tap]
  /// Where each phase's taps begin, and where the last one's end.
  private let starts: [Int]
  /// The least and the greatest input row of a cycle that a tap weighs.
  private let lowest: Int
  private let highest: Int

  /// - Parameters:
  ///   - ratio: of the rates.
  ///   - edge: what lies outside the signal.
  ///   - phase: the first input row that output `m` weighs, and the weights from there; for each `m` below `up`.
  init(_ ratio: RateRatio, edge: Edge, phase: (Int) -> (first: Int, weights: [Double])) {
    up = ratio.up
    down = ratio.down
    self.edge = edge
    var (taps, starts, lowest, highest) = ([einthoven_tap](), [0], 0, 0)
    for output in 0..<ratio.up {
      let (first, weights) = phase(output)
      // What weighs nothing is left out: an infinite sample that it met would be no number.
      for (index, weight) in weights.enumerated() where weight != 0 {
        taps.append(einthoven_tap(coefficient: weight, row: first + index))
        lowest = min(lowest, first + index)
        highest = max(highest, first + index)
      }
      starts.append(taps.count)
    }
    (self.taps, self.starts, self.lowest, self.highest) = (taps, starts, lowest, highest)
  }

  /// The instructions that sums use; the outcome is the same with all.
  private static let bestVariant = einthoven_best_variant()

  /// Filters whole rows, `[T, leads]` → `[⌈T · up / down⌉, leads]`; there is at least one, and none is missing.
  ///
  /// Where all that a cycle weighs lies within the signal and rows fill vectors, it is summed where it lies; the rest is
  /// copied beforehand.
  func apply(
    _ input: UnsafeBufferPointer<Double>, leads: Int, into output: UnsafeMutableBufferPointer<Double>,
    variant: einthoven_variant = bestVariant
  ) {
    let outputs = output.count / leads
    let cycles = (outputs + up - 1) / up
    let rowCount = input.count / leads
    // Of cycle c the rows from c · down + lowest to c · down + highest.
    let first = min(cycles, (down - 1 - lowest) / down)
    let end = min(outputs / up, (rowCount - highest + down - 1) / down)
    guard leads.isMultiple(of: 4), first < end, let base = input.baseAddress, let sums = output.baseAddress
    else {
      return applyToCopies(input, leads: leads, cycles: 0..<cycles, into: output, variant)
    }
    applyToCopies(input, leads: leads, cycles: 0..<first, into: output, variant)
    sum(
      base + first * down * leads, lanes: leads, outputs: (end - first) * up, into: sums + first * up * leads,
      variant)
    applyToCopies(input, leads: leads, cycles: end..<cycles, into: output, variant)
  }

  /// Filters some cycles of rows that are copied first, with what stands outside the signal.
  ///
  /// The signal is cut in pieces of whole cycles that lie side by side as leads do, so that vectors are full
  /// whatever the number of leads; each piece is continued by what its sums need of its neighbours.
  private func applyToCopies(
    _ input: UnsafeBufferPointer<Double>, leads: Int, cycles: Range<Int>,
    into output: UnsafeMutableBufferPointer<Double>, _ variant: einthoven_variant
  ) {
    let outputs = min(output.count / leads, cycles.upperBound * up) - cycles.lowerBound * up
    guard outputs > 0 else { return }
    var pieces = 1
    while pieces < 8, !(pieces * leads).isMultiple(of: 8), cycles.count >= 4 * pieces { pieces *= 2 }
    let turns = (cycles.count + pieces - 1) / pieces
    let lanes = pieces * leads
    let length = (turns - 1) * down + highest - lowest + 1
    ScratchMemory.with((length + turns * up) * lanes, of: Double.self) { scratch in
      guard let rows = scratch.baseAddress else { return }
      for piece in 0..<pieces {
        copy(
          input, leads: leads, from: (cycles.lowerBound + piece * turns) * down + lowest, count: length,
          to: rows + piece * leads, lanes: lanes)
      }
      let sums = rows + length * lanes
      sum(rows - lowest * lanes, lanes: lanes, outputs: min(outputs, turns * up), into: sums, variant)
      guard let output = output.baseAddress else { return }
      for piece in 0..<pieces {
        let start = piece * turns * up
        if start >= outputs { break }
        einthoven_copy_rows(
          sums + piece * leads, lanes, output + (cycles.lowerBound * up + start) * leads, leads, leads,
          min(turns * up, outputs - start))
      }
    }
  }

  /// Makes rows of output one after the other, from the first row of a cycle of the input on.
  private func sum(
    _ rows: UnsafePointer<Double>, lanes: Int, outputs: Int, into sums: UnsafeMutablePointer<Double>,
    _ variant: einthoven_variant
  ) {
    taps.withUnsafeBufferPointer { taps in
      starts.withUnsafeBufferPointer { starts in
        var phases = einthoven_phases(
          taps: taps.baseAddress, starts: starts.baseAddress, up: up, down: down)
        einthoven_fir(variant, &phases, rows, lanes, outputs, sums)
      }
    }
  }

  /// Copies `count` rows from one on that may lie outside the signal.
  private func copy(
    _ input: UnsafeBufferPointer<Double>, leads: Int, from first: Int, count: Int,
    to rows: UnsafeMutablePointer<Double>, lanes: Int
  ) {
    guard let base = input.baseAddress else { return }
    let (end, rowCount) = (first + count, input.count / leads)
    let lower = min(max(first, 0), end)
    let inside = lower..<max(lower, min(end, rowCount))
    func fill(_ outside: Range<Int>) {
      for index in outside {
        let place = rows + (index - first) * lanes
        if let row = row(standingAt: index, of: rowCount) {
          place.update(from: base + row * leads, count: leads)
        } else {
          place.update(repeating: 0, count: leads)
        }
      }
    }
    fill(first..<inside.lowerBound)
    einthoven_copy_rows(
      base + inside.lowerBound * leads, leads, rows + (inside.lowerBound - first) * lanes, lanes, leads,
      inside.count)
    fill(inside.upperBound..<end)
  }

  /// The row whose samples stand at an index outside the signal; nil if zeros do.
  private func row(standingAt index: Int, of count: Int) -> Int? {
    switch edge {
    case .zero:
      return nil
    case .held:
      return max(0, min(index, count - 1))
    case .mirrored:
      let period = max(1, 2 * (count - 1))
      let rest = (index % period + period) % period
      return min(rest, period - rest)
    }
  }
}
