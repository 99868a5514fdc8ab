/// The faults that could have made limb leads break the laws, each tried on their second moments.
///
/// A simpler fault goes before one that has more freedom to fit: exchanges of two names, one wrong sign and turns of
/// three names; one wrong scale; any order of the names and several wrong signs; a lead that belongs to none; two.
struct LimbLeadHypotheses {
  private let laws: LimbLaws
  private let moments: LimbLeadMoments
  private let allowance: Double

  /// A scale within 10 % of 1 is no fault to name.
  private static let ordinaryScale = 0.9...1.1
  /// A breach that is not mended within the allowance must fall to a quarter at least.
  private static let leastGain = 4.0
  /// Faults that mend a breach as well as the best one up to this factor cannot be told from it.
  ///
  /// The residual of the right one is noise over thousands of samples and known to some percent.
  private static let ambiguity = 1.25

  init(_ laws: LimbLaws, _ moments: LimbLeadMoments, allowance: Double) {
    self.laws = laws
    self.moments = moments
    self.allowance = allowance
  }

  /// What mends a breach of this residual, the best first.
  func explanations(of residual: Double) -> [LimbLeadAudit.Explanation] {
    let tiers = [singles, scales, { orders() + signs() }, { foreign(1) }, { foreign(2) }]
    var best: [LimbLeadAudit.Explanation] = []
    var bestCost = Double.infinity
    for (rank, tier) in tiers.enumerated() {
      let sorted = tier().sorted { $0.residual < $1.residual }
      guard let first = sorted.first else { continue }
      // Within the allowance the simplest counts; above it freedom to fit has its price.
      let cost = first.residual * Double(1 << rank)
      let isMended = first.residual <= allowance
      guard isMended || (first.residual * LimbLeadHypotheses.leastGain <= residual && cost < bestCost) else {
        continue
      }
      // Of those that mend it alike, the one that changes the fewest leads is named first.
      best = sorted.filter { $0.residual <= LimbLeadHypotheses.ambiguity * first.residual + 0.05 }
        .sorted { ($0.fault.leads.count, $0.residual) < ($1.fault.leads.count, $1.residual) }
      bestCost = cost
      if isMended { break }
    }
    return best
  }

  private var width: Int { laws.leads.count }

  /// Lead i is the channel `order[i]`, times `signs[i]`.
  private func explanation(
    _ fault: LimbLeadFault, order: [Int]? = nil, inverted: [Int] = []
  ) -> LimbLeadAudit.Explanation {
    var weights = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for column in 0..<width {
        let sign = inverted.contains(row) == inverted.contains(column) ? 1.0 : -1.0
        let place = (order?[row] ?? row) * width + (order?[column] ?? column)
        weights[place] = sign * laws.projector[row * width + column] / laws.degreesOfFreedom
      }
    }
    return LimbLeadAudit.Explanation(fault: fault, residual: moments.typical(weights))
  }

  private func singles() -> [LimbLeadAudit.Explanation] {
    let places = Array(0..<width)
    let inversions = places.map { explanation(.inverted([laws.leads[$0]]), inverted: [$0]) }
    let exchanges = LimbLeadHypotheses.choices(2, of: width).map { pair in
      var order = places
      order.swapAt(pair[0], pair[1])
      return explanation(.exchanged(laws.leads[pair[0]], laws.leads[pair[1]]), order: order)
    }
    let turns = LimbLeadHypotheses.choices(3, of: width).flatMap { three in
      [1, 2].map { turn in
        var order = places
        for index in 0..<3 { order[three[index]] = three[(index + turn) % 3] }
        return reordered(order)
      }
    }
    return inversions + exchanges + turns
  }

  private func reordered(_ order: [Int]) -> LimbLeadAudit.Explanation {
    var hold = laws.leads
    for (lead, channel) in order.enumerated() { hold[channel] = laws.leads[lead] }
    let moved = laws.leads.indices.filter { hold[$0] != laws.leads[$0] }
    let fault = LimbLeadFault.reordered(names: moved.map { laws.leads[$0] }, hold: moved.map { hold[$0] })
    return explanation(fault, order: order)
  }

  /// Orders that move four leads or more.
  private func orders() -> [LimbLeadAudit.Explanation] {
    var found: [LimbLeadAudit.Explanation] = []
    var order = Array(0..<width)
    func extend(_ place: Int) {
      guard place < width else {
        if order.enumerated().count(where: { $0 != $1 }) > 3 { found.append(reordered(order)) }
        return
      }
      for other in place..<width {
        order.swapAt(place, other)
        extend(place + 1)
        order.swapAt(place, other)
      }
    }
    extend(0)
    return found
  }

  /// Two or three inverted leads; more are the same as fewer, all signs being free.
  private func signs() -> [LimbLeadAudit.Explanation] {
    [2, 3].flatMap { LimbLeadHypotheses.choices($0, of: width) }.map { chosen in
      explanation(.inverted(chosen.map { laws.leads[$0] }), inverted: chosen)
    }
  }

  /// One lead with the scale that fits the others best.
  private func scales() -> [LimbLeadAudit.Explanation] {
    (0..<width).compactMap { lead in
      // yᵀQy with lead k times a is least at a = −Σ Qₖⱼ Gₖⱼ / (Qₖₖ Gₖₖ), j ≠ k; a second's own a, and their median,
      // so that a spike has no say.
      let ratios = (0..<moments.count).compactMap { second -> Double? in
        let row = lead * width
        let own = moments.products[second * width * width + row + lead] * laws.projector[row + lead]
        guard own > 0 else { return nil }
        let others = (0..<width).reduce(0) { sum, other in
          other == lead
            ? sum
            : sum + laws.projector[row + other] * moments.products[second * width * width + row + other]
        }
        return -others / own
      }.sorted()
      guard !ratios.isEmpty, case let ratio = ratios[ratios.count / 2], ratio != 0,
        !LimbLeadHypotheses.ordinaryScale.contains(abs(ratio))
      else { return nil }
      var weights = laws.projector.map { $0 / laws.degreesOfFreedom }
      for index in weights.indices {
        if index / width == lead { weights[index] *= ratio }
        if index % width == lead { weights[index] *= ratio }
      }
      return LimbLeadAudit.Explanation(
        fault: .scaled(laws.leads[lead], by: 1 / ratio), residual: moments.typical(weights))
    }
  }

  /// Some leads left out; a lead without signal is called constant.
  private func foreign(_ number: Int) -> [LimbLeadAudit.Explanation] {
    LimbLeadHypotheses.choices(number, of: width).compactMap { chosen in
      let rest = (0..<width).filter { !chosen.contains($0) }
      guard let others = LimbLaws(rest.map { laws.leads[$0] }) else { return nil }
      var weights = [Double](repeating: 0, count: width * width)
      for (row, a) in rest.enumerated() {
        for (column, b) in rest.enumerated() {
          weights[a * width + b] = others.projector[row * rest.count + column] / others.degreesOfFreedom
        }
      }
      let isFlat = chosen.allSatisfy { lead in
        moments.typical { moments.products[$0 * width * width + lead * (width + 1)] } <= allowance
      }
      let leads = chosen.map { laws.leads[$0] }
      return LimbLeadAudit.Explanation(
        fault: isFlat ? .flat(leads) : .foreign(leads), residual: moments.typical(weights))
    }
  }

  /// All ways to choose some of 0..<count, each in ascending order.
  private static func choices(_ number: Int, of count: Int) -> [[Int]] {
    guard number > 0 else { return [[]] }
    return (0..<count).flatMap { last in choices(number - 1, of: last).map { $0 + [last] } }
  }
}
