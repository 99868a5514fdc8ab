import Testing

@testable import ECGData

@Suite struct TwelveLeadSignalTests {
  /// A recording of digital samples, [frames, channels].
  func recording(_ channels: [Recording.Channel], _ samples: [Int32], rate: Double = 500) throws -> Recording
  {
    try Recording(id: "x", rate: rate, channels: channels, samples: .digital(samples))
  }

  func channel(_ name: String, gain: Double = 1000, baseline: Int = 0, unit: String = "mV")
    -> Recording.Channel
  {
    Recording.Channel(name: name, unit: unit, gain: gain, baseline: baseline)
  }

  func column(_ signal: TwelveLeadSignal, _ lead: Lead) -> [Int16] {
    (0..<signal.frameCount).map { signal.counts[$0 * Lead.count + lead.rawValue] }
  }

  /// Gain, baseline and unit, and the scale in µV that they mean; the counts are the file's less the
  /// baseline.
  @Test(arguments: [
    (1000.0, 0, "mV", 1.0), (200, 0, "mV", 5), (200, 1024, "mV", 5), (1, -7, "uV", 1), (1e6, 3, "V", 1),
    (-200, -5, "mV", -5),
    (4880, 0, "mV", 1000.0 / 4880),
  ])
  func copiesCountsUnchanged(gain: Double, baseline: Int, unit: String, scale: Double) throws {
    let samples: [Int32] = [
      Int32(baseline), Int32(baseline) + 1, Int32(baseline) - 32000, Int32(baseline) + 31700, .min,
    ]
    let signal = try TwelveLeadSignal(
      recording([channel("V2", gain: gain, baseline: baseline, unit: unit)], samples), derive: true)
    #expect(column(signal, .V2) == [0, 1, -32000, 31700, .min])
    #expect(signal.scale[Lead.V2.rawValue] == Float(scale))
    #expect(signal.mask == LeadMask(.V2))
    #expect(signal.leadFlags[Lead.V2.rawValue] == .missingSamples)
  }

  /// 40000 counts less nothing do not fit int16: then microvolts are quantised, never clipped.
  @Test(arguments: [[0, 40000], [0, -40000], [0, 32768]] as [[Int32]])
  func quantisesWhatDoesNotFit(samples: [Int32]) throws {
    let signal = try TwelveLeadSignal(recording([channel("I")], samples), derive: true)
    #expect(signal.scale[0] == 2)
    #expect(column(signal, .I) == samples.map { Int16($0 / 2) })
    #expect(signal.microvolts(.I) == samples.map(Double.init))
  }

  /// With a baseline of 1, the least count of the converter would become the mark of a missing sample.
  @Test func neverTurnsASampleIntoAMissingOne() throws {
    let signal = try TwelveLeadSignal(
      recording([channel("I", baseline: 1)], [-32767, 1]), derive: true)
    #expect(column(signal, .I) == [-16384, 0])
    #expect(signal.scale[0] == 2)
  }

  @Test func doesNotTrapOnExtremeBaselines() throws {
    for baseline in [Int.min, Int.max, Int(Int32.min), Int(Int32.max)] {
      let signal = try? TwelveLeadSignal(
        recording([channel("I", baseline: baseline)], [-5, 5]), derive: true)
      // Either it fits a scale or the record is refused; the microvolts are then right to half a count.
      if let signal {
        let expected = (-5.0 - Double(baseline))
        #expect(abs(signal.microvolts(.I)[0] - expected) <= Double(signal.scale[0]) / 2)
      }
    }
  }

  @Test func marksAbsentLeadsAsMissing() throws {
    let signal = try TwelveLeadSignal(recording([channel("V1")], [1, 2]), derive: true)
    #expect(column(signal, .aVR) == [.min, .min])
    #expect(signal.scale[Lead.aVR.rawValue] == 1)
    #expect(!signal.mask.contains(.aVR) && signal.leadFlags[Lead.aVR.rawValue].isEmpty)
    #expect(signal.microvolts(.aVR).allSatisfy { $0.isNaN })
  }

  @Test func derivesLimbLeadsAndSaysSo() throws {
    let signal = try TwelveLeadSignal(
      recording([channel("I"), channel("II")], [100, 301, -7, 8, .min, 5]), derive: true)
    #expect(column(signal, .III) == [201, 15, .min])
    // -(100 + 301) / 2 = -200.5 is rounded to even.
    #expect(column(signal, .aVR) == [-200, 0, .min])
    #expect(column(signal, .aVL) == [-50, -11, .min])
    #expect(column(signal, .aVF) == [251, 12, .min].map { $0 == 12 ? 12 : $0 })
    for lead in [Lead.III, .aVR, .aVL, .aVF] {
      #expect(signal.leadFlags[lead.rawValue] == [.derived, .missingSamples])
    }
    #expect(signal.leadFlags[Lead.II.rawValue].isEmpty)
    #expect(signal.mask.rawValue == 0b111111)
  }

  @Test func resamplesInMicrovolts() throws {
    let samples = (0..<500).map { Int32($0 % 50) * 20 - 500 }
    let resampler = try PolyphaseResampler(from: 500, to: 100)
    let physical = try PhysicalSignal(
      recording([channel("I", gain: 200, baseline: 10)], samples), derive: true)
    let signal = try TwelveLeadSignal(SignalProcessing(resampler: resampler)(physical))
    #expect(signal.frameCount == 100 && signal.rate == 100)
    let expected = resampler(samples.map { (Double($0) - 10) * 5 })
    #expect(signal.scale[0] == 1)
    for (count, value) in zip(column(signal, .I), expected) {
      #expect(abs(Double(count) - value) <= 0.5 + 1e-9)
    }
  }

  @Test func flagsFlatAndSaturatedLeads() throws {
    var flat = channel("V1")
    flat.resolution = 16
    var full = channel("V2")
    full.resolution = 12
    let signal = try TwelveLeadSignal(
      recording([flat, full], [3, 2047, 3, 5, 3, 6]), derive: true)
    #expect(signal.leadFlags[Lead.V1.rawValue] == .flat)
    #expect(signal.leadFlags[Lead.V2.rawValue] == .saturated)
  }

  /// MIT-BIH's converters have their middle at 1024: counts of 724 are no limit, 2047 is one.
  @Test(arguments: [(724, false), (1, true), (2047, true), (1300, false)] as [(Int32, Bool)])
  func limitsLieAroundTheADCZero(count: Int32, isSaturated: Bool) throws {
    var lead = channel("V1", gain: 200, baseline: 1024)
    (lead.resolution, lead.adcZero) = (11, 1024)
    let signal = try TwelveLeadSignal(recording([lead], [1000, count, 1100]), derive: true)
    #expect(signal.leadFlags[Lead.V1.rawValue].contains(.saturated) == isSaturated)
  }

  /// What is doubtful in a lead is doubtful in what is derived from it.
  @Test func derivedLeadsInheritFlags() throws {
    var doubtful = channel("MLII")
    (doubtful.isCalibrated, doubtful.resolution) = (false, 12)
    let signal = try TwelveLeadSignal(recording([channel("I"), doubtful], [1, 2047, 2, 5]), derive: true)
    #expect(signal.leadFlags[Lead.aVF.rawValue] == [.derived, .uncalibrated, .saturated, .substituted])
  }

  /// An inverted lead keeps its counts; the scale turns them.
  @Test func storesInvertedLeadsByTheirScale() throws {
    let inverted = try recording([channel("-aVR", gain: 200, baseline: 3)], [5, 3, -1])
    let signal = try TwelveLeadSignal(inverted, derive: true)
    #expect(column(signal, .aVR) == [2, 0, -4] && signal.scale[Lead.aVR.rawValue] == -5)
    #expect(signal.microvolts(.aVR) == [-10, 0, 20])
    #expect(signal.leadFlags[Lead.aVR.rawValue] == .inverted)
    let physical = try PhysicalSignal(inverted, derive: true)
    #expect(physical[.aVR] == [-10, 0, 20])
    #expect(try TwelveLeadSignal(physical).microvolts(.aVR) == [-10, 0, 20])
  }

  @Test func refusesARecordWithoutASample() throws {
    let empty = try recording([channel("I"), channel("V1")], [.min, .min, .min, .min])
    #expect { try TwelveLeadSignal(empty, derive: true) } throws: { ($0 as? ECGError)?.rule == .leadsNone }
    let half = try TwelveLeadSignal(
      recording([channel("I"), channel("V1")], [1, .min, 2, .min]), derive: true)
    #expect(half.mask == LeadMask(.I))
  }

  /// A header's rate of 1 Hz would make 500 samples of one.
  @Test func refusesToFillMemoryByARate() throws {
    let cache = SignalProcessingCache(filters: [], mode: .polyphase, target: 500)
    #expect { try cache.processing(rate: 1) } throws: { ($0 as? ECGError)?.rule == .recordProcessing }
    #expect(try cache.processing(rate: 62.4725)?.resampler?.outputRate == 500)
    #expect(try cache.processing(rate: 500) == nil)
  }

  /// Absent leads take no part; the others come out as in a record of twelve.
  @Test func processesPresentLeadsAlone() throws {
    let samples = (0..<800).map { Int32(($0 * 7919) % 1000) }
    let two = try PhysicalSignal(recording([channel("V6"), channel("I")], samples), derive: true)
    let filter = try FilterBank([.recursive(.bandpass(low: 0.5, high: 40)), .medianBaseline()]).design(
      rate: 500)
    let resampler = try PolyphaseResampler(from: 500, to: 100)
    let result = SignalProcessing(filters: filter, resampler: resampler)(two)
    #expect(result.frameCount == 80 && result.rate == 100)
    for lead in [Lead.I, .V6] { #expect(result[lead] == resampler(filter(two[lead]))) }
    #expect(result[.V1].allSatisfy { $0.isNaN })
  }

  @Test func takesPhysicalSamples() throws {
    let recording = try Recording(
      id: "x", rate: 400, channels: [channel("V6", unit: "mV")], samples: .physical([0.5, .nan, -33]))
    let signal = try TwelveLeadSignal(recording, derive: true)
    #expect(signal.scale[Lead.V6.rawValue] == 2)
    #expect(column(signal, .V6) == [250, .min, -16500])
  }
}
