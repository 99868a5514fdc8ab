import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// What PyTorch computed for one case of `tools/golden/layers.py`, `optimizers.py` or `objectives.py`.
struct Golden: Decodable {
  struct Values: Decodable {
    var shape: [Int]
    var values: [Float]
  }

  var numbers: [String: Double]
  var arrays: [String: Values]

  private static let layers = Result { try read("layers") }
  private static let optimizers = Result { try read("optimizers") }

  /// All cases of `Fixtures/golden/<file>.json`.
  static func read(_ file: String) throws -> [String: Golden] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: root.appending(path: "Fixtures/golden/\(file).json"))
    return try JSONDecoder().decode([String: Golden].self, from: data)
  }

  init(_ name: String) throws {
    self = try #require(try Self.layers.get()[name])
  }

  init(optimizer name: String) throws {
    self = try #require(try Self.optimizers.get()[name])
  }

  func number(_ name: String) throws -> Int { Int(try #require(numbers[name])) }

  func values(_ name: String) throws -> Values { try #require(arrays[name], "\(name)") }

  @ComputeActor func tensor(_ name: String) throws -> Tensor {
    let values = try values(name)
    return try Tensor(values.values, shape: values.shape)
  }

  /// The arrays under a prefix, as a module takes them.
  func state(_ prefix: String = "state.") -> [NamedValues] {
    arrays.filter { $0.key.hasPrefix(prefix) }.map {
      NamedValues(
        name: String($0.key.dropFirst(prefix.count)), shape: $0.value.shape, values: $0.value.values)
    }
  }

  /// Expects a tensor to equal a stored one: ‖a − b‖ ≤ tolerance · ‖b‖.
  @ComputeActor func expect(
    _ tensor: Tensor?, equals name: String, tolerance: Double = 1e-5,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let tensor = try #require(tensor, "\(name)", sourceLocation: location)
    let expected = try values(name)
    #expect(tensor.shape == expected.shape, "\(name)", sourceLocation: location)
    let error = relativeError(try tensor.values, expected.values)
    #expect(error <= tolerance, "\(name)", sourceLocation: location)
  }

  /// Expects the gradients of all parameters to equal the stored ones.
  @ComputeActor func expectGradients(of module: any Module, tolerance: Double = 1e-5) throws {
    for (name, parameter) in module.parameters {
      try expect(parameter.gradient, equals: "gradient.\(name)", tolerance: tolerance)
    }
  }
}

/// ‖a − b‖ / ‖b‖, and ‖a‖ where b is zero; infinite where the numbers of values differ or one is not a number.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
  guard a.count == b.count else { return .infinity }
  func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  let scale = norm(b.map(Double.init))
  let error = norm(zip(a, b).map { Double($0) - Double($1) })
  return error.isFinite ? error / (scale > 0 ? scale : 1) : .infinity
}

/// Expects |a − b| ≤ tolerance · (1 + largest |b|): an error relative to the scale of the array.
func expectClose(
  _ a: [Float], _ b: [Float], tolerance: Float, _ name: String = "",
  at location: SourceLocation = #_sourceLocation
) {
  guard a.count == b.count else {
    Issue.record("\(name): \(a.count) values, not \(b.count)", sourceLocation: location)
    return
  }
  let scale = 1 + (b.map(abs).max() ?? 0)
  // NaN compares false and so counts as an error.
  let wrong = zip(a, b).filter { !(abs($0 - $1) <= tolerance * scale) }
  #expect(wrong.isEmpty, "\(name): \(wrong.prefix(3))", sourceLocation: location)
}

/// Reproducible standard normal numbers in a tensor.
@ComputeActor func normal(_ shape: Int..., seed: UInt64 = 1) throws -> Tensor {
  var generator = SplitMix64("test", seed, UInt64(shape.reduce(1, *)))
  return try Tensor((0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) }, shape: shape)
}
