import COneDNN
import ECGData
import Foundation
import Testing

@testable import ECGTraining

@Suite @ComputeActor struct EngineTests {
  @Test func deliversValuesInTheOrderOfTheShape() throws {
    let values = (0..<24).map(Float.init)
    let tensor = try Tensor(values, shape: [2, 3, 4])
    #expect(try tensor.inTimeOrder().values == values)
    #expect(try tensor.transposed().transposed().values == values)
    #expect(try tensor.transposed().values.prefix(4) == [0, 4, 8, 1])
    #expect(try tensor.inTimeOrder().transposed().values == tensor.transposed().values)
  }

  @Test(arguments: [[], [2, 0], [2, -1], [1, 1, 1, 1, 1, 1, 1], [Int.max, Int.max], [1 << 40, 1 << 10]])
  func refusesImpossibleShapes(shape: [Int]) {
    #expect(throws: ECGError.self) { try Tensor(repeating: 0, shape: shape) }
  }

  @Test func refusesShapesThatDoNotFit() throws {
    let x = try normal(2, 3, 8)
    let other = try normal(2, 4, 8)
    var generator = SplitMix64(state: 1)
    let lstm = try LSTM(inputSize: 5, hiddenSize: 4, layers: 1, generator: &generator)
    let attempts: [(String, @ComputeActor () throws -> Any)] = [
      ("[2, 3, 8]", { try x.adding(other) }),
      ("[2, 3, 8]", { try x.linear(weight: normal(4, 9)) }),
      ("[2, 3, 8]", { try x.matmul(other) }),
      ("[2, 3, 8]", { try x.conv1d(weight: normal(4, 2, 3)) }),
      ("[2, 3, 8]", { try x.conv1d(weight: normal(4, 3, 9)) }),
      ("[2, 3, 8]", { try BatchNorm1d(channels: 4)(x) }),
      ("[2, 3, 8]", { try lstm(x) }),
      ("[2, 3, 8]", { try x.reshaped([7, 7]) }),
      ("[2, 3, 8]", { try x.binaryCrossEntropy(targets: other) }),
      ("1 … 3", { try x.timeMean(lengths: [3, 4]) }),
      ("2 numbers", { try x.timeMean(lengths: [3]) }),
      ("48 values", { try Tensor(x.values, shape: [5]) }),
      ("[2, 4, 8]", { try Tensor.concatenated([x, other], axis: 2) }),
      ("scalar", { try Tape().backward(from: x) }),
      ("nothing", { try Tape().backward(from: normal(1)) }),
      ("more than one value", { try BatchNorm1d(channels: 4)(normal(1, 4), tape: Tape()) }),
    ]
    for (part, attempt) in attempts {
      let error = #expect(throws: ECGError.self) { try attempt() }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "") should mention \(part)")
    }
  }

  @Test func runsOnOneThread() async throws {
    #expect(ComputeActor.engineName.hasPrefix("oneDNN"))
    let first = pthread_self()
    for _ in 0..<20 {
      await Task.yield()
      #expect(pthread_equal(pthread_self(), first) != 0)
    }
  }

  @Test(arguments: [0, -1, 1 << 40]) func refusesThreadCounts(count: Int) {
    #expect(throws: ECGError.self) { try ComputeActor.setThreads(count) }
  }

  @Test func frozenParametersTakeNoGradient() throws {
    var generator = SplitMix64(state: 3)
    let first = try Linear(inputs: 4, outputs: 4, generator: &generator)
    let second = try Linear(inputs: 4, outputs: 2, generator: &generator)
    first.setFrozen(true)
    let tape = Tape()
    let hidden = try first(normal(3, 4), tape: tape)
    #expect(!hidden.requiresGradient)
    let loss = try second(hidden, tape: tape).binaryCrossEntropy(
      targets: Tensor(repeating: 1, shape: [3, 2]), tape: tape)
    try tape.backward(from: loss)
    #expect(first.weight.gradient == nil)
    #expect(second.weight.gradient != nil)
    first.setFrozen(false)
    #expect(!first.weight.isFrozen)
  }

  @Test func statesThatDoNotFitAreRefusedWhole() throws {
    var generator = SplitMix64(state: 4)
    let network = try CPCNetwork(.init(width: 4, hidden: 3, layers: 1), generator: &generator)
    let state = try network.state()
    #expect(
      Array(state.map(\.name).prefix(6)) == [
        "encoder.0.0.weight", "encoder.0.1.weight", "encoder.0.1.bias", "encoder.0.1.running_mean",
        "encoder.0.1.running_var", "encoder.0.1.num_batches_tracked",
      ])
    #expect(
      Array(state.map(\.name).suffix(5)) == [
        "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0", "predictor.weight",
      ])
    var changed = state.map { NamedValues(name: $0.name, shape: $0.shape, values: $0.values.map { $0 + 1 }) }
    changed[changed.count - 1].shape = [3, 4]
    for wrong in [
      changed, state.dropLast(), state + [NamedValues(name: "more", shape: [], values: [1])], state + state,
    ] {
      let error = #expect(throws: ECGError.self) { try network.load(Array(wrong)) }
      #expect(error?.code == .mismatch)
      #expect(try network.state() == state)
    }
    try network.load(state.reversed())
  }

  /// A step that repeats takes all its memory and all its primitives from what is kept, and gives the memory
  /// back.
  @Test func steadyStateAllocatesNothing() throws {
    var generator = SplitMix64(state: 5)
    let network = try CPCNetwork(.init(width: 16, hidden: 16, layers: 2), generator: &generator)
    let optimizer = try Optimizer(network, .init(.adamw, learningRate: 1e-3, weightDecay: 1e-2))
    let x = try normal(4, 12, 40)
    func step() throws {
      optimizer.clearGradients()
      let tape = Tape()
      let output = try network(x, tape: tape)
      let loss = try InfoNCE()(
        predictions: network.predictions(from: output.context, tape: tape), tokens: output.tokens,
        generator: &generator, tape: tape
      ).loss
      try tape.backward(from: loss)
      try optimizer.step()
    }
    try step()
    try step()
    optimizer.clearGradients()
    let before = (ein_memory_taken(), ein_memory_requested(), ein_primitives_created())
    try step()
    optimizer.clearGradients()
    #expect((ein_memory_taken(), ein_memory_requested(), ein_primitives_created()) == before)
  }

  /// The mask of a fused ReLU is a row of 77 bytes; a tensor of 77 numbers once took its layout, and its 77 bytes.
  @Test func tellsNumbersFromBytes() throws {
    let ones = try Tensor([1], shape: [1])
    _ = try normal(7, 1, 11).normalized(
      weight: ones, bias: ones, statistics: .batch, epsilon: 1e-5, relu: true, tape: Tape())
    #expect(try Layout([77]).bytes == 77 * 4)
  }
}
