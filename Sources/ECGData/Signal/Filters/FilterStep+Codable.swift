extension FilterStep: Codable {
  /// Any word of a recipe.
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  private static let bands = ["lowpass", "highpass", "bandpass", "bandstop"]
  private static let names = bands + ["notch", "comb", "fir", "baseline", "moving-average"]

  /// Decodes a map of a single key.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` that names what is unknown, missing or out of range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard container.allKeys.count == 1, let key = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: container.codingPath, debugDescription: "a filter is a map of one key, its name"))
    }
    guard Self.names.contains(key.stringValue) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: container.codingPath,
          debugDescription:
            "there is no filter \"\(key.stringValue)\"; the filters are \(Self.names.joined(separator: ", "))"
        ))
    }
    var item = Item(try container.nestedContainer(keyedBy: Key.self, forKey: key), name: key.stringValue)
    do {
      try self.init(&item)
      try item.refuseOthers()
      try check()
    } catch let error as ECGError {
      // A decoder passes on its own kind of error with the key; any other it hides behind a message of its
      // own.
      throw DecodingError.dataCorrupted(
        .init(codingPath: item.values.codingPath, debugDescription: error.message))
    }
  }

  private init(_ item: inout Item) throws {
    switch item.name {
    case "notch":
      self = .notch(
        frequency: try item.number("frequency"), q: try item.value("q", 30),
        causal: try item.value("causal", false))
    case "comb":
      self = .comb(
        frequency: try item.number("frequency"), q: try item.value("q", 30),
        causal: try item.value("causal", false))
    case "fir":
      let band = try item.band(try item.text("type", among: Self.bands))
      let seconds = try item.number("seconds")
      self = .windowed(
        band, seconds: seconds, window: try item.window(), causal: try item.value("causal", false))
    case "baseline":
      _ = try item.text("method", among: ["median"], otherwise: "median")
      self = .medianBaseline(windows: try item.value("windows", [0.2, 0.6]))
    case "moving-average":
      self = .movingAverage(seconds: try item.number("seconds"), causal: try item.value("causal", false))
    default:
      let band = try item.band(item.name)
      let order = try item.value("order", 4)
      self = .recursive(
        band, order: order, family: try item.family(), causal: try item.value("causal", false))
    }
  }

  /// Encodes all keys that have an effect, as the recipe would name them.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    var item = container.nestedContainer(keyedBy: Key.self, forKey: Key(name))
    func encode(_ band: FilterBand) throws {
      let names = band.edges.count == 1 ? ["cutoff"] : ["low", "high"]
      for (name, edge) in zip(names, band.edges) { try item.encode(edge, forKey: Key(name)) }
    }
    switch self {
    case .recursive(let band, let order, let family, let causal):
      try encode(band)
      try item.encode(order, forKey: Key("order"))
      try item.encode(family.name, forKey: Key("family"))
      try item.encodeIfPresent(family.ripple, forKey: Key("ripple"))
      try item.encodeIfPresent(family.attenuation, forKey: Key("attenuation"))
      try item.encode(causal, forKey: Key("causal"))
    case .notch(let frequency, let q, let causal), .comb(let frequency, let q, let causal):
      try item.encode(frequency, forKey: Key("frequency"))
      try item.encode(q, forKey: Key("q"))
      try item.encode(causal, forKey: Key("causal"))
    case .windowed(let band, let seconds, let window, let causal):
      try item.encode(band.name, forKey: Key("type"))
      try encode(band)
      try item.encode(seconds, forKey: Key("seconds"))
      try item.encode(window.name, forKey: Key("window"))
      if case .kaiser(let beta) = window { try item.encode(beta, forKey: Key("beta")) }
      try item.encode(causal, forKey: Key("causal"))
    case .medianBaseline(let windows):
      try item.encode("median", forKey: Key("method"))
      try item.encode(windows, forKey: Key("windows"))
    case .movingAverage(let seconds, let causal):
      try item.encode(seconds, forKey: Key("seconds"))
      try item.encode(causal, forKey: Key("causal"))
    }
  }

  /// The values of an item, which remembers what it was asked for.
  private struct Item {
    let values: KeyedDecodingContainer<Key>
    let name: String
    private var known: [String] = []

    init(_ values: KeyedDecodingContainer<Key>, name: String) {
      self.values = values
      self.name = name
    }

    mutating func value<Value: Decodable>(_ key: String, _ otherwise: Value) throws -> Value {
      known.append(key)
      return try values.decodeIfPresent(Value.self, forKey: Key(key)) ?? otherwise
    }

    mutating func number(_ key: String) throws -> Double {
      guard let number = try value(key, Double?.none) else {
        throw ECGError(.invalidArgument, "\(name) needs a value for \"\(key)\"")
      }
      return number
    }

    mutating func text(_ key: String, among words: [String], otherwise: String? = nil) throws -> String {
      guard let text = try value(key, otherwise) else {
        throw ECGError(
          .invalidArgument, "\(name) needs a value for \"\(key)\": \(words.joined(separator: ", "))")
      }
      guard words.contains(text) else {
        throw ECGError(
          .invalidArgument, "\(key) \"\(text)\" of \(name) is none of \(words.joined(separator: ", "))")
      }
      return text
    }

    mutating func band(_ name: String) throws -> FilterBand {
      switch name {
      case "lowpass": .lowpass(try number("cutoff"))
      case "highpass": .highpass(try number("cutoff"))
      case "bandpass": .bandpass(low: try number("low"), high: try number("high"))
      default: .bandstop(low: try number("low"), high: try number("high"))
      }
    }

    mutating func family() throws -> FilterFamily {
      switch try text("family", among: FilterFamily.names, otherwise: "butterworth") {
      case "chebyshev1": .chebyshev1(ripple: try number("ripple"))
      case "chebyshev2": .chebyshev2(attenuation: try number("attenuation"))
      case "elliptic": .elliptic(ripple: try number("ripple"), attenuation: try number("attenuation"))
      default: .butterworth
      }
    }

    mutating func window() throws -> FIRFilter.Window {
      switch try text("window", among: FIRFilter.Window.names, otherwise: "hamming") {
      case "rectangular": .rectangular
      case "hann": .hann
      case "blackman": .blackman
      case "kaiser": .kaiser(beta: try number("beta"))
      default: .hamming
      }
    }

    /// Refuses keys that nothing asked for.
    func refuseOthers() throws {
      // The order of a map's keys is the format's own.
      for key in values.allKeys.map(\.stringValue).sorted() where !known.contains(key) {
        throw ECGError(
          .invalidArgument,
          "there is no key \"\(key)\" in this \(name); the keys are \(known.joined(separator: ", "))")
      }
    }
  }
}

extension FilterFamily {
  static let names = ["butterworth", "chebyshev1", "chebyshev2", "elliptic"]

  /// The word for it in a recipe.
  var name: String {
    switch self {
    case .butterworth: "butterworth"
    case .chebyshev1: "chebyshev1"
    case .chebyshev2: "chebyshev2"
    case .elliptic: "elliptic"
    }
  }

  var ripple: Double? {
    switch self {
    case .chebyshev1(let ripple), .elliptic(let ripple, _): ripple
    case .butterworth, .chebyshev2: nil
    }
  }

  var attenuation: Double? {
    switch self {
    case .chebyshev2(let attenuation), .elliptic(_, let attenuation): attenuation
    case .butterworth, .chebyshev1: nil
    }
  }
}

extension FIRFilter.Window {
  static let names = ["rectangular", "hann", "hamming", "blackman", "kaiser"]

  /// The word for it in a recipe.
  var name: String {
    switch self {
    case .rectangular: "rectangular"
    case .hann: "hann"
    case .hamming: "hamming"
    case .blackman: "blackman"
    case .kaiser: "kaiser"
    }
  }
}
