import ECGData
import Testing

@testable import ECGTraining

@Suite @ComputeActor struct MovingAverageTests {
  private func network(seed: UInt64, width: Int = 4) throws -> CPCNetwork {
    var generator = SplitMix64("network", seed)
    return try CPCNetwork(.init(width: width, hidden: 3, layers: 1), generator: &generator)
  }

  /// Changes everything there is: parameters by hand, statistics by a pass.
  private func change(_ network: CPCNetwork, seed: UInt64) throws {
    for (index, entry) in network.parameters.enumerated() {
      let parameter = entry.parameter
      let noise = try normal(parameter.tensor.count, seed: seed + UInt64(index)).values
      try parameter.set(zip(parameter.tensor.values, noise).map { $0 + $1 })
    }
    _ = try network(normal(2, 12, 20, seed: seed), tape: Tape())
  }

  @Test(arguments: [0, 0.25, 0.996, 1]) func followsParametersAndStatistics(decay: Double) throws {
    let (online, target) = (try network(seed: 1), try network(seed: 2))
    let average = try MovingAverage(of: online, in: target)
    #expect(try target.state() == online.state())
    var expected = try online.state().map { $0.values.map(Double.init) }
    for seed in 1...3 {
      try change(online, seed: UInt64(100 * seed))
      try average.update(decay: decay)
      for (index, entry) in try online.state().enumerated() {
        let share = entry.name.hasSuffix("num_batches_tracked") ? 0 : decay
        expected[index] = zip(expected[index], entry.values).map { share * $0 + (1 - share) * Double($1) }
      }
    }
    for (entry, values) in zip(try target.state(), expected) {
      expectClose(entry.values, values.map { Float($0) }, tolerance: 1e-6, entry.name)
    }
    #expect(try online.state().contains { $0.name.hasSuffix("num_batches_tracked") && $0.values == [3] })
  }

  /// A parameter by itself.
  private final class Weights: Module {
    let weight: Parameter

    init(_ values: [Float], shape: [Int]) throws { weight = try Parameter(values, shape: shape) }

    var ownParameters: [(name: String, parameter: Parameter)] { [(name: "weight", parameter: weight)] }
  }

  @Test(arguments: ["weight", "bias"]) func golden(name: String) throws {
    let golden = try Golden(optimizer: "ema")
    let first = try golden.values(name)
    let online = try Weights(first.values, shape: first.shape)
    let target = try Weights(first.values, shape: first.shape)
    let average = try MovingAverage(of: online, in: target)
    for step in 0..<(try golden.number("steps")) {
      try online.weight.set(golden.values("\(name).\(step)").values)
      try average.update(decay: try #require(golden.numbers["decay"]))
      let expected = try golden.values("average.\(name).\(step)").values
      #expect(try relativeError(target.weight.tensor.values, expected) < 1e-6, "step \(step)")
    }
  }

  @Test func threadsDoNotShow() throws {
    defer { try? ComputeActor.setThreads(1) }
    func values(threads: Int) throws -> [Float] {
      try ComputeActor.setThreads(threads)
      var generator = SplitMix64(state: 1)
      let online = try Linear(inputs: 301, outputs: 333, generator: &generator)
      let target = try Linear(inputs: 301, outputs: 333, generator: &generator)
      let average = try MovingAverage(of: online, in: target)
      try online.weight.set(normal(301 * 333).values)
      try average.update(decay: 0.9)
      return try target.weight.tensor.values
    }
    #expect(try values(threads: 2) == values(threads: 1))
  }

  @Test func networksThatDifferAreRefused() throws {
    let error = #expect(throws: ECGError.self) {
      try MovingAverage(of: network(seed: 1), in: network(seed: 1, width: 5))
    }
    #expect(error?.code == .mismatch)
  }

  @Test(arguments: [-0.1, 1.1, .nan]) func sharesOutOfRangeAreRefused(decay: Double) throws {
    let average = try MovingAverage(of: network(seed: 1), in: network(seed: 2))
    #expect(throws: ECGError.self) { try average.update(decay: decay) }
  }
}
