import Foundation
import Testing

@testable import ECGData

/// Augmentations in recipes and on the command line.
@Suite struct AugmentationTextTests {
  static let all: [Augmentation] = [
    Augmentation(.randomResizedCrop(low: 0.25, high: 0.75)), Augmentation(.timeOut(low: 0, high: 0.1)),
    Augmentation(.gaussianNoise(deviation: 0.1), probability: 0.3),
    Augmentation(.leadScaling(low: 0.9, high: 1.1)),
    Augmentation(.blur, probability: 0.5), Augmentation(.dynamicTimeWarp(knots: 7, radius: 0.25)),
    Augmentation(.negation, probability: 1), Augmentation(.downSampling(factor: 4)),
    Augmentation(.baselineWander(maximum: 0.1)), Augmentation(.electromyogram(maximum: 1)),
    Augmentation(.powerline(maximum: 0.7, frequency: 60, harmonics: .aliased)),
    Augmentation(.baselineShift(maximum: 2), probability: 0),
    Augmentation(.physiologicalNoise(level: 4, frequency: 60, harmonics: .aliased), probability: 0.9),
  ]

  @Test(arguments: all + Augmentation.all) func goesRound(item: Augmentation) throws {
    #expect(try Augmentation(item.description) == item)
    let json = try JSONEncoder().encode([item])
    #expect(try JSONDecoder().decode([Augmentation].self, from: json) == [item])
  }

  /// A name stands for its defaults, those of the paper where it has them.
  @Test(
    arguments: [
      ("random-resized-crop", .randomResizedCrop(low: 0.5, high: 1)),
      ("time-out", .timeOut(low: 0.2, high: 0.4)),
      ("gaussian-noise", .gaussianNoise(deviation: 0.005)), ("lead-scaling", .leadScaling(low: 0.5, high: 2)),
      ("blur", .blur), ("dynamic-time-warp", .dynamicTimeWarp(knots: 4, radius: 0.1)),
      ("negation", .negation),
      ("down-sampling", .downSampling(factor: 2)), ("baseline-wander", .baselineWander(maximum: 0.05)),
      ("electromyogram", .electromyogram(maximum: 0.25)),
      ("powerline", .powerline(maximum: 0.1, frequency: 50, harmonics: .bandlimited)),
      ("baseline-shift", .baselineShift(maximum: 0.5)),
      ("physiological-noise", .physiologicalNoise(level: 1, frequency: 50, harmonics: .bandlimited)),
    ] as [(String, Augmentation.Kind)]) func namesHaveDefaults(name: String, kind: Augmentation.Kind) throws
  {
    let item = try Augmentation(name)
    #expect(item.kind == kind && item.name == name && Augmentation.names.contains(name))
    #expect(item.probability == (name == "negation" ? 0.5 : 1))
    let json = Data("[\"\(name)\", {\"\(name)\": {}}]".utf8)
    #expect(try JSONDecoder().decode([Augmentation].self, from: json) == [item, item])
  }

  @Test func readsRecipes() throws {
    let item = try Augmentation("time-out:low=0.1,probability=.5")
    #expect(item == Augmentation(.timeOut(low: 0.1, high: 0.4), probability: 0.5))
    #expect(item.description == "time-out:low=0.1,high=0.4,probability=0.5")
    let json = Data(#"{"powerline": {"harmonics": "aliased", "frequency": 60}}"#.utf8)
    let decoded = try JSONDecoder().decode(Augmentation.self, from: json)
    #expect(decoded == Augmentation(.powerline(frequency: 60, harmonics: .aliased)))
  }

  /// What is wrong is named, and what would be right.
  @Test(arguments: [
    ("blurr", "there is no augmentation \"blurr\""), ("", "random-resized-crop, time-out"),
    ("blur:weight=1", "there is no key \"weight\" in blur; the keys are probability"),
    ("time-out:low", "\"low\" in \"time-out:low\" is no key with a value"),
    ("time-out:", "write name:key=value"),
    ("time-out:low=0.1,,high=0.2", "is no key with a value"),
    ("time-out:low=0.1,low=0.2", "has the key low twice"),
    ("time-out:low=little", "low \"little\" of time-out; it has to be a number"),
    ("time-out:low=0.5", "low 0.5 of time-out; choose 0.4, which is high, or less"),
    ("time-out:high=1.5", "high 1.5 of time-out; choose from 0 to 1"),
    ("time-out:low=nan", "low nan of time-out"),
    ("time-out:probability=2", "probability 2 of time-out; choose from 0 to 1"),
    ("random-resized-crop:low=0", "choose more than 0"),
    ("random-resized-crop:low=0.9,high=0.8", "choose 0.8"),
    ("gaussian-noise:deviation=-1", "choose from 0 to 1000"),
    ("gaussian-noise:deviation=inf", "deviation inf"),
    ("lead-scaling:low=0", "choose from 0.001 to 1000"),
    ("lead-scaling:low=3", "choose 2, which is high, or less"),
    ("dynamic-time-warp:knots=0", "choose from 1 to 100"),
    ("dynamic-time-warp:knots=101", "choose from 1 to 100"),
    ("dynamic-time-warp:knots=2.5", "it has to be a whole number"),
    ("dynamic-time-warp:radius=61", "from 0 to 60"),
    ("down-sampling:factor=1", "choose from 2 to 1000"), ("down-sampling:factor=1e99", "a whole number"),
    ("baseline-wander:maximum=-0.1", "maximum -0.1 of baseline-wander"),
    ("electromyogram:maximum=1001", "maximum 1001 of electromyogram"),
    ("baseline-shift:maximum=nan", "maximum nan of baseline-shift"),
    ("powerline:frequency=55", "frequency 55 of powerline; choose 50 or 60"),
    ("powerline:harmonics=both", "harmonics \"both\" of powerline; it has to be bandlimited or aliased"),
    ("powerline:harmonics=1", "it has to be bandlimited or aliased"),
    ("physiological-noise:level=0", "level 0 of physiological-noise; choose from 1 to 6"),
    ("physiological-noise:level=7", "from 1 to 6"), ("physiological-noise:frequency=49", "choose 50 or 60"),
  ]) func refuses(text: String, message: String) throws {
    let error = try #require(throws: ECGError.self) { try Augmentation(text) }
    #expect(error.code == .invalidArgument && error.description.contains(message), "\(error)")
    let json = try JSONEncoder().encode([text])
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Augmentation].self, from: json) }
  }

  @Test(arguments: [
    #"{}"#, #"{"blur": {}, "negation": {}}"#, #"{"blur": 1}"#, #"{"blur": {"probability": [1]}}"#, #"[]"#,
    #"1"#,
    #"{"time-out": {"low": true}}"#, #"{"time-out": {"low": 0.9}}"#, #"{"time-out": {"length": 0.9}}"#,
  ]) func refusesItems(json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Augmentation.self, from: Data(json.utf8)) }
  }

  /// What a program builds is checked as well.
  @Test func checksWhatIsBuilt() {
    #expect(throws: ECGError.self) { try Augmentation(.timeOut(low: 0.5, high: 0.4)).check() }
    #expect(throws: ECGError.self) { try Augmentation(.blur, probability: .nan).check() }
    for item in Self.all { #expect(throws: Never.self) { try item.check() } }
  }
}
