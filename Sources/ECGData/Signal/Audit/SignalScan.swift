/// What one pass over a record's samples tells: flat, railed, dropped-out, missing and padded samples.
///
///     let scan = SignalScan(signal)
///     scan[.V3].dropouts                 // frames in which V3 stands still while the record goes on
///     scan.padding.start                 // frames at the begin in which no lead has a signal
///
/// It is cheap enough for every record of a conversion. Thresholds come from recordings that their collections
/// took for good: in 2,664 records of PTB-XL the longest stretch of equal samples in a lead is typically 74 ms,
/// in one lead of a thousand 270 ms, because the recorder smooths and rounds to 5 µV.
public struct SignalScan: Sendable, Equatable {
  /// Frames at both ends in which no lead has a signal.
  public struct Padding: Sendable, Equatable {
    /// Frames before the signal begins.
    public var start: Int
    /// Frames after it ends.
    public var end: Int

    /// Whether there is any.
    public var isEmpty: Bool { start == 0 && end == 0 }
  }

  /// The figures of each lead in canonical order, shape [12].
  public internal(set) var leads: [LeadScan]
  /// Frames at both ends in which all leads together are zero, missing or constant.
  ///
  /// Zeros and missing samples count from 20 ms, any other constants from 250 ms: PTB-XL's recorders hold their
  /// last values for about 100 ms. A record without any signal is flat and has no padding.
  public internal(set) var padding = Padding(start: 0, end: 0)

  /// The figures of one lead.
  public subscript(lead: Lead) -> LeadScan { leads[lead.rawValue] }

  /// A lead is nearly flat if its peak-to-peak value is below this many µV.
  static let nearlyFlat = 25.0
  /// It must be below this share of the record's largest, too: in a wrong unit all leads are small, and none is flat.
  static let nearlyFlatShare = 0.05

  /// The present leads that hardly move in a record whose other leads do; flat ones are not among them.
  public var nearlyFlatLeads: [Lead] {
    let largest = leads.map(\.peakToPeak).max() ?? 0
    return Lead.allCases.filter {
      let scan = self[$0]
      return scan.isPresent && !scan.isFlat && scan.peakToPeak < SignalScan.nearlyFlat
        && scan.peakToPeak < SignalScan.nearlyFlatShare * largest
    }
  }
}

/// What one pass over the samples of one lead tells.
public struct LeadScan: Sendable, Equatable {
  /// The ends of a lead's range at which it stands still again and again.
  public enum Rail: String, Sendable {
    /// The lowest value.
    case low
    /// The highest value.
    case high
    /// Both.
    case both
  }

  /// Whether the lead has any sample.
  public internal(set) var isPresent = false
  /// The share of samples that are missing, 0 to 1.
  public internal(set) var missingShare = 1.0
  /// The longest run of missing samples, in frames.
  public internal(set) var longestGap = 0
  /// The smallest sample in µV; 0 for an absent lead.
  public internal(set) var lowest = 0.0
  /// The largest sample in µV; 0 for an absent lead.
  public internal(set) var highest = 0.0
  /// The mean of the present samples in µV.
  public internal(set) var mean = 0.0
  /// The largest difference of two samples that follow each other, in µV.
  public internal(set) var largestStep = 0.0
  /// Which end of its range the lead is cut at, judged by the values alone; nil if at none.
  ///
  /// A real extreme is reached once; a cut lead stands at the same value in beat after beat. Counted are runs of
  /// at least 6 ms (and 2 samples) at exactly the lowest or highest value: four runs together 24 ms long and
  /// more than a fifth of the range away from the mean, five runs together 48 ms long, or 400 ms altogether. One peak
  /// that is cut for a moment is not told from a blunt one.
  public internal(set) var rail: Rail?
  /// Frames in which the lead stands still while the record goes on, in order.
  ///
  /// A stretch of equal samples counts from 100 ms if it begins or ends with a jump of 100 µV, from 200 ms if
  /// half of the other leads move by 300 µV meanwhile, from 400 ms if they move by 100 µV, and from 1 s always.
  public internal(set) var dropouts: [Range<Int>] = []

  /// The range of the samples in µV.
  public var peakToPeak: Double { highest - lowest }
  /// Whether there are samples and all are equal.
  public var isFlat: Bool { isPresent && lowest == highest }
}
