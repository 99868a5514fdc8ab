import ECGData
import TestSupport
import Testing

@Suite struct RecipeTests {
  func recipe(_ text: String) throws -> Recipe {
    try withDirectory { try Recipe(contentsOf: $0.write(text, to: "r.yaml")) }
  }

  @Test(arguments: ["", "# nothing\n", "rate: native\n", "leads: {}\n", "leads: {derive: true}\n"])
  func keepsTheDefaults(text: String) throws {
    #expect(try recipe(text) == Recipe())
  }

  @Test func readsEveryKey() throws {
    let recipe = try recipe(
      "rate: 100\nresampler: polyphase\nfilters:\n- notch: {frequency: 50}\nleads:\n  derive: false\nexclude: [leads.flat]\nseed: 18446744073709551615\n"
    )
    #expect(recipe.rate == .hertz(100))
    #expect(recipe.filters == [.notch(frequency: 50)])
    #expect(recipe.leads.derive == false)
    #expect(recipe.exclude == [.leadsFlat])
    #expect(recipe.seed == .max)
  }

  @Test func isWrittenSoThatItReadsAsItself() throws {
    var recipe = Recipe()
    recipe.rate = .hertz(62.4725)
    recipe.filters = [.recursive(.bandpass(low: 0.5, high: 40)), .medianBaseline()]
    recipe.exclude = []
    recipe.seed = 7
    #expect(try self.recipe(YAML.encode(recipe)) == recipe)
    #expect(try self.recipe(YAML.encode(Recipe())) == Recipe())
  }

  /// Unknown keys and values are named; a typing error never falls back to a default.
  @Test(arguments: [
    ("ratee: 100\n", "ratee"), ("leads: {deriv: true}\n", "leads.deriv"), ("rate: fast\n", "fast"),
    ("rate: 0\n", "0"),
    ("rate: -5\n", "-5"), ("rate: .nan\n", "nan"), ("exclude: [leads.flatt]\n", "leads.flatt"),
    ("seed: -1\n", "seed"),
    ("leads: {derive: maybe}\n", "derive"), ("resampler: cubic\n", "cubic"), ("rate: [100\n", ""),
    ("- 1\n", ""), ("filters: [{notch: {frequency: -1}}]\n", "filters[0].notch"),
    ("filters: {notch: {frequency: 50}}\n", "filters"),
  ])
  func namesWhatItDoesNotKnow(text: String, named: String) throws {
    let error = try error { try recipe(text) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains(named))
    #expect(error.file?.hasSuffix("r.yaml") == true)
    #expect(!error.description.contains("\n"))
  }
}
