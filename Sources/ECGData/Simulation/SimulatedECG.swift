import Foundation

/// A simulated 12-lead recording together with the truth about it.
///
///     var generator = SplitMix64("example", 7)
///     let ecg = SimulatedECG(using: &generator)
///     let samples = ecg.samples(rate: 500)      // [5000, 12] in mV
///     print(ecg.statements, ecg.heartRate)
///
/// It is meant for tests, examples and benchmarks: amplitudes, intervals, axes and their spread are near PTB-XL's
/// (tools/python/simulated_against_real.py), limb leads obey Einthoven's and Goldberger's laws exactly, and each
/// diagnostic statement has its morphology. It is not a model of the heart, and nothing measured on it says
/// anything about patients.
public struct SimulatedECG: Sendable {
  /// A statement about a recording, with PTB-XL's likelihood in percent (0: stated without one).
  public struct Statement: Sendable, Equatable {
    /// The code of `scp_statements.csv`.
    public var code: String
    /// 15, 35, 50, 80 or 100 for diagnoses, 0 for most statements of form and rhythm.
    public var likelihood: Double
  }

  /// The diagnostic codes that can be asked for, without `NORM`.
  public static var findingCodes: [String] { SimulatedFinding.allCases.map(\.rawValue) }

  /// The lengths of a recording's beats in seconds, without noise.
  public struct Intervals: Sendable, Equatable {
    /// From the onset of P to that of QRS; nil where no P wave leads to the beats.
    public var pr: Double?
    /// From the onset of QRS to its end.
    public var qrs: Double
    /// From the onset of QRS to the end of T.
    public var qt: Double
    /// The same at 60 beats a minute, after Fridericia: QT / ∛RR.
    public var correctedQT: Double
  }

  /// Whose heart it is.
  public let patient: SimulatedPatient
  /// The length in seconds.
  public let duration: Double
  /// The rhythm.
  public let rhythm: SimulatedRhythm
  /// Diagnoses, then statements of form, then the rhythm.
  public let statements: [Statement]
  /// PTB-XL's superclasses (NORM, MI, STTC, CD, HYP) of the diagnoses; empty for a rhythm that is all there
  /// is to state.
  public let superclasses: [String]
  /// The beats whose R peak lies within the recording.
  public let beats: [SimulatedBeat]
  /// The mean number of beats a minute between the first and the last of ``beats``.
  public let heartRate: Double
  /// The frontal QRS axis in degrees, with the electrodes where they belong.
  public let axis: Double
  /// The intervals of the conducted beats at the mean heart rate.
  public let intervals: Intervals
  /// 1 for the first day of an infarction, 0 for an old one.
  let acuity: Double
  let noise: RecordingNoise
  /// The disturbances that are plain to see; interchanged electrodes change no statement, for those are the
  /// heart's.
  public var artefacts: [SimulatedArtefact] { noise.artefacts }

  let sequence: BeatSequence
  let morphology: BeatMorphology
  let fibrillation: [(frequency: Double, phase: Double, vector: SIMD3<Double>)]

  /// Simulates a recording of a patient who is drawn as well.
  public init(
    duration: Double = 10, noise: SimulatedNoise = .standard, using generator: inout SplitMix64
  ) {
    let patient = SimulatedPatient(using: &generator)
    self.init(of: patient, duration: duration, noise: noise, using: &generator)
  }

  /// Simulates a recording of a patient, in a rhythm that is drawn unless it is given.
  public init(
    of patient: SimulatedPatient, rhythm wanted: SimulatedRhythm? = nil, duration: Double = 10,
    noise: SimulatedNoise = .standard, using generator: inout SplitMix64
  ) {
    self.patient = patient
    self.duration = duration
    let drawn = Self.drawRhythm(isNormal: patient.findings.isEmpty, &generator)
    rhythm = wanted ?? drawn
    let ectopicKind: SimulatedBeat.Kind = generator.uniform() < 0.7 ? .ventricularPremature : .atrialPremature
    let ectopy = Self.drawEctopy(isNormal: patient.findings.isEmpty, &generator)
    let sequence = BeatSequence(
      rhythm: rhythm, duration: duration, ectopy: rhythm.hasSinusNode ? ectopy : .scattered(0),
      kind: ectopicKind, age: Double(patient.age), using: &generator)
    self.sequence = sequence
    beats = sequence.beats.filter { (0..<duration).contains($0.time) }
    heartRate = Self.rate(of: beats)

    // A pacemaker hides what the ventricles would show; without sinus rhythm there is no PR interval.
    let hasInterval = rhythm.hasSinusNode
    let visible = rhythm == .paced ? [] : patient.findings.filter { hasInterval || $0 != .firstDegreeBlock }
    acuity = generator.uniform() < 0.12 ? generator.uniform(0.5..<1) : generator.uniform(0..<0.2)
    var morphology = patient.morphology
    var diagnoses: [Statement] = []
    for finding in visible {
      let (likelihood, severity) = Self.drawCertainty(of: finding, &generator)
      morphology.apply(finding, severity: severity, acuity: acuity)
      diagnoses.append(Statement(code: finding.rawValue, likelihood: likelihood))
    }
    // Hemiblocks are defined by the axis (Surawicz et al., J. Am. Coll. Cardiol. 53, 2009).
    if visible.contains(.leftAnteriorFascicularBlock) {
      morphology.turn(toAxis: -88...(-38), through: patient.leadField)
    } else if visible.contains(.leftPosteriorFascicularBlock) {
      morphology.turn(toAxis: 92...150, through: patient.leadField)
    }
    var forms =
      rhythm == .paced
      ? []
      : Self.forms(of: morphology, through: patient.leadField, with: visible, &generator).map {
        Statement(code: $0, likelihood: 0)
      }
    if rhythm == .paced { morphology.pace() }
    if !rhythm.hasSinusNode { morphology.atrial = [] }
    let isNormal = visible.isEmpty && rhythm.hasSinusNode
    if isNormal {
      let likelihood = rhythm == .sinus && generator.uniform() < 0.9 ? 100.0 : 80.0
      diagnoses.append(Statement(code: "NORM", likelihood: likelihood))
    }
    if beats.contains(where: { $0.kind == .ventricularPremature }) {
      forms.append(Statement(code: "PVC", likelihood: 100))
    }
    if beats.contains(where: { $0.kind == .atrialPremature }) {
      forms.append(Statement(code: "PAC", likelihood: 0))
    }
    var rhythms = [Statement(code: rhythm.rawValue, likelihood: rhythm.likelihood)]
    if case .every(let length) = ectopy, beats.contains(where: { $0.kind == ectopicKind }) {
      rhythms.insert(Statement(code: length == 2 ? "BIGU" : "TRIGU", likelihood: 0), at: 0)
    }
    statements = diagnoses + forms + rhythms
    let classes = Set(visible.map(\.superclass.rawValue))
    superclasses =
      isNormal ? ["NORM"] : SimulatedFinding.Superclass.allCases.map(\.rawValue).filter(classes.contains)
    self.morphology = morphology
    axis = patient.leadField.axis(of: morphology.netArea)
    intervals = morphology.intervals(heartRate: heartRate, hasSinusNode: rhythm.hasSinusNode)
    self.noise = RecordingNoise(
      noise, duration: duration, respiration: sequence.respirationRate, using: &generator)
    fibrillation = (0..<(rhythm == .fibrillation ? 4 : 0)).map { _ in
      let size = generator.uniform(0.4..<1)
      return (
        generator.uniform(4.8..<8.2), generator.uniform(0..<(2 * Double.pi)),
        size * SIMD3(0.012 * generator.normal(), 0.028, -0.042)
      )
    }
  }

  /// The samples at `rate` Hz, time-major `[T, 12]` in mV: I, II, III, aVR, aVL, aVF, V1 … V6.
  ///
  /// The heart is the same at every rate; of the noise only the muscle's is drawn anew for each sample.
  ///
  /// - Complexity: O(T); 10 s at 500 Hz take some milliseconds.
  public func samples(rate: Double) -> [Double] {
    let count = Int((duration * rate).rounded())
    var dipole = HeartDipole(count: count)
    let ectopic = BeatMorphology.ectopic(patient.ectopicFocus)
    var atrial = morphology
    atrial.atrial = morphology.atrial.map { wave in
      DipoleWave(wave.time, rise: wave.rise, fall: wave.fall, wave.vector * SIMD3(0.8, -0.7, 1))
    }
    for (beat, variation) in zip(sequence.beats, sequence.variations) {
      let shape =
        switch beat.kind {
        case .normal, .paced: morphology
        case .atrialPremature: atrial
        case .ventricularPremature: ectopic
        }
      shape.add(to: &dipole, at: beat.time, after: beat.interval, variation: variation, rate: rate)
    }
    addAtrialActivity(to: &dipole.atria, rate: rate)
    let leads = noise.recorded(patient.leadField.project(dipole), rate: rate)
    var samples: [Double] = []
    samples.reserveCapacity(12 * count)
    for row in leads { LeadField.append(row, to: &samples) }
    return samples
  }

  /// Fibrillation as waves of drifting frequency and strength, flutter as a saw-tooth of three harmonics.
  private func addAtrialActivity(to dipole: inout [SIMD3<Double>], rate: Double) {
    guard rhythm == .fibrillation || rhythm == .flutter else { return }
    for index in dipole.indices {
      let time = Double(index) / rate
      for wave in fibrillation {
        let phase = 2 * Double.pi * wave.frequency * time + wave.phase
        let wandering = 1.4 * sin(0.9 * time + 2 * wave.phase)
        dipole[index] += wave.vector * (sin(phase + wandering) * (1 + 0.5 * sin(1.7 * time + wave.phase)))
      }
      if rhythm == .flutter {
        let angle = 2 * Double.pi * sequence.flutterRate * time
        let saw = sin(angle) + sin(2 * angle) / 2 + sin(3 * angle) / 3
        dipole[index] += SIMD3(0.01, -0.10, -0.05) * saw
      }
    }
  }
}
