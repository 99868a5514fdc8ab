/// Reads windows of records as Float32, lead-major [12, frames].
///
/// x = Float(count) · a + b with a = Float(scale / 1000 / sd) and b = Float(−mean / sd), two roundings, mean and sd in
/// mV being those of the ``Normalization``. Missing samples, absent leads and what lies beyond a record's end are 0, the
/// mean; so is a lead that is constant, where mean and sd are the record's own.
public struct CropReader: Sendable {
  /// The records.
  public let shards: ShardSet
  /// How counts become numbers.
  public let normalization: Normalization
  private let spreads = RecordSpreads()
  private let offset: [Float]
  private let deviation: [Double]

  /// A reader of a shard set.
  ///
  /// - Parameters:
  ///   - shards: The records.
  ///   - normalization: How counts become numbers.
  ///   - trained: The shards whose statistics `.perLead` takes, those that a network was trained on; nil for the
  ///     records' own.
  public init(_ shards: ShardSet, normalization: Normalization = .perLead, trained: ShardSet? = nil) {
    self.shards = shards
    self.normalization = normalization
    let statistics = (trained ?? shards).manifest.statistics
    switch normalization {
    case .perLead:
      // A lead that no training record has stays in millivolt.
      deviation = statistics.standardDeviation.map { $0 > 0 ? $0 : 1 }
      offset = zip(statistics.mean, deviation).map { Float(-$0 / $1) }
    case .perRecord, .robust, .none:
      deviation = [Double](repeating: 1, count: Lead.count)
      offset = [Float](repeating: 0, count: Lead.count)
    }
  }

  /// Reads a window of a record, [12, frames], zero beyond the record's end.
  ///
  /// - Returns: the values, and how many frames of them are the record's.
  public func crop(record: Int, start: Int, frames: Int) throws -> (values: [Float], valid: Int) {
    var values = [Float](repeating: 0, count: Lead.count * frames)
    let valid = try values.withUnsafeMutableBufferPointer {
      try read(record: record, start: start, frames: frames, into: $0)
    }
    return (values, valid)
  }

  /// Fills a zeroed buffer of [12, frames].
  func read(record: Int, start: Int, frames: Int, into buffer: UnsafeMutableBufferPointer<Float>) throws
    -> Int
  {
    let valid = max(0, min(frames, shards.frameCount(record) - start))
    guard valid > 0 else { return 0 }
    let counts = try shards.counts(record, from: start, count: valid)
    let (shard, row) = shards.location(record)
    let mask = LeadMask(rawValue: shard.columns.leadMask[row])
    let spreads =
      switch normalization {
      case .perLead, .none: [LeadSpread]()
      case .perRecord, .robust:
        try spreads.leads(of: record) {
          let whole =
            valid == shards.frameCount(record)
            ? counts : try shards.counts(record, from: 0, count: shards.frameCount(record))
          return Lead.allCases.map {
            normalization == .robust
              ? LeadSpread(quartilesOf: whole, lead: $0) : LeadSpread(momentsOf: whole, lead: $0)
          }
        }
      }
    counts.withUnsafeBufferPointer { counts in
      for lead in Lead.allCases where mask.contains(lead) {
        let scale = Double(shard.columns.scale[row * Lead.count + lead.rawValue])
        let (a, b) =
          switch normalization {
          case .perLead, .none: (Float(scale / 1000 / deviation[lead.rawValue]), offset[lead.rawValue])
          case .perRecord, .robust: CropReader.factors(spreads[lead.rawValue], scale)
          }
        let target = UnsafeMutableBufferPointer(
          rebasing: buffer[(lead.rawValue * frames)..<(lead.rawValue * frames + valid)])
        var source = lead.rawValue
        for frame in target.indices {
          let count = counts[source]
          target[frame] = count == Quantizer.missing ? 0 : Float(count) * a + b
          source += Lead.count
        }
      }
    }
    return valid
  }

  /// The factor and the summand that bring counts to centre 0 and spread 1, up or down as the scale's sign says.
  private static func factors(_ lead: LeadSpread, _ scale: Double) -> (Float, Float) {
    guard lead.spread > 0 else { return (0, 0) }
    let factor = (scale < 0 ? -1 : 1) / lead.spread
    return (Float(factor), Float(-lead.centre * factor))
  }
}
