import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct HeartRateTests {
  @Test(arguments: 0..<20 as Range<UInt64>, [100.0, 257, 500, 1000])
  func findsTheBeatsOfASimulatedHeart(seed: UInt64, rate: Double) throws {
    let truth = try AuditSignals.ecg(seed: seed)
    // Premature beats move the mean that the truth states and not the period that is found.
    guard !truth.beats.contains(where: { $0.kind != .normal }) else { return }
    let found = try #require(HeartRate(AuditSignals.simulated(seed: seed, rate: rate)))
    #expect(abs(found.perMinute / truth.heartRate - 1) < 0.05)
    #expect(found.isPlausible && found.agreement > 0.5 && found.irregularity < 0.2)
  }

  @Test func findsNoneWhereThereIsNone() throws {
    #expect(HeartRate(AuditSignals.signal([Double](repeating: 0, count: 60000), rate: 500)) == nil)
    var generator = SplitMix64("heart-rate.test", 1)
    let noise = (0..<60000).map { _ in 100 * generator.normal() }
    #expect(HeartRate(AuditSignals.signal(noise, rate: 500)) == nil)
    let mains = (0..<60000).map { 500 * sin(2 * .pi * 50 * Double($0 / 12) / 500) }
    #expect(HeartRate(AuditSignals.signal(mains, rate: 500)) == nil)
  }

  @Test func aBadLeadDoesNotMoveIt() throws {
    let clean = try AuditSignals.simulated(seed: 5)
    let rate = try #require(HeartRate(clean)).perMinute
    var generator = SplitMix64("heart-rate.test", 2)
    var noisy = clean
    for lead in [Lead.II, .V1, .V4] {
      noisy.change(lead) { line in line = line.map { $0 + 2000 * generator.normal() } }
    }
    let found = try #require(HeartRate(noisy))
    #expect(abs(found.perMinute / rate - 1) < 0.01)
    #expect(found.agreement < 1)
  }

  /// MIT-BIH record 100 against its reference annotations, 150 ms as in ANSI/AAMI EC57.
  @Test(.enabled(if: SharedVectors.wfdbPython != nil, "needs ../shared/data"))
  func findsTheAnnotatedBeats() throws {
    let root = try #require(SharedVectors.wfdbPython)
    let stem = "\(root)/sample-data/100"
    var recording = try WFDBReader.read(stem).recording
    recording.channels[0].name = "II"
    let rate = try #require(HeartRate(PhysicalSignal(recording, derive: false)))
    let beats = try AuditSignals.beats(stem + ".atr")
    let window = Int(0.15 * recording.rate)
    func share(_ some: [Int], foundIn others: [Int]) -> Double {
      Double(some.count { one in others.contains { abs($0 - one) <= window } }) / Double(some.count)
    }
    #expect(beats.count == 2273)
    #expect(share(beats, foundIn: rate.beats) >= 0.999)
    #expect(share(rate.beats, foundIn: beats) >= 0.999)
  }

  /// wfdb-python's XQRS in lead II of public recordings.
  @Test(.enabled(if: SharedVectors.collections != nil, "needs ../shared/data"))
  func agreesWithXQRS() throws {
    let golden = try SignalAuditGolden.load().rates
    let root = try #require(AuditSignals.folder ?? SharedVectors.collections)
    var (asked, equal) = (0, 0)
    for (path, rate) in golden {
      // Unpacked by itself, the challenge has no folder of its own.
      let places = ["\(root)/\(path)", "\(root)/\(path.replacing("challenge/", with: ""))"]
      guard let reading = places.lazy.compactMap({ try? WFDBReader.read($0) }).first else { continue }
      asked += 1
      if let found = HeartRate(try PhysicalSignal(reading.recording, derive: false)),
        abs(found.perMinute / rate - 1) <= 0.05
      {
        equal += 1
      }
    }
    print("heart rate within 5 % of XQRS: \(equal) of \(asked)")
    #expect(asked >= 100)
    #expect(Double(equal) >= 0.95 * Double(asked))
  }
}
