import CKernels

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
    let (railRun, shortest) = (frames(0.006, atLeast: 2), frames(0.1, atLeast: 4))
    var stretches: [(lead: Int, frames: Range<Int>)] = []
    signal.microvolts.withUnsafeBufferPointer { samples in
      let count = samples.count / Lead.count
      withUnsafeTemporaryAllocation(of: einthoven_lead_scan.self, capacity: Lead.count) { counted in
        ScratchMemory.with(Lead.count * (count / shortest), of: einthoven_stretch.self) { found in
          let number = einthoven_scan(
            einthoven_best_variant(), samples.baseAddress, count, railRun, shortest, counted.baseAddress,
            found.baseAddress)
          stretches = found.prefix(number).map { ($0.lead, $0.start..<$0.end) }
        }
        leads = counted.map { LeadScan($0, count: count, railRun: railRun, rate: rate) }
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

extension LeadScan {
  /// What the counts of `count` frames mean; `railRun` samples make a run at an extreme.
  fileprivate init(_ counted: einthoven_lead_scan, count: Int, railRun: Int, rate: Double) {
    guard counted.missing < Double(count) else { return }
    isPresent = true
    missingShare = counted.missing / Double(count)
    longestGap = Int(counted.longest_gap)
    (lowest, highest) = (counted.low, counted.high)
    mean = counted.sum / (Double(count) - counted.missing)
    largestStep = counted.largest_step
    let range = peakToPeak
    func isRailed(_ runs: Double, _ frames: Double, distance: Double) -> Bool {
      let seconds = (frames + runs * Double(railRun - 1)) / rate
      return seconds >= 0.4 || runs >= 5 && seconds >= 0.048
        || runs >= 4 && seconds >= 0.024 && distance > 0.2 * range
    }
    let isLow = isRailed(counted.low_runs, counted.low_frames, distance: mean - lowest)
    let isHigh = isRailed(counted.high_runs, counted.high_frames, distance: highest - mean)
    if !isFlat { rail = isLow ? (isHigh ? .both : .low) : isHigh ? .high : nil }
  }
}
