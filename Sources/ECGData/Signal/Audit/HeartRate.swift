/// The heart rate that the QRS complexes of all leads together tell.
///
/// The detector is meant to say whether a record has a plausible rhythm, not to annotate beats: it is zero-phase,
/// uses all leads, and takes the median interval, which a missed or extra beat does not move.
public struct HeartRate: Sendable, Equatable {
  /// The middle of each QRS complex, in frames.
  public internal(set) var beats: [Int]
  /// Beats a minute: 60 s over the median interval.
  public internal(set) var perMinute: Double
  /// The median change from one interval to the next, over the median interval; 0 is a clock.
  public internal(set) var irregularity: Double
  /// The share of leads that by themselves tell this rate within 10 %.
  public internal(set) var agreement: Double

  /// Rates in 1/min that occur in human recordings.
  ///
  /// Below 20 there is hardly a rhythm (the slowest ventricular escapes); above 300 only the fastest ventricular
  /// flutter (Surawicz et al., AHA/ACCF/HRS recommendations part III, Circulation 119:e235, 2009: 150–300).
  public static let plausible = 20.0...300.0

  /// Whether the rate lies within ``plausible``.
  public var isPlausible: Bool { HeartRate.plausible.contains(perMinute) }

  /// Finds the beats of a signal.
  ///
  /// It is nil with fewer than three beats, or if the leads have no common rhythm: the median over the leads
  ///   of their envelopes' correlation with the common one is below 0.5, or peaks do not stand out of it.
  ///
  /// - Parameter signal: twelve leads in µV.
  public init?(_ signal: PhysicalSignal) {
    guard let bands = SignalBands(signal), let envelope = QRSEnvelope(bands) else { return nil }
    self.init(envelope, rate: signal.rate)
  }

  private init?(_ envelope: QRSEnvelope, rate: Double) {
    guard let rhythm = Rhythm(envelope, rate: rate) else { return nil }
    (beats, perMinute) = (rhythm.beats, rhythm.perMinute)
    let intervals = zip(beats.dropFirst(), beats).map { Double($0 - $1) }
    irregularity =
      HeartRate.median(zip(intervals.dropFirst(), intervals).map { abs($0 - $1) }) / rhythm.interval
    let same = envelope.leads.count { lead in
      guard let line = envelope.line(lead), let own = HeartRate.interval(envelope.beats(line)) else {
        return false
      }
      return abs(own / rhythm.interval - 1) <= 0.1
    }
    agreement = Double(same) / Double(envelope.leads.count)
  }

  /// The rate alone, which needs no beats of single leads.
  struct Rhythm {
    let beats: [Int]
    /// The median interval in frames.
    let interval: Double
    let perMinute: Double

    /// Of envelopes of a record with so many frames a second; nil as ``HeartRate/init(_:)``.
    init?(_ envelope: QRSEnvelope, rate: Double) {
      beats = envelope.beats(envelope.joint)
      let agreements = envelope.agreements.sorted()
      guard let interval = HeartRate.interval(beats), agreements[agreements.count / 2] >= 0.5 else {
        return nil
      }
      // Beats are short: most of the time the envelope is far below its peaks.
      var all = envelope.joint
      let heights = beats.map { envelope.joint[envelope.row(at: $0)] }.sorted()
      guard let floor = all.selectQuantile(0.3), heights[heights.count / 2] >= 2 * floor else { return nil }
      self.interval = interval
      perMinute = 60 * rate / interval
    }

    /// Whether the rate lies within ``HeartRate/plausible``.
    var isPlausible: Bool { HeartRate.plausible.contains(perMinute) }
  }

  private static func interval(_ beats: [Int]) -> Double? {
    beats.count > 2 ? median(zip(beats.dropFirst(), beats).map { Double($0 - $1) }) : nil
  }

  private static func median(_ values: [Double]) -> Double {
    var values = values
    return values.selectQuantile(0.5) ?? 0
  }
}
