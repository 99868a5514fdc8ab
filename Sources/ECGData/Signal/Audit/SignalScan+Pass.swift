extension SignalScan {
  /// Looks at every sample once.
  ///
  /// - Parameter signal: twelve leads in µV.
  /// - Complexity: O(samples).
  public init(_ signal: PhysicalSignal) {
    let rate = signal.rate
    leads = [LeadScan](repeating: LeadScan(), count: Lead.count)
    guard signal.frameCount > 0, rate > 0 else { return }
    func frames(_ seconds: Double, atLeast least: Int) -> Int {
      // A rate from a broken header must not overflow.
      max(least, Int(min(seconds * rate, 1e9).rounded()))
    }
    let pass = Pass(railRun: frames(0.006, atLeast: 2), stretch: frames(0.1, atLeast: 4))
    var stretches: [(lead: Int, frames: Range<Int>)] = []
    signal.microvolts.withUnsafeBufferPointer { samples in
      for first in stride(from: 0, to: Lead.count, by: Pass.width) {
        pass.run(samples, from: first, rate: rate, into: &leads, &stretches)
      }
      padding = SignalScan.padding(samples, leads, rate: rate)
    }
    let signalFrames = padding.start..<(signal.frameCount - padding.end)
    for (lead, frames) in stretches {
      let scan = leads[lead]
      // What lies in the padding is told as padding, and a constant lead as flat.
      guard !scan.isFlat, frames.overlaps(signalFrames) else { continue }
      if isDropout(frames, of: lead, in: signal) { leads[lead].dropouts.append(frames) }
    }
  }

  private func isDropout(_ frames: Range<Int>, of lead: Int, in signal: PhysicalSignal) -> Bool {
    let samples = signal.microvolts
    let seconds = Double(frames.count) / signal.rate
    if seconds >= 1 { return true }
    func step(_ frame: Int) -> Double {
      guard frame > 0, frame < signal.frameCount else { return 0 }
      let difference = abs(
        samples[frame * Lead.count + lead] - samples[(frame - 1) * Lead.count + lead])
      return difference.isNaN ? 0 : difference
    }
    if max(step(frames.lowerBound), step(frames.upperBound)) >= 100 { return true }
    guard seconds >= 0.2 else { return false }
    let spans = leads.indices.compactMap { other -> Double? in
      guard other != lead, leads[other].isPresent, !leads[other].isFlat else { return nil }
      var (low, high) = (Double.infinity, -Double.infinity)
      for frame in frames {
        let value = samples[frame * Lead.count + other]
        if value < low { low = value }
        if value > high { high = value }
      }
      return max(0, high - low)
    }
    guard !spans.isEmpty else { return false }
    return spans.sorted()[spans.count / 2] >= (seconds >= 0.4 ? 100 : 300)
  }

  private static func padding(
    _ samples: UnsafeBufferPointer<Double>, _ leads: [LeadScan], rate: Double
  ) -> Padding {
    let present = leads.indices.filter { leads[$0].isPresent }
    let count = samples.count / Lead.count
    // One lead that stands still is a dropout; with flat leads only there is no signal to pad.
    guard present.count > 1, present.contains(where: { !leads[$0].isFlat }) else {
      return Padding(start: 0, end: 0)
    }
    func length(from first: Int, by step: Int) -> Int {
      func isEqual(_ lead: Int, _ frame: Int) -> Bool {
        let (a, b) = (samples[first * Lead.count + lead], samples[frame * Lead.count + lead])
        return a == b || a.isNaN && b.isNaN
      }
      var length = 1
      while length < count, present.allSatisfy({ isEqual($0, first + step * length) }) { length += 1 }
      let isEmpty = present.allSatisfy {
        let value = samples[first * Lead.count + $0]
        return value == 0 || value.isNaN
      }
      // Two frames of zeros are no padding, whatever the rate.
      return length >= 4 && Double(length) >= (isEmpty ? 0.02 : 0.25) * rate ? length : 0
    }
    return Padding(start: length(from: 0, by: 1), end: length(from: count - 1, by: -1))
  }
}

/// The pass over four leads side by side.
private struct Pass {
  typealias Lanes = SIMD4<Double>
  static let width = 4

  /// Samples that make a run at an extreme.
  var railRun: Int
  /// Samples that make a stretch worth a second look.
  var stretch: Int

  /// The counters are Doubles, for vectors of them compare faster than vectors of integers.
  func run(
    _ samples: UnsafeBufferPointer<Double>, from first: Int, rate: Double, into leads: inout [LeadScan],
    _ stretches: inout [(lead: Int, frames: Range<Int>)]
  ) {
    let count = samples.count / Lead.count
    var (low, high) = (Lanes(repeating: .infinity), Lanes(repeating: -.infinity))
    var (lowFrames, highFrames, lowRuns, highRuns) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var (sum, missing, gap, longestGap) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var (equal, largestStep) = (Lanes.zero, Lanes.zero)
    var smallestStep = Lanes(repeating: .infinity)
    // The step into the run that goes on, and the sharpest corners of runs at either extreme.
    var (entry, lowCorner, highCorner) = (Lanes.zero, Lanes.zero, Lanes.zero)
    var previous = Lanes(repeating: .nan)
    let (one, zero) = (Lanes(repeating: 1), Lanes.zero)
    let (railed, long) = (Lanes(repeating: Double(railRun - 1)), Lanes(repeating: Double(stretch - 1)))

    func close(_ ended: SIMDMask<SIMD4<Int64>>, _ frame: Int) {
      for lane in 0..<Pass.width where ended[lane] {
        stretches.append((first + lane, (frame - Int(equal[lane]) - 1)..<frame))
      }
    }
    let raw = UnsafeRawBufferPointer(samples)
    for frame in 0..<count {
      let x = raw.loadUnaligned(
        fromByteOffset: (frame * Lead.count + first) * MemoryLayout<Double>.stride, as: Lanes.self)
      let difference = x - previous
      let step = difference.replacing(with: -difference, where: difference .< zero)
      largestStep.replace(with: step, where: step .> largestStep)
      smallestStep.replace(with: step, where: (step .> zero) .& (step .< smallestStep))
      let isSame = x .== previous
      let isOver = .!isSame .& (equal .>= railed)
      if any(isOver) {
        let corner = entry.replacing(with: step, where: step .< entry)
        lowCorner.replace(with: corner, where: isOver .& (previous .== low) .& (corner .> lowCorner))
        highCorner.replace(with: corner, where: isOver .& (previous .== high) .& (corner .> highCorner))
      }
      entry.replace(with: step, where: .!isSame)
      let ended = .!isSame .& (equal .>= long)
      if any(ended) { close(ended, frame) }
      equal = zero.replacing(with: equal + one, where: isSame)

      let isLower = x .< low
      let isHigher = x .> high
      low.replace(with: x, where: isLower)
      high.replace(with: x, where: isHigher)
      lowRuns.replace(with: zero, where: isLower)
      lowFrames.replace(with: zero, where: isLower)
      lowCorner.replace(with: zero, where: isLower)
      highRuns.replace(with: zero, where: isHigher)
      highFrames.replace(with: zero, where: isHigher)
      highCorner.replace(with: zero, where: isHigher)
      let isRun = equal .>= railed
      if any(isRun) {
        let isNew = equal .== railed
        let (atLow, atHigh) = (isRun .& (x .== low), isRun .& (x .== high))
        lowFrames += zero.replacing(with: one, where: atLow)
        highFrames += zero.replacing(with: one, where: atHigh)
        lowRuns += zero.replacing(with: one, where: atLow .& isNew)
        highRuns += zero.replacing(with: one, where: atHigh .& isNew)
      }

      let isMissing = x .!= x
      if any(isMissing) {
        missing += zero.replacing(with: one, where: isMissing)
        gap = zero.replacing(with: gap + one, where: isMissing)
        longestGap.replace(with: gap, where: gap .> longestGap)
        sum += x.replacing(with: zero, where: isMissing)
      } else {
        gap = zero
        sum += x
      }
      previous = x
    }
    close(equal .>= long, count)

    for lane in 0..<Pass.width where missing[lane] < Double(count) {
      var scan = LeadScan()
      scan.isPresent = true
      scan.missingShare = missing[lane] / Double(count)
      scan.longestGap = Int(longestGap[lane])
      (scan.lowest, scan.highest) = (low[lane], high[lane])
      scan.mean = sum[lane] / (Double(count) - missing[lane])
      scan.largestStep = largestStep[lane]
      // A peak that rounding has made flat is left by one step of the converter.
      let sharp = max(15, 0.015 * scan.peakToPeak, 3 * smallestStep[lane])
      func isRailed(_ runs: Double, _ frames: Double, corner: Double, distance: Double) -> Bool {
        let seconds = (frames + runs * Double(railRun - 1)) / rate
        return seconds >= 0.4 || corner >= sharp || runs >= 5 && seconds >= 0.048
          || runs >= 4 && seconds >= 0.024 && distance > 0.2 * scan.peakToPeak
      }
      let isLow = isRailed(
        lowRuns[lane], lowFrames[lane], corner: lowCorner[lane], distance: scan.mean - scan.lowest)
      let isHigh = isRailed(
        highRuns[lane], highFrames[lane], corner: highCorner[lane], distance: scan.highest - scan.mean)
      if !scan.isFlat { scan.rail = isLow ? (isHigh ? .both : .low) : isHigh ? .high : nil }
      leads[first + lane] = scan
    }
  }
}
