/// What a ruler would find in a beat without noise, in each of the twelve leads.
struct BeatMeasures: Sendable {
  /// In mV against the PQ segment: the greatest and least deflection of QRS, ST 60 ms after its end, and T at
  /// its peak.
  var r = [Double](repeating: 0, count: Lead.count)
  var s = [Double](repeating: 0, count: Lead.count)
  var st = [Double](repeating: 0, count: Lead.count)
  var t = [Double](repeating: 0, count: Lead.count)

  /// Measures one beat of a morphology as a body shows it, after an interval of a second.
  init(of beat: BeatMorphology, through field: LeadField) {
    let rate = 250.0
    let peak = 0.4
    var heart = HeartDipole(count: Int(1.1 * rate))
    beat.add(to: &heart, at: peak, after: 1, variation: BeatVariation(), rate: rate)
    let dipole = heart.ventricles
    func index(_ time: Double) -> Int { min(max(Int((time * rate).rounded()), 0), dipole.count - 1) }
    func leads(_ index: Int) -> [Double] {
      var row: [Double] = []
      LeadField.append(field.project(dipole[index]), to: &row)
      return row
    }
    let base = leads(index(peak + beat.onset - 0.004))
    for sample in index(peak + beat.onset)...index(peak + beat.end) {
      for (lead, value) in leads(sample).enumerated() {
        r[lead] = max(r[lead], value - base[lead])
        s[lead] = min(s[lead], value - base[lead])
      }
    }
    st = zip(leads(index(peak + beat.end + 0.06)), base).map(-)
    t = zip(leads(index(peak + beat.onset + beat.qt - 2 * beat.tFall)), base).map(-)
  }

  /// The statements of form that PTB-XL's vocabulary has for what is measured, by the usual criteria.
  ///
  /// STE_: ST 0.12 mV up in two neighbouring leads, 0.25 in V2 and V3 (a little above the limits at the J point
  /// of Thygesen et al., fourth universal definition of myocardial infarction, 2018, for ST rises after it); STD_: 0.07 mV down in two; INVT: T below −0.1 mV in two; LOWT:
  /// T within 0.05 mV of nothing in I, II, V5 and V6 alike; VCLVH: Sokolow and Lyon, S in V1 and R in V5 or V6
  /// at least 3.5 mV; LVOLT: QRS below 0.5 mV in every limb lead.
  var forms: [String] {
    var codes: [String] = []
    // Leads in the order in which they look at the heart.
    let neighbours: [(Lead, Lead)] = [
      (.aVL, .I), (.II, .aVF), (.aVF, .III), (.V1, .V2), (.V2, .V3), (.V3, .V4), (.V4, .V5), (.V5, .V6),
    ]
    func both(_ isSo: (Lead) -> Bool) -> Bool { neighbours.contains { isSo($0.0) && isSo($0.1) } }
    let isRaised = both { st[$0.rawValue] >= ($0 == .V2 || $0 == .V3 ? 0.25 : 0.12) }
    if isRaised { codes.append("STE_") }
    if both({ st[$0.rawValue] <= -0.07 }) { codes.append("STD_") }
    let upright = neighbours.filter { $0.0 != .V1 && $0.1 != .III }
    if upright.contains(where: { t[$0.0.rawValue] <= -0.1 && t[$0.1.rawValue] <= -0.1 }) {
      codes.append("INVT")
    }
    if [Lead.I, .II, .V5, .V6].allSatisfy({ abs(t[$0.rawValue]) < 0.05 }) { codes.append("LOWT") }
    let lateral = max(r[Lead.V5.rawValue], r[Lead.V6.rawValue])
    if lateral - s[Lead.V1.rawValue] >= 3.5 { codes.append("VCLVH") }
    if (0..<6).allSatisfy({ r[$0] - s[$0] < 0.5 }) { codes.append("LVOLT") }
    return codes
  }
}
