import ECGData
import Testing

@testable import ECGTraining

/// Weights and biases in other layouts and types than row-major Float32.
@Suite @ComputeActor struct OperandLayoutTests {
  typealias Map = @ComputeActor @Sendable (_ weight: Tensor, _ bias: Tensor, _ tape: Tape?) throws -> Tensor

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var weight: [Int]
    var bias: Int
    var map: Map
  }

  nonisolated static let cases =
    [1, 2].flatMap { groups in
      [
        Case(testDescription: "convolution of \(groups) groups", weight: [6, 4 / groups, 3], bias: 6) {
          try normal(2, 4, 9).conv1d(weight: $0, bias: $1, padding: 1, groups: groups, tape: $2)
        },
        Case(
          testDescription: "transposed convolution of \(groups) groups", weight: [4, 6 / groups, 3], bias: 6
        ) {
          try normal(2, 4, 9).convTranspose1d(weight: $0, bias: $1, stride: 2, groups: groups, tape: $2)
        },
      ]
    } + [
      Case(testDescription: "linear", weight: [5, 4], bias: 5) {
        try normal(3, 4).linear(weight: $0, bias: $1, tape: $2)
      },
      Case(testDescription: "convolution of one sample", weight: [6, 4, 1], bias: 6) {
        try normal(2, 4, 9).inTimeOrder().conv1d(weight: $0, bias: $1, tape: $2)
      },
    ]

  /// Result and the gradients of weight and bias.
  private func results(of test: Case, _ change: @ComputeActor (Tensor, Tape) throws -> Tensor) throws
    -> [[Float]]
  {
    let weight = try Self.rounded(test.weight, seed: 1).requiringGradient()
    let bias = try Self.rounded([test.bias], seed: 2).requiringGradient()
    let tape = Tape()
    let result = try test.map(change(weight, tape), change(bias, tape), tape)
    try tape.backward(from: result, gradient: Self.rounded(result.shape, seed: 3))
    return try [result.values, #require(weight.gradient).values, #require(bias.gradient).values]
  }

  /// Numbers that bfloat16 holds.
  private static func rounded(_ shape: [Int], seed: UInt64) throws -> Tensor {
    var generator = SplitMix64("operands", seed)
    let values = (0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) }
    return try Tensor(Tensor(values, shape: shape).converted(to: .bfloat16).values, shape: shape)
  }

  @Test(arguments: cases) func takesTheLastAxesExchangedInMemory(_ test: Case) throws {
    let plain = try results(of: test) { operand, _ in operand }
    let exchanged = try results(of: test) { operand, tape in
      guard operand.shape.count > 1 else { return operand }
      let other = try operand.transposed(tape: tape)
      let copy = try other.sharing(other.rowMajor())
      return try copy.transposed(tape: tape)
    }
    for (a, b) in zip(exchanged, plain) { expectClose(a, b, tolerance: 1e-5, test.testDescription) }
  }

  /// Gradients of what was converted come back as bfloat16.
  @Test(arguments: cases) func takesBfloat16(_ test: Case) throws {
    let plain = try results(of: test) { operand, _ in operand }
    let short = try results(of: test) { operand, tape in try operand.converted(to: .bfloat16, tape: tape) }
    for (a, b) in zip(short, plain) { expectClose(a, b, tolerance: 1e-5, test.testDescription) }
  }
}
