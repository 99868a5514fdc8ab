import ECGData
import Testing

@testable import ECGTraining

/// Gradients against central finite differences.
@Suite @ComputeActor struct GradientTests {
  typealias Function = @ComputeActor @Sendable ([Tensor], Tape?) throws -> Tensor

  /// A function of some tensors, with their shapes.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var shapes: [[Int]]
    var function: Function

    init(_ name: String, _ shapes: [Int]..., function: @escaping Function) {
      testDescription = name
      self.shapes = shapes
      self.function = function
    }
  }

  nonisolated static let cases: [Case] = [
    Case("add", [2, 3], [2, 3]) { try $0[0].adding($0[1], tape: $1) },
    Case("scale", [2, 3]) { try $0[0].scaled(by: -1.5, tape: $1) },
    Case("relu", [3, 4]) { try $0[0].relu(tape: $1) },
    Case("sigmoid", [3, 4]) { try $0[0].sigmoid(tape: $1) },
    Case("transpose", [2, 3, 4]) { try $0[0].transposed(tape: $1) },
    Case("reshape", [2, 3, 4]) { try $0[0].transposed(tape: $1).reshaped([6, 4], tape: $1) },
    Case("concatenate", [2, 3], [2, 1]) { try Tensor.concatenated($0, axis: 1, tape: $1) },
    Case("concatenate channels", [2, 3, 4], [2, 2, 4]) { try Tensor.concatenated($0, axis: 1, tape: $1) },
    Case("used twice", [2, 3]) { try $0[0].adding($0[0].scaled(by: 2, tape: $1), tape: $1) },
    Case("linear", [2, 3, 4], [5, 4], [5]) { try $0[0].linear(weight: $0[1], bias: $0[2], tape: $1) },
    Case("linear in time order", [2, 4, 3], [5, 4]) {
      try $0[0].inTimeOrder().transposed(tape: $1).linear(weight: $0[1], tape: $1)
    },
    Case("matmul", [2, 3, 4], [2, 4, 5]) { try $0[0].matmul($0[1], tape: $1) },
    Case("matmul transposed", [2, 3, 4], [2, 5, 4]) {
      try $0[0].matmul($0[1].transposed(tape: $1), tape: $1)
    },
    Case("convolution", [2, 3, 7], [4, 3, 3], [4]) {
      try $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2, padding: 1, tape: $1)
    },
    Case("convolution of blocks", [1, 16, 5], [16, 16, 3]) {
      try $0[0].conv1d(weight: $0[1], padding: 1, tape: $1)
    },
    Case("pointwise convolution", [2, 3, 4], [5, 3, 1], [5]) {
      try $0[0].inTimeOrder().conv1d(weight: $0[1], bias: $0[2], tape: $1)
    },
    Case("convolution of groups", [2, 6, 9], [4, 3, 3], [4]) {
      try $0[0].conv1d(weight: $0[1], bias: $0[2], stride: 2, padding: 1, groups: 2, tape: $1)
    },
    Case("convolution of each channel", [1, 4, 6], [4, 1, 2]) {
      try $0[0].conv1d(weight: $0[1], groups: 4, tape: $1)
    },
    Case("convolution of a long kernel", [2, 3, 20], [2, 3, 17]) {
      try $0[0].conv1d(weight: $0[1], padding: 8, tape: $1)
    },
    Case("convolution of a long kernel's strides", [2, 3, 19], [2, 3, 16]) {
      try $0[0].conv1d(weight: $0[1], stride: 3, padding: 7, tape: $1)
    },
    Case("transposed convolution", [2, 3, 5], [3, 4, 4], [4]) {
      try $0[0].convTranspose1d(
        weight: $0[1], bias: $0[2], stride: 3, padding: 1, outputPadding: 2, tape: $1)
    },
    Case("transposed convolution of groups", [2, 4, 5], [4, 3, 2]) {
      try $0[0].convTranspose1d(weight: $0[1], stride: 2, groups: 2, tape: $1)
    },
    Case("transposed convolution of a long kernel", [2, 3, 9], [3, 2, 16]) {
      try $0[0].convTranspose1d(weight: $0[1], stride: 2, padding: 7, tape: $1)
    },
    Case("maximum of windows", [2, 3, 8]) {
      try $0[0].maxPool1d(size: 3, stride: 2, padding: 1, ceil: true, tape: $1)
    },
    Case("mean of windows", [2, 3, 7]) { try $0[0].averagePool1d(size: 2, ceil: true, tape: $1) },
    Case("mean of windows in time order", [2, 3, 7]) {
      try $0[0].inTimeOrder().averagePool1d(size: 3, stride: 2, tape: $1)
    },
    Case("concatenate channels in time order", [2, 3, 4], [2, 2, 4]) {
      try Tensor.concatenated([$0[0].inTimeOrder(), $0[1].inTimeOrder()], axis: 1, tape: $1)
    },
    Case("add, relu", [2, 3, 4], [2, 3, 4]) { try $0[0].addingReLU($0[1], tape: $1) },
    Case("dropout", [4, 5]) { try $0[0].dropout(rate: 0.4, seed: 7, tape: $1) },
    Case("normalisation with given statistics", [3, 2, 4], [2], [2]) {
      try $0[0].normalized(
        weight: $0[1], bias: $0[2],
        statistics: .given(mean: Tensor([0.5, -0.25], shape: [2]), variance: Tensor([2, 0.5], shape: [2])),
        epsilon: 1e-5, relu: false, tape: $1
      ).result
    },
    Case("normalisation", [3, 2, 4], [2], [2]) {
      try $0[0].normalized(
        weight: $0[1], bias: $0[2], statistics: .batch, epsilon: 1e-5, relu: false, tape: $1
      ).result
    },
    Case("normalisation in time order", [3, 2, 4], [2], [2]) {
      try $0[0].inTimeOrder().normalized(
        weight: $0[1], bias: $0[2], statistics: .batch, epsilon: 1e-5, relu: true, tape: $1
      ).result
    },
    Case("LSTM", [2, 5, 3], [16, 3], [16, 4], [16], [16]) {
      try $0[0].lstm(
        LSTMWeights(input: $0[1], recurrent: $0[2], inputBias: $0[3], recurrentBias: $0[4]), tape: $1)
    },
    Case("mean over time", [2, 4, 3]) { try $0[0].timeMean(lengths: [4, 2], tape: $1) },
    Case("maximum over time", [2, 4, 3]) { try $0[0].timeMax(lengths: [3, 1], tape: $1) },
    Case("last over time", [2, 4, 3]) { try $0[0].timeLast(lengths: [3, 4], tape: $1) },
    Case("binary cross-entropy", [3, 4]) {
      try $0[0].binaryCrossEntropy(
        targets: Tensor([0, 1, 0, 1, 1, 0, 0.3, 1, 0, 0, 1, 1], shape: [3, 4]), tape: $1)
    },
    Case("cross-entropy", [3, 4]) { try $0[0].crossEntropy(classes: [2, 0, 3], tape: $1) },
    Case("mean squared error on a mask", [2, 4]) {
      try $0[0].meanSquaredError(
        targets: Tensor([0, 1, 0, 2, 1, 0, 0.3, -1], shape: [2, 4]), mask: [1, 0, 1, 1, 0, 1, 1, 0], tape: $1)
    },
    Case("rows of length one", [3, 4]) { try $0[0].normalizedRows(tape: $1) },
    Case("rows below the floor", [3, 4]) { try $0[0].normalizedRows(floor: 8, tape: $1) },
    Case("cosines", [3, 4], [3, 4]) { try $0[0].cosineSimilarity(to: $0[1], tape: $1) },
    Case("NT-Xent", [6, 4]) { try NTXent(temperature: 0.7)($0[0], tape: $1) },
    Case("InfoNCE", [2, 6, 3], [2, 6, 3]) {
      var generator = SplitMix64("negatives", 1)
      return try InfoNCE(stepsAhead: 2, negatives: 4)(
        predictions: $0[0], tokens: $0[1], lengths: [6, 4], generator: &generator, tape: $1
      ).loss.scaled(by: 0.5, tape: $1)
    },
  ]

  /// Every gradient agrees.
  ///
  /// A step of 2⁻⁸ balances the rounding of Float32 (2⁻²⁴ · 2⁸ = 1.5·10⁻⁵ of the result's size) against the
  /// third derivative (2⁻¹⁶); sums over a few dozen elements of order 1 stay below 2·10⁻³. Kinks of ReLU and
  /// of the maximum lie farther than a step from these inputs.
  @Test(arguments: cases) func agreesWithFiniteDifferences(_ test: Case) throws {
    let inputs = try test.shapes.enumerated().map { index, shape in
      try Tensor(draw(shape.reduce(1, *), seed: UInt64(index)), shape: shape).requiringGradient()
    }
    let tape = Tape()
    let result = try test.function(inputs, tape)
    let direction = draw(result.count, seed: 99)
    try tape.backward(from: result, gradient: Tensor(direction, shape: result.shape))
    let step: Float = 0x1p-8
    for (index, input) in inputs.enumerated() {
      let values = try input.values
      var expected: [Float] = []
      for position in values.indices {
        var sides: [Double] = []
        for sign: Float in [1, -1] {
          var moved = values
          moved[position] += sign * step
          var changed = inputs
          changed[index] = try Tensor(moved, shape: input.shape)
          let output = try test.function(changed, nil).values
          sides.append(zip(output, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) })
        }
        expected.append(Float((sides[0] - sides[1]) / Double(2 * step)))
      }
      let gradient = try #require(input.gradient)
      #expect(gradient.shape == input.shape)
      expectClose(try gradient.values, expected, tolerance: 2e-3, "input \(index)")
    }
  }

  /// Normal numbers kept a sixteenth away from zero.
  private func draw(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64("gradient", seed)
    return (0..<count).map { _ in
      let value = Float(generator.normal())
      return value + (value < 0 ? -0.0625 : 0.0625)
    }
  }
}
