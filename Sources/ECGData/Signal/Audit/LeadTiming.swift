/// Whether all leads are recorded at the same time, by their QRS complexes.
///
/// Two faults of recorders are looked for. A chest lead can be held for 20 to 120 ms in mid-record and be late by as much
/// from there on: in 2,664 records of PTB-XL 14 are told, all of them rightly by the eye, and in 409 of other collections
/// none. And a lead can show another heart than the others, or the same at another time: of 2,798 records PTB-XL's 19299 (V4
/// and V5) and Chapman–Shaoxing's JS45544 (V1) are told.
///
/// A lead that is late from the begin is not told: how early QRS begins differs between leads.
public struct LeadTiming: Sendable, Equatable {
  /// A lead that is late from some time on.
  public struct Slip: Sendable, Equatable {
    /// The lead, one of V1 to V6.
    public var lead: Lead
    /// About when: within two seconds.
    public var seconds: Double
    /// By how much later than before, in seconds.
    public var lag: Double
  }

  /// A lead that beats when the others do not.
  public struct Stranger: Sendable, Equatable {
    /// The lead.
    public var lead: Lead
    /// Its beats.
    public var beatCount: Int
    /// How many of them are within 100 ms of one that all leads share.
    public var sharedCount: Int
  }

  /// The chest lead that slips; nil if none does, or more than one, which is no fault of the recorder.
  public let slip: Slip?
  /// The leads with beats of their own, in canonical order.
  public let strangers: [Stranger]

  /// Looks at the envelopes; nil without QRS complexes of six leads, for less than a second and below 50 Hz.
  ///
  /// - Parameter signal: twelve leads in µV.
  public init?(_ signal: PhysicalSignal) {
    guard let bands = SignalBands(signal), let envelope = QRSEnvelope(bands) else { return nil }
    self.init(bands, envelope)
  }

  /// The same of envelopes that are at hand.
  init?(_ bands: SignalBands, _ envelope: QRSEnvelope) {
    guard envelope.sizes.count(where: { $0 > 0 }) >= 6 else { return nil }
    strangers = LeadTiming.strangers(envelope, rate: bands.rate)
    let late = LeadTiming.lateLeads(envelope)
    // The lag takes an envelope that QRS complexes fill less: of 40 ms.
    guard !late.isEmpty, let sharp = QRSEnvelope(bands, window: 0.04) else {
      slip = nil
      return
    }
    let slips = late.compactMap { LeadTiming.slip(of: $0, in: sharp) }
    slip = slips.count == 1 ? slips[0] : nil
  }
}

extension LeadTiming {
  /// Seconds at either end that show a slip by themselves.
  private static let stretch = 3.2
  /// Seconds by which a lead must be later in the last stretch than in the first to be looked at; 3 % of records have one.
  private static let leastLate = 0.012

  /// The chest leads that are later at the end than at the begin, by the regression of their envelopes on the record's and
  /// its slope: cheap, for every record.
  private static func lateLeads(_ envelope: QRSEnvelope) -> [Lead] {
    let (rows, joint) = (envelope.rows, envelope.joint)
    let count = Int(stretch * envelope.rate)
    guard joint.count >= 2 * count else { return [] }
    let step = max(1, Int(envelope.rate / 50))
    func lags(from first: Int) -> [Double] {
      let places = Array(stride(from: first + step, to: first + count - step, by: step))
      let slopes = places.map { (joint[$0 + step] - joint[$0 - step]) * envelope.rate / Double(2 * step) }
      let values = places.map { joint[$0] }
      func centred(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.map { $0 - mean }
      }
      let (slope, value) = (centred(slopes), centred(values))
      let slopePower = slope.reduce(0) { $0 + $1 * $1 }
      let power = value.reduce(0) { $0 + $1 * $1 }
      return ChestElectrodeFault.leads.map { lead in
        var (onSlope, onValue) = (0.0, 0.0)
        for (index, place) in places.enumerated() {
          let x = rows[place * Lead.count + lead.rawValue]
          onSlope += x * slope[index]
          onValue += x * value[index]
        }
        let size = envelope.sizes[lead.rawValue]
        guard size > 0, power > 0, slopePower > 0 else { return 0 }
        // x(t) ≈ a · joint(t − lag) ≈ a · joint(t) − a · lag · slope(t)
        return -onSlope / size / slopePower / max(abs(onValue / size / power), 0.2)
      }
    }
    let (begin, end) = (lags(from: 0), lags(from: joint.count - count))
    return ChestElectrodeFault.leads.indices.filter { end[$0] - begin[$0] > leastLate }
      .map { ChestElectrodeFault.leads[$0] }
  }

  /// How late a lead is in windows of 1.5 s, every 0.5 s, in rows of the envelope; NaN where the lead does not follow the
  /// record.
  ///
  /// It is the lag within ±200 ms of the greatest correlation, which must be 0.8, refined by a parabola.
  static func lags(of lead: Lead, in envelope: QRSEnvelope) -> (starts: [Int], lags: [Double]) {
    let (rows, joint) = (envelope.rows, envelope.joint)
    let (width, step) = (Int(1.5 * envelope.rate), Int(0.5 * envelope.rate))
    let reach = Int(0.2 * envelope.rate)
    let size = envelope.sizes[lead.rawValue]
    let starts = Array(stride(from: reach, to: joint.count - width - reach, by: max(1, step)))
    guard size > 0, width > 1 else { return ([], []) }
    let lags = starts.map { start -> Double in
      let line = ((start - reach)..<(start + width + reach)).map {
        rows[$0 * Lead.count + lead.rawValue] / size
      }
      let mean = joint[start..<(start + width)].reduce(0, +) / Double(width)
      var products = [Double](repeating: 0, count: 2 * reach + 1)
      var power = 0.0
      for frame in 0..<width {
        let value = joint[start + frame] - mean
        power += value * value
        // Lags side by side: each sum has its own order, whatever the processor.
        for lag in products.indices { products[lag] += value * line[frame + lag] }
      }
      var (sums, squares) = ([0.0], [0.0])
      for value in line {
        sums.append(sums[sums.count - 1] + value)
        squares.append(squares[squares.count - 1] + value * value)
      }
      let correlations = products.indices.map { lag in
        let sum = sums[lag + width] - sums[lag]
        let spread = squares[lag + width] - squares[lag] - sum * sum / Double(width)
        return products[lag] / (max(power, 1e-24) * max(spread, 1e-9)).squareRoot()
      }
      guard let best = correlations.indices.max(by: { correlations[$0] < correlations[$1] }),
        correlations[best] >= 0.8
      else { return .nan }
      var place = Double(best - reach)
      if best > 0, best + 1 < correlations.count {
        let (before, after) = (correlations[best - 1], correlations[best + 1])
        let bend = before - 2 * correlations[best] + after
        if bend < 0 { place += 0.5 * (before - after) / bend }
      }
      return place
    }
    return (starts, lags)
  }

  /// A step by at least 20 ms with four windows on either side, of which 90 % lie within 6 ms of their median.
  private static func slip(of lead: Lead, in envelope: QRSEnvelope) -> Slip? {
    let (starts, found) = lags(of: lead, in: envelope)
    let lags = found.map { $0 / envelope.rate }
    /// The median of one side's windows, and their mean distance from it if they agree.
    func side(_ windows: ArraySlice<Double>) -> (median: Double, spread: Double)? {
      let present = windows.filter { !$0.isNaN }
      guard present.count >= 4 else { return nil }
      let sorted = present.sorted()
      let middle = sorted.count / 2
      let median =
        sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
      let distances = present.map { abs($0 - median) }
      guard 10 * distances.count(where: { $0 <= 0.006 }) >= 9 * present.count else { return nil }
      return (median, distances.reduce(0, +) / Double(present.count))
    }
    guard lags.count > 7 else { return nil }
    var best: (spread: Double, slip: Slip)?
    for place in 4..<(lags.count - 3) {
      // The windows that hold the step itself are of neither side.
      let (before, after) = (lags[..<(place - 1)], lags[(place + 2)...])
      guard let last = before.last(where: { !$0.isNaN }), let next = after.first(where: { !$0.isNaN }),
        next - last >= 0.008, let early = side(before), let late = side(after),
        late.median - early.median >= 0.02
      else { continue }
      let spread = early.spread + late.spread
      guard spread < best?.spread ?? .infinity else { continue }
      let middle = envelope.seconds(of: starts[place] + Int(0.75 * envelope.rate))
      best = (spread, Slip(lead: lead, seconds: middle, lag: late.median - early.median))
    }
    return best?.slip
  }
}

extension LeadTiming {
  /// Leads with at least four clear and regular beats of their own, at most half of which are the record's.
  private static func strangers(_ envelope: QRSEnvelope, rate: Double) -> [Stranger] {
    let alien = zip(envelope.leads, envelope.agreements).filter { $1 <= 0.15 }.map(\.0)
    guard !alien.isEmpty else { return [] }
    let common = envelope.beats(envelope.joint)
    guard common.count > 2 else { return [] }
    return alien.compactMap { lead in
      guard let line = envelope.line(lead) else { return nil }
      let own = envelope.beats(line)
      guard own.count >= 4 else { return nil }
      var next = 0
      let shared = own.count { beat in
        while next + 1 < common.count, common[next + 1] <= beat { next += 1 }
        let distances = common[next..<min(next + 2, common.count)].map { abs($0 - beat) }
        return Double(distances.min() ?? .max) <= 0.1 * rate
      }
      var thin = QRSEnvelope.thinned(line, 0, of: 1, rate: envelope.rate)
      var heights = own.map { line[envelope.row(at: $0)] }
      var intervals = zip(own.dropFirst(), own).map { Double($0 - $1) }
      guard 2 * shared <= own.count, let floor = thin.selectQuantile(0.3),
        let height = heights.selectQuantile(0.5), height >= 4 * floor,
        let interval = intervals.selectQuantile(0.5)
      else { return nil }
      var deviations = intervals.map { abs($0 - interval) }
      guard let deviation = deviations.selectQuantile(0.5), deviation < 0.3 * interval else { return nil }
      return Stranger(lead: lead, beatCount: own.count, sharedCount: shared)
    }
  }
}
