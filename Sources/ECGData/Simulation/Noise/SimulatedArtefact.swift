/// A disturbance that is plain to see in a simulated recording.
public struct SimulatedArtefact: Sendable, Equatable {
  /// What it is.
  public let kind: SimulatedNoise.Kind
  /// Where it arises: `RA`, `LA`, `LL`, `RL`, `V1` … `V6`; two that changed places, or all for what is
  /// everywhere.
  public let electrodes: [String]
  /// The leads, by their canonical names, that show at least half of it.
  public let leads: [String]
  /// Where it begins, in seconds from the start of the recording; 0 for what lasts.
  public let from: Double
  /// Where it ends.
  public let to: Double
  /// Its size in mV at the electrode: the peak of drift, hum, motion and steps, twice the standard deviation
  /// of muscle noise, the constant level of a lead without contact, the end of the range of a saturated one;
  /// 0 for electrodes interchanged.
  public let size: Double
}

extension SimulatedArtefact {
  /// An artefact of some electrodes, with the leads that follow from them.
  ///
  /// Those are all twelve where a limb's takes the amplifiers to their rails, for then derived leads and the
  /// central terminal are wrong as well.
  init(
    _ kind: SimulatedNoise.Kind, _ electrodes: [Electrode], _ time: ClosedRange<Double>, size: Double,
    isRailed: Bool = false
  ) {
    let isEverywhere = isRailed && electrodes.contains(where: \.isLimb)
    let seen = isEverywhere ? Set(Lead.allCases) : Set(electrodes.flatMap(\.leads))
    self.init(
      kind: kind, electrodes: electrodes.map(\.name),
      leads: Lead.allCases.filter(seen.contains).map(\.name), from: time.lowerBound, to: time.upperBound,
      size: size)
  }
}
