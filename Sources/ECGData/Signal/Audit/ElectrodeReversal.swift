/// Limb electrodes at each other's places.
///
/// A permutation of RA, LA and LL keeps Einthoven's law and leaves the precordial leads as they are; only the waves'
/// shapes tell. An electrode that changed places with the neutral one, RL, makes one bipolar lead nearly flat, as the
/// legs have nearly one potential. An exchange of LL and RL changes nothing that can be seen.
public enum ElectrodeReversal: Sendable, Hashable, CaseIterable {
  /// Right and left arm: I is inverted, II and III are exchanged.
  case rightArmLeftArm
  /// Right arm and left leg: II is inverted, I and III are exchanged and inverted.
  case rightArmLeftLeg
  /// Left arm and left leg: I and II are exchanged, III is inverted.
  case leftArmLeftLeg
  /// RA at the left arm, LA at the left leg, LL at the right arm.
  case clockwise
  /// RA at the left leg, LA at the right arm, LL at the left arm.
  case counterclockwise
  /// Right arm and right leg: II is nearly flat.
  case rightArmRightLeg
  /// Left arm and right leg: III is nearly flat.
  case leftArmRightLeg
  /// Both arms and both legs: I is nearly flat.
  case armsLegs

  /// Those that only the waves' shapes tell, which have a score.
  public static let scored: [ElectrodeReversal] = [
    .rightArmLeftArm, .rightArmLeftLeg, .leftArmLeftLeg, .clockwise, .counterclockwise,
  ]

  /// The electrodes, such as `RA and LA`.
  public var electrodes: String {
    switch self {
    case .rightArmLeftArm: "RA and LA"
    case .rightArmLeftLeg: "RA and LL"
    case .leftArmLeftLeg: "LA and LL"
    case .clockwise: "RA, LA and LL (RA at LA, LA at LL, LL at RA)"
    case .counterclockwise: "RA, LA and LL (RA at LL, LA at RA, LL at LA)"
    case .rightArmRightLeg: "RA and RL"
    case .leftArmRightLeg: "LA and RL"
    case .armsLegs: "the arms' and the legs' electrodes"
    }
  }

  /// The true leads I and II as weights of those recorded, rows I and II.
  ///
  /// With φ the potentials and I = φ(LA) − φ(RA), II = φ(LL) − φ(RA), III = φ(LL) − φ(LA).
  var correction: (i: (Double, Double), ii: (Double, Double))? {
    switch self {
    case .rightArmLeftArm: ((-1, 0), (-1, 1))
    case .rightArmLeftLeg: ((1, -1), (0, -1))
    case .leftArmLeftLeg: ((0, 1), (1, 0))
    case .clockwise: ((0, -1), (1, -1))
    case .counterclockwise: ((-1, 1), (-1, 0))
    case .rightArmRightLeg, .leftArmRightLeg, .armsLegs: nil
    }
  }
}

/// Whether the waves of a recording look as if limb electrodes had been exchanged: a suspicion, never a proof.
///
/// The limb leads are compared with the precordial ones, which an exchange of limb electrodes leaves as they are (V6
/// looks like I, and P waves are upright where the atria are excited towards the electrode; Kors and van Herpen 2001
/// and Batchvarov et al. 2007 review such criteria). Which of the six arrangements of RA, LA and LL is the true one
/// is a conditional logit, linear in 45 products of leads (see ``ElectrodeReversalModel``); a score is the logarithm
/// of how much more probable another arrangement is than the one recorded. Abnormal atrial rhythms, dextrocardia and
/// infarction can look alike, and an exchange of LA and LL is hard to see for anybody.
public struct ElectrodeReversalAudit: Sendable {
  /// An arrangement and how it compares with the one recorded.
  public struct Candidate: Sendable, Equatable {
    /// What would have been exchanged.
    public var reversal: ElectrodeReversal
    /// Natural logarithm of the odds against the arrangement recorded.
    public var score: Double
    /// The score that 98 % of PTB-XL's records (folds 1 to 7, as they are) stay below.
    public var limit: Double
  }

  /// The scored arrangements, the most probable first; empty if a bipolar lead is flat or precordial leads lack.
  public let candidates: [Candidate]
  /// What is suspected, if anything.
  public let suspicion: ElectrodeReversal?

  /// Odds of 20 to 1 against the arrangement recorded.
  static let suspiciousScore = 3.0
  /// The same for LA and LL, which differ so little that as many false alarms need more.
  static let suspiciousLegScore = 5.0
  /// What a turn of all three electrodes loses against an exchange of two, which is far commoner.
  static let turnPenalty = 2.0
  /// A bipolar lead is flat below this share of I, II and III together (root of summed squares).
  ///
  /// In PTB-XL's 2,664 records, as they are, the share is at least 0.070.
  static let flatShare = 0.05

  /// Looks at the average beat; nil without two limb leads or a beat, and below 100 Hz.
  ///
  /// - Parameter signal: twelve leads in µV.
  public init?(_ signal: PhysicalSignal) {
    guard let beat = AverageBeat(signal) else { return nil }
    self.init(beat)
  }

  /// The same of a beat that is at hand.
  init(_ beat: AverageBeat) {
    if let neutral = ElectrodeReversalAudit.neutral(beat) {
      candidates = []
      suspicion = neutral
      return
    }
    guard beat.precordialCount >= 3 else {
      candidates = []
      suspicion = nil
      return
    }
    let products = ElectrodeReversalAudit.Products(beat)
    let recorded = products.utility(i: (1, 0), ii: (0, 1))
    candidates = zip(ElectrodeReversal.scored, ElectrodeReversalModel.limits).compactMap { reversal, limit in
      reversal.correction.map {
        Candidate(
          reversal: reversal, score: products.utility(i: $0.i, ii: $0.ii) - recorded, limit: limit)
      }
    }.sorted { $0.score > $1.score }
    suspicion = ElectrodeReversalAudit.suspicion(candidates)
  }

  private static func suspicion(_ candidates: [Candidate]) -> ElectrodeReversal? {
    // Behind a turn of all three there is mostly an exchange of two and a doubt between LA and LL.
    func weighted(_ candidate: Candidate) -> Double {
      let isTurn = [.clockwise, .counterclockwise].contains(candidate.reversal)
      return candidate.score - (isTurn ? turnPenalty : 0)
    }
    guard let best = candidates.max(by: { weighted($0) < weighted($1) }) else { return nil }
    let least = best.reversal == .leftArmLeftLeg ? suspiciousLegScore : suspiciousScore
    return weighted(best) > least ? best.reversal : nil
  }

  /// An exchange with RL, by a bipolar lead that is flat where the others are not.
  private static func neutral(_ beat: AverageBeat) -> ElectrodeReversal? {
    var squares = (i: 0.0, ii: 0.0, iii: 0.0)
    for bin in AverageBeat.waves {
      let (i, ii) = (beat[0, bin], beat[1, bin])
      squares.i += i * i
      squares.ii += ii * ii
      squares.iii += (ii - i) * (ii - i)
    }
    let sum = squares.i + squares.ii + squares.iii
    // 30 µV on average: below it there is no beat to speak of.
    guard sum > 900 * Double(AverageBeat.waves.count) else { return nil }
    let limit = flatShare * flatShare * sum
    if squares.ii < limit { return .rightArmRightLeg }
    if squares.iii < limit { return .leftArmRightLeg }
    return squares.i < limit ? .armsLegs : nil
  }
}

extension ElectrodeReversalAudit {
  /// Products of I and II with the precordial leads and each other, for P, QRS and T.
  ///
  /// Their norms are the same for every arrangement of RA, LA and LL, so what an arrangement makes of the products
  /// is linear.
  struct Products {
    /// The 45 products, in the order of the weights.
    private(set) var values: [Double] = []

    init(_ beat: AverageBeat) {
      for segment in [AverageBeat.atrial, AverageBeat.ventricular, AverageBeat.repolarization] {
        func product(_ a: Int, _ b: Int) -> Double { beat.product(a, b, over: segment) }
        let noise = Double(segment.count) * AverageBeat.noise * AverageBeat.noise
        let (own, mixed, other) = (product(0, 0), product(0, 1), product(1, 1))
        let energy = 2 * (own - mixed + other) + noise
        let norms = (2..<8).map { (energy * (product($0, $0) + noise)).squareRoot() }
        for limb in 0..<2 { values += (2..<8).map { product(limb, $0) / norms[$0 - 2] } }
        values += [own / energy, mixed / energy, other / energy]
      }
    }

    /// The model's utility if I and II were these combinations of those recorded.
    func utility(i: (Double, Double), ii: (Double, Double)) -> Double {
      var sum = 0.0
      for start in stride(from: 0, to: values.count, by: 15) {
        for lead in start..<(start + 6) {
          let (first, second) = (values[lead], values[lead + 6])
          sum += ElectrodeReversalModel.weights[lead] * (i.0 * first + i.1 * second)
          sum += ElectrodeReversalModel.weights[lead + 6] * (ii.0 * first + ii.1 * second)
        }
        let (own, mixed, other) = (values[start + 12], values[start + 13], values[start + 14])
        func product(_ a: (Double, Double), _ b: (Double, Double)) -> Double {
          a.0 * b.0 * own + (a.0 * b.1 + a.1 * b.0) * mixed + a.1 * b.1 * other
        }
        sum += ElectrodeReversalModel.weights[start + 12] * product(i, i)
        sum += ElectrodeReversalModel.weights[start + 13] * product(i, ii)
        sum += ElectrodeReversalModel.weights[start + 14] * product(ii, ii)
      }
      return sum
    }
  }
}
