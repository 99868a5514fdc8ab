/// How a conversion treats every record; stored whole in each shard and in the manifest.
///
/// As YAML, every key optional:
///
///     source: {unit_uv: 500}   # what files leave open; SourceOptions has it all
///     rate: 100            # Hz, or native
///     resampler: polyphase
///     filters:             # in order, at each record's own rate; FilterStep has them all
///       - bandpass: {low: 0.5, high: 40}
///       - notch: {frequency: 50}
///     leads: {derive: true}
///     quantization: {step_uv: 1}
///     folds: source        # the collection's own, else by patient; record: the same, and by record where no patient is
///                          # named; patient: always by patient; none
///     exclude: [record.unreadable, wfdb.length, wfdb.checksum]
///     seed: 0
public struct Recipe: Codable, Sendable, Equatable {
  /// A target sampling rate.
  public enum Rate: Codable, Sendable, Equatable {
    /// Each record's own.
    case native
    /// A rate in Hz.
    case hertz(Double)

    /// Parses `native` or a number of Hz.
    ///
    /// - Throws: `ECGError.Code.invalidArgument`.
    public init(_ text: String) throws {
      if text == "native" {
        self = .native
      } else if let value = Double(text), value.isFinite, (1...100_000).contains(value) {
        self = .hertz(value)
      } else {
        throw ECGError(.invalidArgument, "rate \"\(text)\" is neither native nor 1 to 100000 Hz")
      }
    }

    /// Decodes a number or `native`.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let text = try (try? container.decode(Double.self)).map { "\($0)" } ?? container.decode(String.self)
      do {
        try self.init(text)
      } catch let error as ECGError {
        // A decoder passes on its own kind of error with the key; any other it hides behind a message of its
        // own.
        throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
      }
    }

    /// Encodes a number or `native`.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .native: try container.encode("native")
      case .hertz(let value): try container.encode(value)
      }
    }

    /// The rate in Hz, or nil for each record's own.
    public var hertz: Double? {
      if case .hertz(let value) = self { value } else { nil }
    }
  }

  /// What is done about absent leads.
  public struct Leads: Codable, Sendable, Equatable {
    /// Whether absent limb leads are derived from two present ones.
    public var derive = true

    /// The default.
    public init() {}
  }

  /// How microvolts become counts; integer samples that are stored as they are do not need it.
  public struct Quantization: Codable, Sendable, Equatable {
    /// The finest scale in µV per count, 1 or a finer power of two; a lead that would be clipped takes a coarser one.
    public var step = 1.0

    /// The default, 1 µV.
    public init() {}

    private enum CodingKeys: String, CodingKey {
      case step = "step_uv"
    }
  }

  /// Where a record's fold is from.
  public enum FoldAssignment: String, Codable, Sendable, CaseIterable {
    /// The collection's own; in one without folds, assigned by patient.
    case source
    /// Assigned by patient, 1 + SHA-256(patient) mod 10, in every collection.
    case patient
    /// The collection's own, else by patient, and by record where none is named: a patient's records may then be on both sides.
    case record
    /// None.
    case none
  }

  /// What the sources' files do not tell.
  public var source = SourceOptions()
  /// The sampling rate of the shards.
  public var rate = Rate.native
  /// How it is reached.
  public var resampler = ResamplingMode.polyphase
  /// What is done to the leads at their own rate, before it is changed; nothing by default.
  public var filters = FilterBank()
  /// Absent leads.
  public var leads = Leads()
  /// How microvolts become counts.
  public var quantization = Quantization()
  /// Where folds are from.
  public var folds = FoldAssignment.source
  /// Rules whose breach excludes a record, by id.
  public var exclude: [Rule] = [.recordUnreadable, .fileSHA256, .wfdbLength, .wfdbChecksum]
  /// Seed of the order of records.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// Decodes a recipe; keys that are left out keep their default, as in shards written before there was such a key.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` for a value that makes no sense.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    source = try keys.decodeIfPresent(SourceOptions.self, forKey: .source) ?? source
    rate = try keys.decodeIfPresent(Rate.self, forKey: .rate) ?? rate
    resampler = try keys.decodeIfPresent(ResamplingMode.self, forKey: .resampler) ?? resampler
    filters = try keys.decodeIfPresent(FilterBank.self, forKey: .filters) ?? filters
    leads = try keys.decodeIfPresent(Leads.self, forKey: .leads) ?? leads
    quantization = try keys.decodeIfPresent(Quantization.self, forKey: .quantization) ?? quantization
    folds = try keys.decodeIfPresent(FoldAssignment.self, forKey: .folds) ?? folds
    exclude = try keys.decodeIfPresent([Rule].self, forKey: .exclude) ?? exclude
    seed = try keys.decodeIfPresent(UInt64.self, forKey: .seed) ?? seed
  }

  /// In a few words each, what another recipe does differently; of what is told of sources only whether errata apply.
  func differences(from other: Recipe) -> [String] {
    var parts: [String] = []
    func compare<Value: Equatable>(_ name: String, _ old: Value, _ new: Value) {
      if old != new { parts.append("\(name) was \(old), is \(new)") }
    }
    func text(_ rate: Rate) -> String { rate.hertz.map { "\($0) Hz" } ?? "native" }
    compare("rate", text(other.rate), text(rate))
    compare("resampler", other.resampler.rawValue, resampler.rawValue)
    compare("filters", other.filters.steps, filters.steps)
    compare("source.errata", other.source.errata, source.errata)
    compare("leads.derive", other.leads.derive, leads.derive)
    compare("quantization.step_uv", other.quantization.step, quantization.step)
    compare("folds", other.folds.rawValue, folds.rawValue)
    compare("exclude", other.exclude.map(\.rawValue), exclude.map(\.rawValue))
    compare("seed", other.seed, seed)
    return parts
  }

  /// Recipes by name.
  ///
  /// `native`, the defaults; `p1-100hz`, as Mehari and Strodthoff 2022 prepared their records; `p2-400hz`, the rate of
  /// Gedon et al. 2021, whose 4096 frames are a matter of the crop.
  public static let named: [String: Recipe] = {
    var first = Recipe()
    first.rate = .hertz(100)
    first.resampler = .p1
    // They left out eight records with missing samples.
    first.exclude.append(.samplesMissing)
    var second = Recipe()
    second.rate = .hertz(400)
    return ["native": Recipe(), "p1-100hz": first, "p2-400hz": second]
  }()

  /// The recipe of a name, or of a YAML file over the defaults.
  ///
  /// - Throws: `ECGError` naming the file and the key at fault.
  public init(_ nameOrPath: String) throws {
    if let known = Recipe.named[nameOrPath] {
      self = known
      return
    }
    guard File.exists(nameOrPath) else {
      throw ECGError(
        .notFound, "there is no recipe \"\(nameOrPath)\" and no such file",
        advice: "there are \(Recipe.named.keys.sorted().joined(separator: ", "))")
    }
    try self.init(contentsOf: nameOrPath)
  }

  /// Reads a recipe file.
  ///
  /// - Throws: `ECGError` naming the file and the key at fault.
  public init(contentsOf path: String) throws {
    self = try YAML.decode(File.readText(path, limit: 1 << 20), over: Recipe(), file: path)
    let step = quantization.step
    guard step > 0, step <= 1, step >= 1.0 / 1024, step.significand == 1 else {
      throw ECGError(
        .invalidArgument, "quantization.step_uv is \(step)", file: path,
        advice: "it is 1, 0.5, 0.25 … 1/1024: a power of two")
    }
  }
}
