extension Augmentation {
  /// A value of a recipe's item.
  enum Value: Equatable {
    case number(Double)
    case word(String)
  }

  /// One of each kind, with its defaults.
  static let all = [
    Augmentation(.randomResizedCrop()), Augmentation(.timeOut()), Augmentation(.gaussianNoise()),
    Augmentation(.leadScaling()), Augmentation(.blur), Augmentation(.dynamicTimeWarp()),
    Augmentation(.negation), Augmentation(.downSampling()), Augmentation(.baselineWander()),
    Augmentation(.electromyogram()), Augmentation(.powerline()), Augmentation(.baselineShift()),
    Augmentation(.physiologicalNoise()),
  ]

  /// The word for each kind in a recipe.
  public static let names = all.map(\.name)

  /// The word for it in a recipe.
  public var name: String {
    switch kind {
    case .randomResizedCrop: "random-resized-crop"
    case .timeOut: "time-out"
    case .gaussianNoise: "gaussian-noise"
    case .leadScaling: "lead-scaling"
    case .blur: "blur"
    case .dynamicTimeWarp: "dynamic-time-warp"
    case .negation: "negation"
    case .downSampling: "down-sampling"
    case .baselineWander: "baseline-wander"
    case .electromyogram: "electromyogram"
    case .powerline: "powerline"
    case .baselineShift: "baseline-shift"
    case .physiologicalNoise: "physiological-noise"
    }
  }

  /// Its keys in a recipe, and their values.
  var values: [(key: String, value: Value)] {
    let own: [(key: String, value: Value)] =
      switch kind {
      case .randomResizedCrop(let low, let high), .timeOut(let low, let high),
        .leadScaling(let low, let high):
        [("low", .number(low)), ("high", .number(high))]
      case .gaussianNoise(let deviation):
        [("deviation", .number(deviation))]
      case .dynamicTimeWarp(let knots, let radius):
        [("knots", .number(Double(knots))), ("radius", .number(radius))]
      case .downSampling(let factor):
        [("factor", .number(Double(factor)))]
      case .baselineWander(let maximum), .electromyogram(let maximum), .baselineShift(let maximum):
        [("maximum", .number(maximum))]
      case .powerline(let maximum, let frequency, let harmonics):
        [
          ("maximum", .number(maximum)), ("frequency", .number(frequency)),
          ("harmonics", .word(harmonics.rawValue)),
        ]
      case .physiologicalNoise(let level, let frequency, let harmonics):
        [
          ("level", .number(Double(level))), ("frequency", .number(frequency)),
          ("harmonics", .word(harmonics.rawValue)),
        ]
      case .blur, .negation:
        []
      }
    return own + [("probability", .number(probability))]
  }

  /// The augmentation of a name with other values than the defaults.
  private init(name: String, changes: [(key: String, value: Value)]) throws {
    guard let base = Self.all.first(where: { $0.name == name }) else {
      throw ECGError(
        .invalidArgument, "there is no augmentation \"\(name)\"",
        advice: "the augmentations are \(Self.names.joined(separator: ", "))")
    }
    let item = try Item(base, changes)
    switch base.kind {
    case .randomResizedCrop:
      kind = .randomResizedCrop(low: try item.number("low"), high: try item.number("high"))
    case .timeOut: kind = .timeOut(low: try item.number("low"), high: try item.number("high"))
    case .gaussianNoise: kind = .gaussianNoise(deviation: try item.number("deviation"))
    case .leadScaling: kind = .leadScaling(low: try item.number("low"), high: try item.number("high"))
    case .blur: kind = .blur
    case .dynamicTimeWarp:
      kind = .dynamicTimeWarp(knots: try item.whole("knots"), radius: try item.number("radius"))
    case .negation: kind = .negation
    case .downSampling: kind = .downSampling(factor: try item.whole("factor"))
    case .baselineWander: kind = .baselineWander(maximum: try item.number("maximum"))
    case .electromyogram: kind = .electromyogram(maximum: try item.number("maximum"))
    case .powerline:
      kind = .powerline(
        maximum: try item.number("maximum"), frequency: try item.number("frequency"),
        harmonics: try item.harmonics())
    case .baselineShift: kind = .baselineShift(maximum: try item.number("maximum"))
    case .physiologicalNoise:
      kind = .physiologicalNoise(
        level: try item.whole("level"), frequency: try item.number("frequency"),
        harmonics: try item.harmonics())
    }
    probability = try item.number("probability")
    try check()
  }

  /// The values of one augmentation by key.
  private struct Item {
    private let name: String
    private var values: [String: Value]

    /// Those of the defaults with some changes.
    init(_ base: Augmentation, _ changes: [(key: String, value: Value)]) throws {
      name = base.name
      values = Dictionary(base.values.map { ($0.key, $0.value) }) { first, _ in first }
      for (key, value) in changes where values.updateValue(value, forKey: key) == nil {
        throw ECGError(
          .invalidArgument, "there is no key \"\(key)\" in \(name)",
          advice: "the keys are \(base.values.map(\.key).joined(separator: ", "))")
      }
    }

    func number(_ key: String) throws -> Double {
      guard case .number(let number) = values[key] else { throw refusal(key, "a number") }
      return number
    }

    func whole(_ key: String) throws -> Int {
      guard let whole = Int(exactly: try number(key)) else { throw refusal(key, "a whole number") }
      return whole
    }

    func harmonics() throws -> Harmonics {
      guard case .word(let word) = values["harmonics"], let harmonics = Harmonics(rawValue: word) else {
        throw refusal("harmonics", Harmonics.allCases.map(\.rawValue).joined(separator: " or "))
      }
      return harmonics
    }

    private func refusal(_ key: String, _ advice: String) -> ECGError {
      let text = values[key].map(Augmentation.text) ?? ""
      return ECGError(.invalidArgument, "\(key) \"\(text)\" of \(name)", advice: "it has to be \(advice)")
    }
  }

  static func text(_ value: Value) -> String {
    switch value {
    case .number(let number): text(number)
    case .word(let word): word
    }
  }

  /// A number as people write it.
  static func text(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}

extension Augmentation: CustomStringConvertible {
  /// An augmentation as the command line writes it: `time-out`, or `time-out:low=0.1,probability=0.5`.
  ///
  /// - Parameter text: a name, and after a colon keys with values, separated by commas.
  /// - Throws: ``ECGError`` (`invalidArgument`) that says what is unknown, given twice or out of range.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    var changes: [(key: String, value: Value)] = []
    for item in parts.count > 1 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : [] {
      let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2 else {
        throw ECGError(
          .invalidArgument, "\"\(item)\" in \"\(text)\" is no key with a value",
          advice: "write name:key=value,key=value")
      }
      guard !changes.contains(where: { $0.key == sides[0] }) else {
        throw ECGError(.invalidArgument, "\"\(text)\" has the key \(sides[0]) twice")
      }
      changes.append((sides[0], Double(sides[1]).map(Value.number) ?? .word(sides[1])))
    }
    try self.init(name: parts.first.map(String.init) ?? "", changes: changes)
  }

  /// The text that ``init(_:)`` reads, with all keys.
  public var description: String {
    name + ":" + values.map { "\($0.key)=\(Self.text($0.value))" }.joined(separator: ",")
  }
}

extension Augmentation: Codable {
  /// Any word of a recipe.
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Decodes a text, see ``init(_:)``, or a map of a single key.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` that names what is unknown or out of range.
  public init(from decoder: any Decoder) throws {
    do {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        try self.init(text)
        return
      }
      let container = try decoder.container(keyedBy: Key.self)
      guard container.allKeys.count == 1, let key = container.allKeys.first else {
        throw ECGError(.invalidArgument, "an augmentation is a name or a map of one key, its name")
      }
      let item = try container.nestedContainer(keyedBy: Key.self, forKey: key)
      // The order of a map's keys is the format's own.
      let changes = try item.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
        // YAML calls a bare number text as well.
        if let number = try? item.decode(Double.self, forKey: key) {
          return (key: key.stringValue, value: Value.number(number))
        }
        return (key: key.stringValue, value: .word(try item.decode(String.self, forKey: key)))
      }
      try self.init(name: key.stringValue, changes: changes)
    } catch let error as ECGError {
      // A decoder passes on its own kind of error with the key; any other it hides behind a message of its own.
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: error.description))
    }
  }

  /// Encodes a map of a single key with all values.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    var item = container.nestedContainer(keyedBy: Key.self, forKey: Key(name))
    for (key, value) in values {
      switch value {
      case .number(let number): try item.encode(number, forKey: Key(key))
      case .word(let word): try item.encode(word, forKey: Key(key))
      }
    }
  }
}
