/// The gaps of one lead, whose missing samples are NaN.
struct MissingSamples {
  /// The runs of missing samples, in order.
  private var runs: [Range<Int>] = []
  private var count: Int

  /// Finds the gaps and bridges each by a straight line between its neighbours.
  ///
  /// A gap at an end holds the value of its only neighbour; a line without any sample becomes zero.
  static func bridge(_ line: inout [Double]) -> MissingSamples {
    var gaps = MissingSamples(count: line.count)
    var index = 0
    while index < line.count {
      guard line[index].isNaN else {
        index += 1
        continue
      }
      let start = index
      while index < line.count, line[index].isNaN { index += 1 }
      gaps.runs.append(start..<index)
      let after = index < line.count ? line[index] : start > 0 ? line[start - 1] : 0
      let before = start > 0 ? line[start - 1] : after
      let slope = (after - before) / Double(index - start + 1)
      for place in start..<index { line[place] = before + slope * Double(place - start + 1) }
    }
    return gaps
  }

  /// The outputs `m` of a resampler, at the positions `m · down / up`, that lie strictly inside a gap.
  func outputs(count outputs: Int, up: Int, down: Int) -> [Int] {
    runs.flatMap { run in
      // Between the last sample before the run and the first after it; nothing follows the last sample.
      let first = run.lowerBound == 0 ? 0 : (run.lowerBound - 1) * up / down + 1
      let end = run.upperBound == count ? outputs : (run.upperBound * up + down - 1) / down
      return Array(first..<max(first, min(end, outputs)))
    }
  }
}
