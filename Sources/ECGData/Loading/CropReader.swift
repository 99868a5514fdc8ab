/// How counts become the numbers that a model sees.
public enum Normalization: String, Codable, Sendable, CaseIterable {
  /// Millivolt less the lead's mean, by its standard deviation, both from the manifest.
  case perLead = "per-lead"
  /// Millivolt.
  case none
}

/// Reads windows of records as Float32, lead-major [12, frames].
///
/// x = Float(count) · a + b with a = Float(scale / 1000 / sd) and b = Float(−mean / sd), two roundings.
/// Missing samples, absent leads and what lies beyond a record's end are 0, the mean.
public struct CropReader: Sendable {
  /// The records.
  public let shards: ShardSet
  private let offset: [Float]
  private let deviation: [Double]

  /// A reader of a shard set.
  public init(_ shards: ShardSet, normalization: Normalization = .perLead) {
    self.shards = shards
    let statistics = shards.manifest.statistics
    switch normalization {
    case .perLead:
      // A lead that no training record has stays in millivolt.
      deviation = statistics.standardDeviation.map { $0 > 0 ? $0 : 1 }
      offset = zip(statistics.mean, deviation).map { Float(-$0 / $1) }
    case .none:
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
    counts.withUnsafeBufferPointer { counts in
      for lead in Lead.allCases where mask.contains(lead) {
        let scale = Double(shard.columns.scale[row * Lead.count + lead.rawValue])
        let a = Float(scale / 1000 / deviation[lead.rawValue])
        let b = offset[lead.rawValue]
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
}
