/// What a whole reading of a shard finds: that every checksum agrees, and the sums that the manifest needs.
struct ShardSummary: Sendable {
  var records: Int
  /// Samples per lead.
  var frames: Int
  var bytes: Int
  var sha256: String
  var sums: LeadSums

  /// Reads every byte of a shard.
  ///
  /// - Throws: `ECGError.Code.mismatch` naming the column or record whose CRC-32 does not agree.
  init(_ shard: ShardReader) throws {
    if let column = shard.damagedColumns().first {
      throw ECGError(.mismatch, "column \(column) does not have its CRC-32", file: shard.file.path)
    }
    sums = LeadSums()
    for record in 0..<shard.count {
      let counts = try shard.counts(of: record)
      guard Digest.crc32(counts) == shard.columns.signalCRC[record] else {
        throw ECGError(
          .mismatch, "the signal does not have its CRC-32", file: shard.file.path,
          record: shard.id(of: record))
      }
      if !LeadSums.heldOutFolds.contains(shard.columns.fold[record]) {
        sums.add(
          counts, scale: shard.columns.scale[(record * Lead.count)..<(record * Lead.count + Lead.count)])
      }
    }
    records = shard.count
    frames = shard.frameCount
    bytes = shard.file.size
    sha256 = try Digest.sha256(file: shard.file)
  }
}

/// Per-lead sums from which mean and standard deviation follow.
///
/// Exact integer sums within a record, combined in Double in the order of records and shards, so that the
/// result does not depend on who computed which part.
struct LeadSums: Sendable, Equatable {
  /// Folds whose records do not count: validation and test of PTB-XL's protocol.
  static let heldOutFolds: Set<UInt8> = [9, 10]

  private(set) var count = [Int](repeating: 0, count: Lead.count)
  /// Σ x in mV.
  private(set) var sum = [Double](repeating: 0, count: Lead.count)
  /// Σ x² in mV².
  private(set) var squares = [Double](repeating: 0, count: Lead.count)

  /// Adds a record's counts [frames, 12], missing samples left out.
  mutating func add(_ counts: [Int16], scale: ArraySlice<Float>) {
    var number = [Int](repeating: 0, count: Lead.count)
    var first = [Int64](repeating: 0, count: Lead.count)
    var second = [Int64](repeating: 0, count: Lead.count)
    counts.withUnsafeBufferPointer { counts in
      for lead in 0..<Lead.count {
        var index = lead
        while index < counts.count {
          let value = Int64(counts[index])
          index += Lead.count
          if value == Int64(Quantizer.missing) { continue }
          number[lead] += 1
          first[lead] += value
          second[lead] += value * value
        }
      }
    }
    for (lead, scale) in scale.enumerated() {
      let millivolts = Double(scale) / 1000
      count[lead] += number[lead]
      sum[lead] += Double(first[lead]) * millivolts
      squares[lead] += Double(second[lead]) * (millivolts * millivolts)
    }
  }

  /// Adds the sums of the next shard.
  mutating func add(_ other: LeadSums) {
    for lead in 0..<Lead.count {
      count[lead] += other.count[lead]
      sum[lead] += other.sum[lead]
      squares[lead] += other.squares[lead]
    }
  }

  /// Mean of each lead in mV; 0 where nothing was counted.
  var mean: [Double] {
    (0..<Lead.count).map { count[$0] > 0 ? sum[$0] / Double(count[$0]) : 0 }
  }

  /// Standard deviation of each lead in mV; 0 where nothing was counted.
  var standardDeviation: [Double] {
    let mean = mean
    return (0..<Lead.count).map {
      count[$0] > 0 ? max(0, squares[$0] / Double(count[$0]) - mean[$0] * mean[$0]).squareRoot() : 0
    }
  }
}
