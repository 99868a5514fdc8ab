/// The potentials at the ten electrodes over time, in mV: where all noise arises, so that derived leads follow
/// with it.
///
/// I = LA − RA, II = LL − RA, Vₖ = Cₖ − (RA + LA + LL) / 3. Lanes are those of ``Electrode``; six stay empty.
struct ElectrodePotentials {
  /// A row for each sample.
  var rows: [SIMD16<Double>]

  /// The potentials of which I, II, V1 … V6 are these, against Wilson's central terminal.
  init(_ leads: [SIMD8<Double>]) {
    rows = leads.map { lead in
      let rightArm = -(lead[0] + lead[1]) / 3
      let leftLeg = rightArm + lead[1]
      // Both legs are one conductor as far as the heart is concerned.
      return SIMD16(
        lowHalf: SIMD8(
          rightArm, rightArm + lead[0], leftLeg, lead[2], lead[3], lead[4], lead[5], lead[6]),
        highHalf: SIMD8(lead[7], 0.98 * leftLeg, 0, 0, 0, 0, 0, 0))
    }
  }

  /// I, II, V1 … V6.
  var leads: [SIMD8<Double>] {
    rows.map { row in
      let central = (row[0] + row[1] + row[2]) / 3
      return SIMD8(
        row[1] - row[0], row[2] - row[0], row[3] - central, row[4] - central, row[5] - central,
        row[6] - central, row[7] - central, row[8] - central)
    }
  }

  /// Connects each cable to another place on the body: lane k then shows the potential of lane `wiring[k]`.
  mutating func rewire(_ wiring: [Electrode]) {
    for index in rows.indices {
      let row = rows[index]
      for (lane, place) in wiring.enumerated() { rows[index][lane] = row[place.rawValue] }
    }
  }
}
