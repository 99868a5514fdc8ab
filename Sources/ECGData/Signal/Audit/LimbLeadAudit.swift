/// How well the recorded limb leads of a signal obey Einthoven's and Goldberger's laws, and what would mend them.
///
///     if let audit = LimbLeadAudit(signal), !audit.isLawful {
///       print(audit.explanations.first?.fault.description ?? "nothing simple mends it")
///     }
///
/// The laws cannot see everything. They hold for any permutation of the limb electrodes (``ElectrodeReversal`` asks
/// about those by the shape of the waves) and for a change of all six signs: of the 46,080 ways to permute six leads
/// and change their signs, those twelve. Where leads are absent more become alike: with I, II and III alone, an
/// inverted III is an exchange of I and II, and ``explanations`` has both.
public struct LimbLeadAudit: Sendable {
  /// How far one lead is from what the other limb leads give for it, in µV.
  public struct Residual: Sendable, Equatable {
    /// The lead.
    public var lead: Lead
    /// Root mean square of the difference over the recording, offsets included.
    public var rms: Double
    /// The greatest difference of one sample.
    public var maximum: Double
    /// Root mean square about the mean of each second, over all seconds but the worst fifth: the figure judged.
    public var typical: Double
  }

  /// A fault that would explain a breach.
  public struct Explanation: Sendable, Equatable {
    /// The fault.
    public var fault: LimbLeadFault
    /// ``LimbLeadAudit/residual`` once it is mended.
    public var residual: Double
  }

  /// One for each recorded limb lead that is not constant, in canonical order.
  public let residuals: [Residual]
  /// The breach of all laws together in µV: √(yᵀQy / degrees of freedom), typical of a second.
  ///
  /// It estimates the noise that each lead has by itself; one lead that is wrong by d µV makes it about 0.4 d.
  public let residual: Double
  /// What rounding and resampling of each lead by itself may make of ``residual``, in µV.
  public let allowance: Double
  /// Root mean square of the limb leads in µV, typical of a second.
  public let level: Double
  /// Whether the laws hold.
  public let isLawful: Bool
  /// What would mend a breach; several, the simplest first, if they mend it equally well, and none if nothing simple
  /// does.
  public let explanations: [Explanation]

  /// 3 µV and one step of the converter.
  ///
  /// On untouched recordings the residual is at most 0.45 µV at 1 µV a step (PTB-XL, CPSC, Georgia, PTB), 1.5 at 5
  /// (Ningbo, CinC 2011) and 2.3 in CODE-15, which is resampled; the smallest exchange of two names in PTB-XL makes
  /// 9.7.
  static func allowance(quantum: Double) -> Double { 3 + min(quantum, 50) }
  /// A breach that nothing explains must be this share of ``level``: two channels may differ by 5 % in gain (IEC
  /// 60601-2-25), and filters that are not linear or not alike break the laws by some percent.
  static let unexplainedShare = 0.05

  /// Asks the recorded limb leads of a signal; nil if no law joins them.
  ///
  /// Derived leads are no evidence. A lead that lacks more than half its samples is not asked; constant ones are
  /// compared with what the others give.
  public init?(_ signal: PhysicalSignal) {
    let recorded = LimbLaws.leads.filter {
      signal.isRecorded($0) && signal.presentShare(of: $0) > 0.5
    }
    let moving = recorded.filter { !signal.leadFlags[$0.rawValue].contains(.flat) }
    let flat = recorded.filter { signal.leadFlags[$0.rawValue].contains(.flat) }
    guard moving.count > 1, recorded.count > 2 else { return nil }
    let moments = LimbLeadMoments(signal, moving)
    allowance = LimbLeadAudit.allowance(quantum: moments.quantum)
    var mean = [Double](repeating: 0, count: moving.count * moving.count)
    for index in moving.indices { mean[index * (moving.count + 1)] = 1 / Double(moving.count) }
    level = moments.typical(mean)
    let allowance = allowance
    let unlikelyFlat = flat.filter { lead in
      let (a, b) = LimbLaws.derivation(of: lead, from: moving[0], moving[1])
      var weights = [Double](repeating: 0, count: moving.count * moving.count)
      weights[0] = a * a
      weights[1] = 2 * a * b
      weights[moving.count + 1] = b * b
      return moments.typical(weights) > allowance
    }
    var explanations: [Explanation] = []
    if let laws = LimbLaws(moving) {
      residual = moments.typical(laws.projector.map { $0 / laws.degreesOfFreedom })
      residuals = LimbLeadAudit.residuals(laws, moments)
      if residual > allowance {
        explanations = LimbLeadHypotheses(laws, moments, allowance: allowance).explanations(of: residual)
      }
    } else {
      residual = 0
      residuals = []
    }
    // Filters make no exchange: below the share, only what is mended for good counts.
    let isExplained = explanations.first.map { $0.residual <= allowance && !$0.fault.isForeign } ?? false
    let isBroken = residual > allowance && (isExplained || residual > LimbLeadAudit.unexplainedShare * level)
    if !isBroken { explanations = [] }
    if !unlikelyFlat.isEmpty {
      explanations.insert(Explanation(fault: .flat(unlikelyFlat), residual: residual), at: 0)
    }
    self.explanations = explanations
    isLawful = !isBroken && unlikelyFlat.isEmpty
  }

  private static func residuals(_ laws: LimbLaws, _ moments: LimbLeadMoments) -> [Residual] {
    let width = laws.leads.count
    let rows = laws.differences
    return zip(laws.leads.indices, moments.differences).map { row, difference in
      let weights = (0..<width * width).map {
        rows[row * width + $0 / width] * rows[row * width + $0 % width]
      }
      return Residual(
        lead: laws.leads[row], rms: difference.square.squareRoot(), maximum: difference.greatest,
        typical: moments.typical(weights))
    }
  }
}

extension LimbLeadFault {
  /// Whether it says no more than that leads disagree.
  var isForeign: Bool {
    if case .foreign = self { true } else { false }
  }
}

extension PhysicalSignal {
  /// The share of a lead's samples that are not missing.
  fileprivate func presentShare(of lead: Lead) -> Double {
    guard leadFlags[lead.rawValue].contains(.missingSamples) else { return frameCount > 0 ? 1 : 0 }
    let present = (0..<frameCount).count { !microvolts[$0 * Lead.count + lead.rawValue].isNaN }
    return Double(present) / Double(max(1, frameCount))
  }
}
