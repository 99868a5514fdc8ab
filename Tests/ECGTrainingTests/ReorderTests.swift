import COneDNN
import ECGData
import Testing

@testable import ECGTraining

/// Copies from one order of elements to another in a training step: none creeps in unseen.
///
/// oneDNN chooses orders by version and processor. The numbers are, rounded up, the most of 2.6.3 with AVX2, AVX-512 and AMX
/// and of 3.2: 165 and 199, 186 and 195, 14 and 24.
@Suite @ComputeActor struct ReorderTests {
  typealias Step = @ComputeActor @Sendable (_ type: ElementType) throws -> @ComputeActor () throws -> Void

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// No more than these, in Float32 and in bfloat16.
    var reorders: (Int64, Int64)
    var step: Step
  }

  nonisolated static let cases = [
    // Float32: 6 of signals, the input's and those around the reduction over time; the others each weight's for a pass and
    // its gradient's back. bfloat16: the same with the signals of weights' gradients, which are copied for products by taps.
    Case(testDescription: "xresnet1d50", reorders: (170, 200)) { type in
      var generator = SplitMix64(state: 1)
      let network = try XResNet1d(generator: &generator)
      let optimizer = try Optimizer(network, .init(.adamw, learningRate: 1e-3))
      let x = try normal(4, 12, 250).converted(to: type)
      return {
        let tape = Tape()
        let features = try network.features(x, lengths: nil, tape: tape)
        optimizer.clearGradients()
        try tape.backward(
          from: features.meanSquaredError(targets: Tensor(repeating: 0, shape: features.shape), tape: tape))
        try optimizer.step()
      }
    },
    // Signals are joined channels innermost, 2 streams of 4 blocks and the head, there and back; signals of the gradients of
    // weights of 17 samples are copied for products by taps; and weights, as above.
    Case(testDescription: "U-ResNet", reorders: (190, 200)) { type in
      var generator = SplitMix64(state: 1)
      let network = try UResNet(.init(frames: 256), generator: &generator)
      let optimizer = try Optimizer(network, .init(.adamw, learningRate: 1e-3))
      let x = try normal(2, 12, 256)
      let signals = try x.converted(to: type)
      return {
        let tape = Tape()
        let loss = try network(signals, tape: tape).meanSquaredError(targets: x, tape: tape)
        optimizer.clearGradients()
        try tape.backward(from: loss)
        try optimizer.step()
      }
    },
    // Float32: the input's; 2 of the LSTM's matrices for each layer's passes, and 2 of their gradients; 5 of tokens and
    // context between time outermost and row-major, for the loss. bfloat16: with the convolutions' weights and conversions.
    Case(testDescription: "CPC", reorders: (14, 24)) { type in
      var generator = SplitMix64(state: 1)
      let network = try CPCNetwork(.init(width: 64, hidden: 64, layers: 2), generator: &generator)
      let optimizer = try Optimizer(network, .init(.adamw, learningRate: 1e-3))
      let x = try normal(4, 12, 40).converted(to: type)
      return {
        let tape = Tape()
        let output = try network(x, tape: tape)
        let loss = try InfoNCE()(
          predictions: network.predictions(from: output.context, tape: tape), tokens: output.tokens,
          generator: &generator, tape: tape
        ).loss
        optimizer.clearGradients()
        try tape.backward(from: loss)
        try optimizer.step()
      }
    },
  ]

  @Test(arguments: cases) func ofASteadyStep(_ test: Case) throws {
    let canBeShort = (try? Precision.bfloat16.elementType) != nil
    for (type, most) in [(ElementType.float32, test.reorders.0)]
      + (canBeShort ? [(.bfloat16, test.reorders.1)] : [])
    {
      let step = try test.step(type)
      try step()
      try step()
      let before = ein_reorders_run()
      try step()
      let after = ein_reorders_run()
      #expect((1...most).contains(after.count - before.count), "\(type)")
      #expect(after.bytes > before.bytes)
    }
  }
}
