import ECGData
import Testing

@testable import ECGTraining

/// Networks applied part by part.
@Suite @ComputeActor struct MicroBatchTests {
  private func normal(_ shape: [Int], _ seed: UInt64) throws -> Tensor {
    var generator = SplitMix64("parts", seed)
    return try Tensor((0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) }, shape: shape)
  }

  /// Without layers that look at the whole batch, parts of any size give the loss and the gradients of the whole.
  @Test(arguments: [0, 1, 3, 4, 7, 8, 9]) func partsAddUpToTheWhole(size: Int) throws {
    var generator = SplitMix64(state: 1)
    let network = try Conv1d(inputChannels: 3, outputChannels: 4, kernelSize: 3, generator: &generator)
    let x = try normal([8, 3, 6], 1)
    let direction = try normal([8, 4, 4], 2)
    func pass(_ size: Int) throws -> [[Float]] {
      network.weight.clearGradient()
      network.bias?.clearGradient()
      let tape = Tape()
      let result = try x.inParts(of: size, tape: tape) { part, _, tape in try network(part, tape: tape) }
      try tape.backward(from: result, gradient: direction)
      return try [result, #require(network.weight.gradient), #require(network.bias?.gradient)].map {
        try $0.values
      }
    }
    for (found, expected) in zip(try pass(size), try pass(0)) {
      expectClose(found, expected, tolerance: 1e-5)
    }
  }

  /// The place of a part is told, and running statistics count each part once.
  @Test func normalisationCountsEachPartOnce() throws {
    let x = try normal([6, 2, 5], 3)
    let normalization = try BatchNorm1d(channels: 2)
    let tape = Tape()
    var places: [Int] = []
    let result = try x.inParts(of: 4, tape: tape) { part, first, tape in
      places.append(first)
      return try normalization(part, tape: tape)
    }
    try tape.backward(from: result, gradient: normal([6, 2, 5], 4))
    #expect(places == [0, 3, 0, 3])
    let other = try BatchNorm1d(channels: 2)
    for (first, count) in [(0, 3), (3, 3)] { _ = try other(x.rows(first, count), tape: Tape()) }
    #expect(try normalization.state().suffix(3) == other.state().suffix(3))
  }

  /// Where no gradient is wanted there is one pass, which counts.
  @Test func withoutAGradientThereIsOnePass() throws {
    let x = try normal([6, 2, 5], 3)
    let normalization = try BatchNorm1d(channels: 2)
    var places: [Int] = []
    let result = try x.inParts(of: 4, tape: Tape(), takesGradient: false) { part, first, tape in
      places.append(first)
      return try normalization(part, tape: tape)
    }
    #expect(places == [0, 3] && !result.requiresGradient)
    #expect(try normalization.state().last?.values == [2])
  }

  /// Nothing is recorded without a tape.
  @Test func withoutATapeNothingIsRecorded() throws {
    var generator = SplitMix64(state: 2)
    let layer = try Linear(inputs: 3, outputs: 2, generator: &generator)
    let x = try normal([5, 3], 5)
    let result = try x.inParts(of: 2, tape: nil) { part, _, tape in try layer(part, tape: tape) }
    #expect(!result.requiresGradient)
    expectClose(try result.values, try layer(x).values, tolerance: 1e-6)
  }
}
