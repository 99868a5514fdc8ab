import Testing

@testable import ECGData

/// Augmentations in YAML.
@Suite struct AugmentationRecipeTests {
  @Test func readsYAML() throws {
    let items = try YAML.decode(
      [Augmentation].self,
      from: """
        - random-resized-crop
        - time-out: {low: 0.1}
        - powerline: {maximum: .2, frequency: 60, harmonics: aliased, probability: 0.5}
        - physiological-noise: {level: 6}
        - down-sampling:factor=4
        """)
    #expect(
      items == [
        Augmentation(.randomResizedCrop()), Augmentation(.timeOut(low: 0.1)),
        Augmentation(.powerline(maximum: 0.2, frequency: 60, harmonics: .aliased), probability: 0.5),
        Augmentation(.physiologicalNoise(level: 6)), Augmentation(.downSampling(factor: 4)),
      ])
  }

  @Test func goesRound() throws {
    let items = AugmentationTextTests.all + Augmentation.all
    let text = try YAML.encode(items)
    #expect(text.contains("random-resized-crop:") && text.contains("harmonics: aliased"))
    #expect(try YAML.decode([Augmentation].self, from: text) == items)
  }

  /// In a recipe's own words, with the place of the fault.
  @Test(arguments: [
    ("[time-out: {length: 1}]", "the keys are low, high, probability"),
    ("[bluur]", "no augmentation \"bluur\""),
    ("[time-out: {low: little}]", "low \"little\" of time-out; it has to be a number"),
    ("[time-out: {low: 0.9}]", "choose 0.4"), ("[{blur: {}, negation: {}}]", "a map of one key"),
  ]) func refuses(text: String, message: String) throws {
    let error = try #require(throws: ECGError.self) {
      try YAML.decode("items: \(text)", over: ["items": [Augmentation(.blur)]], file: "recipe.yaml")
    }
    #expect(error.description.contains(message), "\(error)")
  }
}
