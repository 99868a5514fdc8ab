/// How chest leads can differ from what they are named.
public enum ChestElectrodeFault: Sendable, Hashable {
  /// A lead has the wrong sign.
  case inverted(Lead)
  /// The electrodes of two leads are at each other's places.
  case exchanged(Lead, Lead)
  /// V6 to V1 instead of V1 to V6.
  case reversed

  /// The chest leads in their order.
  static let leads: [Lead] = [.V1, .V2, .V3, .V4, .V5, .V6]
  /// All that have a score: 6 inversions, 15 exchanges, the reversed order.
  public static let scored: [ChestElectrodeFault] =
    leads.map { .inverted($0) }
    + leads.indices.flatMap { first in leads[(first + 1)...].map { .exchanged(leads[first], $0) } }
    + [.reversed]

  /// What looks wrong, such as `V2 and V3 look exchanged`.
  public var description: String {
    switch self {
    case .inverted(let lead): "\(lead.name) looks inverted"
    case .exchanged(let first, let second): "\(first.name) and \(second.name) look exchanged"
    case .reversed: "V1 to V6 look to be in reversed order"
    }
  }

  /// The true chest leads, each as a place from 0 to 5 among those recorded and a sign; the same undoes and makes the fault.
  var correction: [(place: Int, sign: Double)] {
    ChestElectrodeFault.leads.enumerated().map { place, lead in
      switch self {
      case .inverted(lead): (place, -1)
      case .exchanged(lead, let other), .exchanged(let other, lead):
        (other.rawValue - Lead.V1.rawValue, 1)
      case .reversed: (5 - place, 1)
      default: (place, 1)
      }
    }
  }
}

/// Whether the waves of a recording look as if a chest lead were inverted or chest electrodes exchanged: a suspicion.
///
/// No law joins the chest leads, but what is next to each other looks alike, and R and T waves change from V1 to V6 in
/// a usual way. Which of 23 arrangements is the true one is a conditional logit, linear in 81 products of the leads'
/// average beats (see ``ChestElectrodeModel``); a score is the logarithm of how much more probable another
/// arrangement is than the one recorded.
///
/// At the score that makes a suspicion, 6 of 2,312 records of PTB-XL's folds 1 to 8 (each by a fit to the other folds),
/// 2 of 325 of fold 9 and 1 of 118 of the CinC challenges are suspected as they are (0.33 %), 7 beside them whose leads look
/// exchanged to the eye left out. Of faults planted in fold 9, 99.3 % of inverted leads are found, of exchanges 43.7 %
/// of neighbours, 98.8 % of V1 and V6 and 89.0 % of others, and 89.2 % of reversed orders; nearly all are named rightly.
/// In 298 records of CODE-15 %, from many small practices, 18 are suspected, most of them rightly by the eye. Neighbours
/// can look so alike that nobody would tell; infarction, dextrocardia and exchanged limb electrodes can look like a fault.
public struct ChestElectrodeAudit: Sendable {
  /// An arrangement and how it compares with the one recorded.
  public struct Candidate: Sendable, Equatable {
    /// What would be wrong.
    public var fault: ChestElectrodeFault
    /// Natural logarithm of the odds against the arrangement recorded.
    public var score: Double
  }

  /// The arrangements, the most probable first; empty unless V1 to V6 are all recorded and not constant.
  public let candidates: [Candidate]

  /// What is suspected, if anything.
  public var suspicion: ChestElectrodeFault? {
    candidates.first.flatMap { $0.score > ChestElectrodeAudit.suspiciousScore ? $0.fault : nil }
  }

  /// Odds of 1,100 to 1 against the arrangement recorded.
  static let suspiciousScore = 7.0

  /// Looks at the average beat; nil without two limb leads or a beat, and below 100 Hz.
  ///
  /// - Parameter signal: twelve leads in µV.
  public init?(_ signal: PhysicalSignal) {
    guard let beat = AverageBeat(signal) else { return nil }
    self.init(beat)
  }

  /// The same of a beat that is at hand.
  init(_ beat: AverageBeat) {
    let hasLimb = (0..<AverageBeat.count).contains { beat[0, $0] != 0 || beat[1, $0] != 0 }
    guard hasLimb, beat.precordialCount == ChestElectrodeFault.leads.count else {
      candidates = []
      return
    }
    let scores = Products(beat).scores
    candidates = zip(ChestElectrodeFault.scored, scores).map { Candidate(fault: $0, score: $1) }
      .sorted { $0.score > $1.score }
  }
}

extension ChestElectrodeAudit {
  /// Products of the chest leads with each other and with I and II, for P, QRS and T.
  ///
  /// Their norms are the same for every arrangement, which only permutes the products or changes their signs.
  struct Products {
    /// The 81 products, in the order of the weights.
    private(set) var values: [Double] = []

    init(_ beat: AverageBeat) {
      values.reserveCapacity(3 * Products.width)
      for segment in [AverageBeat.atrial, AverageBeat.ventricular, AverageBeat.repolarization] {
        let noise = Double(segment.count) * AverageBeat.noise * AverageBeat.noise
        func product(_ a: Int, _ b: Int) -> Double { beat.product(a, b, over: segment) }
        let limb = (2 * (product(0, 0) - product(0, 1) + product(1, 1)) + noise).squareRoot()
        let norms = (2..<8).map { (product($0, $0) + noise).squareRoot() }
        for (a, b) in Products.pairs { values.append(product(2 + a, 2 + b) / (norms[a] * norms[b])) }
        for lead in 0..<2 {
          for chest in 0..<6 { values.append(product(lead, 2 + chest) / (limb * norms[chest])) }
        }
      }
    }

    /// The score of each fault, in the order of ``ChestElectrodeFault/scored``.
    var scores: [Double] {
      let recorded = zip(ChestElectrodeModel.weights, values).reduce(0) { $0 + $1.0 * $1.1 }
      return Products.arrangements.map { arrangement in
        var sum = 0.0
        for start in stride(from: 0, to: values.count, by: Products.width) {
          for (index, source) in arrangement.enumerated() {
            sum += ChestElectrodeModel.weights[start + index] * (source.sign * values[start + source.place])
          }
        }
        return sum - recorded
      }
    }

    /// Products of a segment: V1·V2 … V5·V6, I·V1 … I·V6, II·V1 … II·V6.
    private static let width = 27
    private static let pairs: [(Int, Int)] = (0..<6).flatMap { a in ((a + 1)..<6).map { (a, $0) } }
    /// For each fault and each product of a segment the place of the one that it would truly be, and its sign.
    private static let arrangements: [[(place: Int, sign: Double)]] = ChestElectrodeFault.scored.map {
      fault in
      let leads = fault.correction
      var places = [Int](repeating: 0, count: 36)
      for (index, (a, b)) in pairs.enumerated() { (places[6 * a + b], places[6 * b + a]) = (index, index) }
      return pairs.map { a, b in
        (places[6 * leads[a].place + leads[b].place], leads[a].sign * leads[b].sign)
      } + [15, 21].flatMap { start in leads.map { (start + $0.place, $0.sign) } }
    }
  }
}
