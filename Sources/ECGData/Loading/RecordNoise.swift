import Synchronization

/// Noise that records have when they are read, as if it had been there when they were recorded.
///
///     let noise = try RecordNoise(.physiological(level: 3), of: shards, records: tested, seed: 0)
///     let reader = CropReader(shards, noise: noise)
///
/// It is made at a record's own rate, goes through the filters and the resampler of the shards' recipe, and is added to
/// the stored counts, rounded to them and held at their limits; missing samples stay missing. That is what conversion would have
/// stored of the noisy recording, to a count, of a record without gaps whose counts have room for it; a running median sees the
/// noise alone.
///
/// The same seed gives a record the same noise, whatever else is read.
public final class RecordNoise: Sendable {
  /// A noise.
  public enum Kind: Sendable, Equatable {
    /// Wander, electromyogram, mains of 50 Hz and shifts of the baseline, by one of Mehari and Strodthoff's (2022) six levels:
    /// ``Augmentation/Kind/physiologicalNoise(level:frequency:harmonics:)`` over the whole record.
    case physiological(level: Int)
    /// The same as in the paper's code: for each window anew, at the rate of the shards, with harmonics that this rate cannot hold.
    case p1(level: Int)
    /// A recording of noise, such as `em` of the MIT-BIH Noise Stress Test Database, at a signal-to-noise ratio in decibels.
    ///
    /// I, II and V1 to V6 get its channels from places of their own, all equally likely, the other leads what follows from I and
    /// II. Each lead's mean over the record is taken off. Powers are the means of the leads' variances over the record, of signal
    /// and of noise as stored, behind filters and resampler.
    case recorded(path: String, decibels: Double)

    /// 1 to 6; nil of a recording.
    public var level: Int? {
      switch self {
      case .physiological(let level), .p1(let level): level
      case .recorded: nil
      }
    }

    /// Refuses what is no noise, before the long work that it may be tested on.
    ///
    /// - Throws: `ECGError` for a level or ratio that is none, or a recording that cannot be opened.
    public func check() throws {
      switch self {
      case .physiological(let level), .p1(let level):
        guard (1...NoiseMaxima.levels.count).contains(level) else {
          throw ECGError(.invalidArgument, "noise level \(level) is not 1 to \(NoiseMaxima.levels.count)")
        }
      case .recorded(let path, let decibels):
        guard (-100...100).contains(decibels) else {
          throw ECGError(.invalidArgument, "a signal-to-noise ratio of \(decibels) dB is not -100 to 100")
        }
        _ = try RecordedNoise.reader(path)
      }
    }
  }

  /// What is added.
  public let kind: Kind
  private let shards: ShardSet
  private let seed: UInt64
  /// Rates at which records were recorded, in Hz, where the stored one is another.
  private let rates: [Int: Double]
  private let processing: SignalProcessingCache?
  private let recording: RecordedNoise?
  /// SHA-256 of a recording's samples in hexadecimal; nil of a level.
  public var recordingSHA256: String? { recording?.sha256 }
  /// The last record's, as its windows are read one after the other: µV, [frames, 12].
  private let last = Mutex<(record: Int, microvolts: [Float])?>(nil)

  /// Noise is made for records of up to so many frames: two hours at 500 Hz.
  private static let mostFrames = 1 << 22

  /// Prepares noise.
  ///
  /// - Parameters:
  ///   - kind: what is added.
  ///   - shards: where the records are.
  ///   - records: those that will be read.
  ///   - seed: draws it.
  /// - Throws: `ECGError` for a level or ratio that is none, a recording that cannot be read or is not in volts, or a ledger that does not
  ///   tell a resampled record's own rate.
  public init(_ kind: Kind, of shards: ShardSet, records: [Int], seed: UInt64) throws {
    (self.kind, self.shards, self.seed) = (kind, shards, seed)
    var recipe = shards.manifest.recipe
    try kind.check()
    if case .recorded(let path, _) = kind { recording = try RecordedNoise(path) } else { recording = nil }
    if case .physiological = kind { rates = try shards.recordedRates(of: records) } else { rates = [:] }
    if case .p1 = kind {
      processing = nil
    } else {
      // Also where each record keeps its rate, a recording of noise has to be brought to it.
      if recipe.rate.hertz == nil, recording != nil {
        recipe.rate = .hertz(try shards.commonRate(of: records))
      }
      processing = SignalProcessingCache(recipe)
    }
  }

  /// Adds noise to frames of a record, [count, 12].
  ///
  /// - Throws: `ECGError` for a record that is too long, or whose rate filters or resampler do not work at.
  func add(
    to counts: UnsafeMutablePointer<Int16>, of place: ShardSequence.Place, from start: Int, count: Int
  ) throws {
    guard count > 0 else { return }
    let scales = (0..<Lead.count).map { place.shard.columns.scale[place.row * Lead.count + $0] }
    func add(_ microvolts: ArraySlice<Float>) {
      for (place, value) in zip(0..<min(count * Lead.count, microvolts.count), microvolts)
      where counts[place] != Quantizer.missing {
        let sum = Float(counts[place]) + (value / scales[place % Lead.count]).rounded(.toNearestOrEven)
        if sum.isFinite { counts[place] = Int16(max(-32767, min(sum, 32767))) }
      }
    }
    if case .p1(let level) = kind {
      var generator = SplitMix64("window noise", seed, key(place), UInt64(start))
      return add(
        RecordNoise.physiological(
          level, .aliased, frames: count, rate: Double(place.shard.columns.rate[place.row]), &generator)[...])
    }
    try last.withLock { last in
      if last?.record != place.record { last = (place.record, try microvolts(of: place)) }
      guard let noise = last?.microvolts, start * Lead.count < noise.count else { return }
      add(noise[(start * Lead.count)...])
    }
  }

  private func key(_ place: ShardSequence.Place) -> UInt64 { place.shard.columns.recordKey[place.row] }

  /// The noise of a whole record after filters and resampler, in µV, [frames, 12].
  private func microvolts(of place: ShardSequence.Place) throws -> [Float] {
    let stored = Double(place.shard.columns.rate[place.row])
    let rate = recording?.rate ?? rates[place.record] ?? stored
    let frames = (Double(place.frameCount) * rate / stored).rounded(.up)
    guard frames <= Double(RecordNoise.mostFrames) else {
      throw ECGError(
        .unsupported, "\(place.frameCount) frames are more than noise is made for",
        file: place.shard.file.path, record: place.id)
    }
    var samples: [Float]
    // Of all levels and ratios the same draws, so that they differ in nothing else.
    if let recording {
      var generator = SplitMix64("recorded noise", seed, key(place))
      samples = recording.leads(frames: Int(frames), &generator)
    } else {
      var generator = SplitMix64("record noise", seed, key(place))
      samples = RecordNoise.physiological(
        kind.level ?? 0, .bandlimited, frames: Int(frames), rate: rate, &generator)
    }
    if let design = try processing?.processing(rate: rate) {
      let signal = PhysicalSignal(
        microvolts: samples.map { Double($0) }, rate: rate, mask: .all,
        leadFlags: [LeadFlags](repeating: [], count: Lead.count))
      samples = design(signal).microvolts.map { $0.isFinite ? Float($0) : 0 }
    }
    if case .recorded(let path, let decibels) = kind {
      let signal = LeadPowers(try microvolts(storedOf: place), place.leads)
      let noise = LeadPowers(samples, place.leads)
      guard noise.mean > 0 || signal.mean == 0 else {
        throw ECGError(
          .unsupported, "is flat where noise for record \(place.id) was taken from it", file: path,
          advice: "choose a recording that is noise throughout, or another seed")
      }
      let ratio = PortableMath.exponential(decibels / 10 * PortableMath.logarithm(10))
      let gain = signal.mean > 0 ? (signal.mean / noise.mean / ratio).squareRoot() : 0
      for index in samples.indices {
        samples[index] = Float((Double(samples[index]) - noise.means[index % Lead.count]) * gain)
      }
    }
    return samples
  }

  /// Noise of a level, drawn as in an augmentation: µV, [frames, 12].
  static func physiological(
    _ level: Int, _ harmonics: Augmentation.Harmonics, frames: Int, rate: Double,
    _ generator: inout SplitMix64
  ) -> [Float] {
    let rows = CropRows(capacity: frames)
    rows.count = frames
    let unit = [Float](repeating: 1000, count: Lead.count)
    Augmentation(.physiologicalNoise(level: level, frequency: 50, harmonics: harmonics)).apply(
      to: rows, rate: rate, valuesPerMillivolt: unit, generator: &generator)
    return (0..<frames * Lead.count).map { rows.rows[$0 / Lead.count * CropRows.width + $0 % Lead.count] }
  }

  /// A record's samples as stored, in µV, NaN where missing.
  private func microvolts(storedOf place: ShardSequence.Place) throws -> [Float] {
    let counts = try shards.counts(place.record, from: 0, count: place.frameCount)
    return counts.enumerated().map { index, count in
      count == Quantizer.missing
        ? .nan : Float(count) * place.shard.columns.scale[place.row * Lead.count + index % Lead.count]
    }
  }
}

/// Means and powers of leads.
private struct LeadPowers {
  /// In µV, of samples that are there; [12].
  private(set) var means = [Double](repeating: 0, count: Lead.count)
  /// The mean of the variances in µV² of leads that a record has; 0 without any.
  let mean: Double

  /// - Parameters:
  ///   - microvolts: [frames, 12], NaN where missing.
  ///   - leads: Those that the record has.
  init(_ microvolts: [Float], _ leads: LeadMask) {
    var variances: [Double] = []
    for lead in Lead.allCases {
      let line = stride(from: lead.rawValue, to: microvolts.count, by: Lead.count).lazy
        .map { Double(microvolts[$0]) }.filter { !$0.isNaN }
      let (count, sum) = line.reduce((0.0, 0.0)) { ($0.0 + 1, $0.1 + $1) }
      guard count > 0 else { continue }
      means[lead.rawValue] = sum / count
      let middle = sum / count
      if leads.contains(lead) {
        variances.append(line.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / count)
      }
    }
    mean = variances.isEmpty ? 0 : variances.reduce(0, +) / Double(variances.count)
  }
}

/// A recording of noise alone.
private struct RecordedNoise: Sendable {
  /// In Hz.
  let rate: Double
  /// In µV, 0 where missing; [channels][frames].
  private let channels: [[Float]]
  /// Of rate and samples, in hexadecimal.
  let sha256: String

  /// Reads a WFDB record.
  init(_ path: String) throws {
    let recording = try RecordedNoise.reader(path).read().recording
    rate = recording.rate
    do {
      channels = try recording.channels.indices.map { channel in
        try recording.microvolts(channel: channel).map { $0.isFinite ? Float($0) : 0 }
      }
    } catch let error as ECGError {
      throw error.located(file: path)
    }
    guard channels.contains(where: { channel in channel.contains { $0 != channel[0] } }) else {
      throw ECGError(.invalidArgument, "has no samples of noise", file: path)
    }
    let bytes = channels.flatMap { channel in channel.withUnsafeBytes { Array($0) } }
    sha256 = Digest.sha256(withUnsafeBytes(of: rate.bitPattern.littleEndian) { Array($0) } + bytes)
  }

  /// Opens a record by its name or by one of its files.
  static func reader(_ path: String) throws -> WFDBReader {
    var name = path[...]
    while name.count > 1, name.hasSuffix("/") { name = name.dropLast() }
    for ending in [".hea", ".dat"] where name.hasSuffix(ending) { name = name.dropLast(ending.count) }
    let reader = try WFDBReader(String(name))
    guard (1...100_000).contains(reader.rate()) else {
      throw ECGError(.unsupported, "a rate of \(reader.rate()) Hz is none of noise", file: path)
    }
    return reader
  }

  /// Twelve leads of it, in µV, [frames, 12].
  ///
  /// Eight are from channels and places of their own, the others by Einthoven's and Goldberger's laws. Behind its end the
  /// recording begins again.
  func leads(frames: Int, _ generator: inout SplitMix64) -> [Float] {
    var samples = [Float](repeating: 0, count: frames * Lead.count)
    for lead in Lead.allCases where lead == .I || lead == .II || lead.rawValue >= Lead.V1.rawValue {
      let channel = channels[generator.index(below: channels.count)]
      let start = generator.index(below: channel.count)
      for frame in 0..<frames {
        samples[frame * Lead.count + lead.rawValue] = channel[(start + frame) % channel.count]
      }
    }
    for row in stride(from: 0, to: samples.count, by: Lead.count) {
      let (one, two) = (samples[row + Lead.I.rawValue], samples[row + Lead.II.rawValue])
      samples[row + Lead.III.rawValue] = two - one
      samples[row + Lead.aVR.rawValue] = -(one + two) / 2
      samples[row + Lead.aVL.rawValue] = one - two / 2
      samples[row + Lead.aVF.rawValue] = two - one / 2
    }
    return samples
  }
}

extension ShardSet {
  /// The rates in Hz at which records were recorded, as the ledgers tell, of those that were resampled.
  ///
  /// - Throws: `ECGError` naming the ledger, or a record that none tells of.
  fileprivate func recordedRates(of records: [Int]) throws -> [Int: Double] {
    struct Line: Decodable {
      var source: String
      var id: String
      var rate: Double?
    }
    // Known from an earlier noise.
    var rates = recordedRates.withLock { $0 }
    var wanted: [String: Int] = [:]
    for record in records {
      let (shard, row) = location(record)
      guard RecordFlags(rawValue: shard.columns.recordFlags[row]).contains(.resampled), rates[record] == nil
      else { continue }
      wanted[source(record) + "\n" + id(record)] = record
    }
    for directory in directories where !wanted.isEmpty {
      for ledger in try Manifest(directory: directory).ledgers {
        let path = File.join(directory, ledger.file)
        for line in try File.read(path).split(separator: UInt8(ascii: "\n")) {
          let entry = try JSONText.decode(Line.self, from: Array(line), file: path)
          guard let record = wanted[entry.source + "\n" + entry.id], let rate = entry.rate else { continue }
          guard rate.isFinite, rate > 0 else {
            throw ECGError(.malformed, "a rate of \(rate) Hz", file: path, record: entry.id)
          }
          rates[record] = rate
        }
      }
    }
    if let lost = wanted.values.filter({ rates[$0] == nil }).min() {
      throw ECGError(
        .mismatch, "no ledger tells the rate at which it was recorded", file: directory, record: id(lost))
    }
    recordedRates.withLock { [rates] in $0 = rates }
    return rates
  }
}
