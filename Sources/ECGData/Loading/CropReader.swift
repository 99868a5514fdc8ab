internal import CKernels

/// Reads windows of records as Float32.
///
/// x = Float(count) · a + b with a = Float(scale / 1000 / sd) and b = Float(−mean / sd), two roundings, mean and sd in
/// mV being those of the ``Normalization``. Missing samples, absent leads and what lies beyond a record's end are 0, the
/// mean; so is a lead that is constant, where mean and sd are the record's own.
public struct CropReader: Sendable {
  /// What a crop becomes.
  struct Form: Sendable {
    var layout = BatchLayout.leadMajor
    var missing = MissingPolicy.zeroed
    var augmentations: [Augmentation] = []
    var integrity = IntegrityPolicy.firstTouch
  }

  /// The records.
  public let shards: ShardSet
  /// How counts become numbers.
  public let normalization: Normalization
  /// What is added to them.
  public let noise: RecordNoise?
  private let spreads = RecordSpreads()
  private let offset: [Float]
  private let deviation: [Double]
  private let variant = einthoven_best_variant()

  /// A reader of a shard set.
  ///
  /// - Parameters:
  ///   - shards: The records.
  ///   - normalization: How counts become numbers.
  ///   - statistics: Means and deviations for `.perLead`, such as those that a network was trained with; nil for the shards'
  ///     own.
  ///   - noise: What is added to the records; normalisation by record sees it too, by a draw for the whole record
  ///     where windows have noise of their own.
  public init(
    _ shards: ShardSet, normalization: Normalization = .perLead, statistics: Manifest.Statistics? = nil,
    noise: RecordNoise? = nil
  ) {
    self.shards = shards
    self.noise = noise
    self.normalization = normalization
    let statistics = statistics ?? shards.manifest.statistics
    switch normalization {
    case .perLead:
      // A lead that no training record has stays in millivolt.
      let (means, deviations) = (statistics.mean, statistics.standardDeviation)
      deviation = (0..<Lead.count).map {
        deviations.indices.contains($0) && deviations[$0] > 0 ? deviations[$0] : 1
      }
      offset = zip(0..<Lead.count, deviation).map { Float(means.indices.contains($0) ? -means[$0] / $1 : 0) }
    case .perRecord, .robust, .none:
      deviation = [Double](repeating: 1, count: Lead.count)
      offset = [Float](repeating: 0, count: Lead.count)
    }
  }

  /// Reads a window of a record, [12, frames], zero beyond the record's end.
  ///
  /// - Returns: the values, and how many frames of them are the record's.
  public func crop(record: Int, start: Int, frames: Int) throws -> (values: [Float], valid: Int) {
    var valid = 0
    let count = Lead.count * frames
    let values = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let values = buffer.baseAddress else { return }
      var generator = SplitMix64(state: 0)
      valid = try read(
        shards.place(record), start: start, frames: frames, Form(), room: CropRoom(), &generator,
        into: values,
        mask: nil)
      initialized = count
    }
    return (values, valid)
  }

  /// Makes a crop.
  ///
  /// - Parameters:
  ///   - place: Where the record is.
  ///   - start: Its first frame.
  ///   - frames: Its length.
  ///   - form: What it becomes.
  ///   - room: The thread's own.
  ///   - generator: What augmentations draw from.
  ///   - mapping: The mapped file of the record's shard, if it is to be read there; only where missing samples are zero,
  ///     for what else is done with them goes back to the counts.
  ///   - values: Room for `frames` frames in the form's layout; all of it is written.
  ///   - mask: As much room, for 1 where a value was measured and 0 elsewhere.
  /// - Returns: how many frames are the record's.
  /// - Throws: `ECGError` naming shard, record and byte.
  func read(
    _ place: ShardSequence.Place, start: Int, frames: Int, _ form: Form, room: CropRoom,
    _ generator: inout SplitMix64,
    mapping: FileMapping? = nil, into values: UnsafeMutablePointer<Float>, mask: UnsafeMutablePointer<UInt8>?
  ) throws -> Int {
    let (shard, row) = (place.shard, place.row)
    let valid = max(0, min(frames, place.frameCount - start))
    CropReader.clear(values, from: valid, to: frames, form.layout)
    mask?.update(repeating: 0, count: frames * form.layout.width)
    guard valid > 0 else { return 0 }
    try setFactors(of: place, form.integrity, room)
    let (counts, isMapped) = try counts(
      place, from: start, count: valid, form.integrity, form.missing == .zeroed ? mapping : nil, room)
    let isDirect = form.augmentations.isEmpty && form.missing != .interpolated
    room.rows.reserve(isDirect ? 0 : valid)
    var crop = einthoven_crop(
      counts: counts, frames: valid, length: isDirect ? frames : valid, factors: room.factors,
      offsets: room.offsets,
      layout: isDirect ? form.layout.kernel : EINTHOVEN_BLOCKED, values: isDirect ? values : room.rows.rows)
    if !isMapped {
      einthoven_crop_convert(variant, &crop)
    } else if einthoven_crop_convert_mapped(variant, &crop) == 0 {
      throw shard.file.wasCut.located(record: place.id)
    }
    if let mask {
      CropReader.mark(counts, valid, place.leads, frames, form, mask)
    }
    guard !isDirect else { return valid }
    let rows = room.rows
    rows.count = valid
    if form.missing == .interpolated {
      rows.fillGaps(of: counts, place.leads)
    }
    for augmentation in form.augmentations {
      augmentation.apply(
        to: rows, rate: Double(shard.columns.rate[row]), valuesPerMillivolt: room.valuesPerMillivolt,
        generator: &generator)
    }
    if !form.augmentations.isEmpty { rows.clear(without: place.leads) }
    rows.write(valid, of: frames, form.layout, to: values, variant)
    return valid
  }

  /// Frames of a record with the noise, and whether they are in a mapped file.
  private func counts(
    _ place: ShardSequence.Place, from start: Int, count: Int, _ integrity: IntegrityPolicy,
    _ mapping: FileMapping?, _ room: CropRoom
  ) throws -> (UnsafePointer<Int16>, isMapped: Bool) {
    let found = try shards.counts(
      place, from: start, count: count, integrity: integrity, mapping: noise == nil ? mapping : nil, room)
    // Unmapped, they are in the room, which is the thread's own.
    try noise?.add(to: UnsafeMutablePointer(mutating: found.0), of: place, from: start, count: count)
    return found
  }

  /// Sets each lead's factor and offset, both 0 for a lead that the record lacks.
  private func setFactors(
    of place: ShardSequence.Place, _ integrity: IntegrityPolicy, _ room: CropRoom
  ) throws {
    let (mask, row) = (place.leads, place.row)
    let spreads: [LeadSpread]
    switch normalization {
    case .perLead, .none: spreads = []
    case .perRecord, .robust:
      spreads = try self.spreads.leads(of: place.record) {
        let (counts, _) = try counts(place, from: 0, count: place.frameCount, integrity, nil, room)
        let whole = Array(UnsafeBufferPointer(start: counts, count: place.frameCount * Lead.count))
        return Lead.allCases.map {
          normalization == .robust
            ? LeadSpread(quartilesOf: whole, lead: $0) : LeadSpread(momentsOf: whole, lead: $0)
        }
      }
    }
    place.shard.columns.scale.withUnsafeBufferPointer { scales in
      for lead in 0..<Lead.count {
        guard mask.rawValue >> UInt16(lead) & 1 == 1 else {
          (room.factors[lead], room.offsets[lead], room.valuesPerMillivolt[lead]) = (0, 0, 0)
          continue
        }
        let scale = Double(scales[row * Lead.count + lead])
        let (factor, offset) =
          spreads.isEmpty
          ? (Float(scale / 1000 / deviation[lead]), offset[lead]) : CropReader.factors(spreads[lead], scale)
        (room.factors[lead], room.offsets[lead]) = (factor, offset)
        room.valuesPerMillivolt[lead] = Float(Double(factor) * 1000 / scale)
      }
    }
  }

  /// The factor and the summand that bring counts to centre 0 and spread 1, up or down as the scale's sign says.
  private static func factors(_ lead: LeadSpread, _ scale: Double) -> (Float, Float) {
    guard lead.spread > 0 else { return (0, 0) }
    let factor = (scale < 0 ? -1 : 1) / lead.spread
    return (Float(factor), Float(-lead.centre * factor))
  }

  /// Zeroes the frames behind the record's.
  private static func clear(
    _ values: UnsafeMutablePointer<Float>, from valid: Int, to frames: Int, _ layout: BatchLayout
  ) {
    guard valid < frames else { return }
    guard layout == .leadMajor else {
      return (values + valid * layout.width).update(repeating: 0, count: (frames - valid) * layout.width)
    }
    for lead in 0..<Lead.count {
      (values + lead * frames + valid).update(repeating: 0, count: frames - valid)
    }
  }

  /// Sets the mask of what was measured.
  private static func mark(
    _ counts: UnsafePointer<Int16>, _ valid: Int, _ leads: LeadMask, _ frames: Int, _ form: Form,
    _ mask: UnsafeMutablePointer<UInt8>
  ) {
    let (perFrame, perLead) = form.layout == .leadMajor ? (1, frames) : (form.layout.width, 1)
    for lead in Lead.allCases where leads.contains(lead) {
      for frame in 0..<valid where counts[frame * Lead.count + lead.rawValue] != Quantizer.missing {
        mask[frame * perFrame + lead.rawValue * perLead] = 1
      }
    }
  }
}

extension BatchLayout {
  var kernel: einthoven_layout {
    switch self {
    case .leadMajor: EINTHOVEN_LEAD_MAJOR
    case .timeMajor: EINTHOVEN_TIME_MAJOR
    case .blocked: EINTHOVEN_BLOCKED
    }
  }
}
