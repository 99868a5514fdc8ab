import TestSupport

@testable import ECGData

/// Two simulated collections, converted or to be converted by one recipe, three records a shard.
struct SimulatedShards {
  let directory: Directory

  init(_ directory: Directory) throws {
    self.directory = directory
    try Simulation(layout: "ptb-xl", records: 8, seed: 1).write(to: directory.path("a"), jobs: 2)
    try Simulation(layout: "chapman", records: 4, seed: 1).write(to: directory.path("b"), jobs: 2)
  }

  func converter(_ names: String..., output: String, rate: Double = 50) throws -> Converter {
    var recipe = Recipe()
    recipe.rate = .hertz(rate)
    var converter = Converter(
      sources: try names.map { try Datasets.open(directory.path($0)) }, output: directory.path(output),
      recipe: recipe)
    converter.shardBytes = 3 * Int(10 * rate) * ConversionPlan.bytesPerFrame
    return converter
  }

  @discardableResult
  func append(_ name: String, to output: String, rate: Double = 50) throws -> Converter.Report {
    var converter = try converter(name, output: output, rate: rate)
    converter.appends = true
    return try converter.run()
  }

  /// All files of a directory.
  func contents(_ name: String) throws -> [String: [UInt8]] {
    try Directory(path: directory.path(name)).contents()
  }

  func findings(_ name: String) throws -> [Finding] {
    var validation = Validation()
    validation.isDeep = true
    return try validation.report(on: directory.path(name)).findings.filter { $0.severity == .error }
  }
}
