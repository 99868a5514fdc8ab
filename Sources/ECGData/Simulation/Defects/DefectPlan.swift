/// Which records of a simulated collection get which defect.
///
/// It is a pure function of seed and record, so that any record can be made by itself and a greater collection begins
/// with the smaller one.
public struct DefectPlan: Sendable {
  /// The layout, by its adapter's name.
  public let layout: String
  /// What everything is drawn from.
  public let seed: UInt64
  /// The share of records that each kind gets, in the catalogue's order.
  public let shares: [(kind: SimulatedDefect.Kind, share: Double)]

  /// Whether a record, the first, can be a copy of another, the second.
  private let canCopy: @Sendable (Int, Int) -> Bool

  /// How far back a copied record may lie.
  private static let reach = 1000
  /// How many records are asked before a copy is given up.
  private static let attempts = 64

  /// Makes a plan.
  ///
  /// - Parameters:
  ///   - layout: the adapter's name.
  ///   - rates: how often each kind is planted.
  ///   - seed: what everything is drawn from.
  ///   - canCopy: whether a record, the first, can be a copy of another, the second; all can unless told.
  /// - Throws: ``ECGError`` (`invalidArgument`) for rates that the layout cannot have.
  public init(
    layout: String, rates: DefectRates, seed: UInt64,
    canCopy: @escaping @Sendable (Int, Int) -> Bool = { _, _ in true }
  ) throws {
    self.canCopy = canCopy
    self.layout = layout
    self.seed = seed
    shares = try rates.shares(in: layout)
  }

  /// The defect of a record, counted from 0; nil for one that is as it should be.
  ///
  /// A record that copies another, or takes its patient, needs an earlier one without a defect; where none is found it
  /// keeps its own.
  public func defect(of index: Int) -> SimulatedDefect? {
    guard let kind = kind(of: index) else { return nil }
    guard kind.needsOther else { return SimulatedDefect(kind, of: index, seed: seed) }
    return other(of: index).map { SimulatedDefect(kind, of: index, other: $0, seed: seed) }
  }

  private func kind(of index: Int) -> SimulatedDefect.Kind? {
    var generator = SplitMix64("simulation.defect", seed, UInt64(index))
    var rest = generator.uniform()
    for (kind, share) in shares {
      rest -= share
      if rest < 0 { return kind }
    }
    return nil
  }

  /// An earlier record that stays as it is.
  private func other(of index: Int) -> Int? {
    guard index > 0 else { return nil }
    var generator = SplitMix64("simulation.defect.other", seed, UInt64(index))
    let reach = min(index, Self.reach)
    for _ in 0..<Self.attempts {
      let other = index - 1 - generator.index(below: reach)
      if kind(of: other) == nil, canCopy(index, other) { return other }
    }
    // The first record can copy none, whatever the rates.
    return kind(of: 0)?.needsOther ?? true && canCopy(index, 0) ? 0 : nil
  }
}

extension SimulatedDefect.Kind {
  /// Whether the samples are those of another record.
  var isCopy: Bool { [.duplicate, .duplicateRelabelled, .duplicateScaled].contains(self) }

  /// Whether it takes a second record.
  var needsOther: Bool { isCopy || self == .patientInTwoFolds }
}
