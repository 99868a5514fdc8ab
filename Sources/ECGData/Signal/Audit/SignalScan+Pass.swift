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
    // Two equal samples between steep ones are chance at a low rate; three are not.
    let cornered = Lanes(repeating: Double(max(railRun - 1, 2)))

    // What it needs is handed over: a captured counter would live in memory.
    func close(_ equal: Lanes, _ ended: SIMDMask<SIMD4<Int64>>, _ frame: Int) {
      for lane in 0..<Pass.width where ended[lane] {
        stretches.append((first + lane, (frame - Int(equal[lane]) - 1)..<frame))
      }
    }
    let raw = UnsafeRawBufferPointer(samples)
    for frame in 0..<count {
      let x = raw.loadUnaligned(
        fromByteOffset: (frame * Lead.count + first) * MemoryLayout<Double>.stride, as: Lanes.self)
      let difference = x - previous
      let step = difference.magnitude
      largestStep.merge(step, where: step .> largestStep)
      smallestStep.merge(step, where: (step .> zero) .& (step .< smallestStep))
      let isSame = x .== previous
      let isOver = .!isSame .& (equal .>= cornered)
      if isOver.hasAny {
        let corner = entry.merging(step, where: step .< entry)
        lowCorner.merge(corner, where: isOver .& (previous .== low) .& (corner .> lowCorner))
        highCorner.merge(corner, where: isOver .& (previous .== high) .& (corner .> highCorner))
        let ended = isOver .& (equal .>= long)
        if ended.hasAny { close(equal, ended, frame) }
      }
      entry.merge(step, where: .!isSame)
      equal = (equal + one).kept(where: isSame)

      let isLower = x .< low
      let isHigher = x .> high
      if (isLower .| isHigher).hasAny {
        low.merge(x, where: isLower)
        high.merge(x, where: isHigher)
        lowRuns.merge(zero, where: isLower)
        lowFrames.merge(zero, where: isLower)
        lowCorner.merge(zero, where: isLower)
        highRuns.merge(zero, where: isHigher)
        highFrames.merge(zero, where: isHigher)
        highCorner.merge(zero, where: isHigher)
      }
      let isRun = equal .>= railed
      if isRun.hasAny {
        let isNew = equal .== railed
        let (atLow, atHigh) = (isRun .& (x .== low), isRun .& (x .== high))
        lowFrames += one.kept(where: atLow)
        highFrames += one.kept(where: atHigh)
        lowRuns += one.kept(where: atLow .& isNew)
        highRuns += one.kept(where: atHigh .& isNew)
      }

      let isMissing = x .!= x
      if isMissing.hasAny {
        missing += one.kept(where: isMissing)
        gap = (gap + one).kept(where: isMissing)
        longestGap.merge(gap, where: gap .> longestGap)
        sum += x.merging(zero, where: isMissing)
      } else {
        gap = zero
        sum += x
      }
      previous = x
    }
    close(equal, equal .>= long, count)

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

// A mask's lanes are all ones or all zeros, so that plain bit operations choose between vectors, where the general
// operators test each lane.

extension SIMDMask<SIMD4<Int64>> {
  fileprivate var bits: SIMD4<UInt64> { unsafeBitCast(self, to: SIMD4<UInt64>.self) }

  /// Whether any lane is set.
  fileprivate var hasAny: Bool { bits.wrappedSum() != 0 }
}

extension SIMD4<Double> {
  private var bits: SIMD4<UInt64> { unsafeBitCast(self, to: SIMD4<UInt64>.self) }

  /// The absolute values.
  fileprivate var magnitude: Self { unsafeBitCast(bits & (UInt64.max >> 1), to: Self.self) }

  /// These lanes where a mask is set, zeros elsewhere.
  fileprivate func kept(where mask: SIMDMask<SIMD4<Int64>>) -> Self {
    unsafeBitCast(bits & mask.bits, to: Self.self)
  }

  /// The other's lanes where a mask is set, these elsewhere.
  fileprivate func merging(_ other: Self, where mask: SIMDMask<SIMD4<Int64>>) -> Self {
    unsafeBitCast((bits & ~mask.bits) | (other.bits & mask.bits), to: Self.self)
  }

  fileprivate mutating func merge(_ other: Self, where mask: SIMDMask<SIMD4<Int64>>) {
    self = merging(other, where: mask)
  }
}
