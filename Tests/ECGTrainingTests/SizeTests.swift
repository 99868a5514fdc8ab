import ECGData
import Testing

@testable import ECGTraining

/// Sizes that no memory holds, that overflow or that fit nothing.
@Suite @ComputeActor struct SizeTests {
  typealias Attempt = @ComputeActor @Sendable (inout SplitMix64) throws -> Any

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var attempt: Attempt

    init(_ name: String, attempt: @escaping Attempt) {
      testDescription = name
      self.attempt = attempt
    }
  }

  private nonisolated static let most = Int.max

  nonisolated static let layers: [Case] = [
    Case("convolution, inputs") {
      try Conv1d(inputChannels: most, outputChannels: 1, kernelSize: 2, generator: &$0)
    },
    Case("convolution, kernel") {
      try Conv1d(inputChannels: 2, outputChannels: 1, kernelSize: most, generator: &$0)
    },
    Case("convolution, stride") {
      try Conv1d(inputChannels: 2, outputChannels: 1, kernelSize: 1, stride: 0, generator: &$0)
    },
    Case("convolution, padding") {
      try Conv1d(inputChannels: 2, outputChannels: 1, kernelSize: 1, padding: most, generator: &$0)
    },
    Case("transposed convolution, outputs") {
      try ConvTranspose1d(inputChannels: 1, outputChannels: most, kernelSize: 2, generator: &$0)
    },
    Case("transposed convolution, output padding") {
      try ConvTranspose1d(
        inputChannels: 1, outputChannels: 1, kernelSize: 2, stride: 2, outputPadding: 2, generator: &$0)
    },
    Case("normalisation") { _ in try BatchNorm1d(channels: most) },
    Case("linear") { try Linear(inputs: most, outputs: 2, generator: &$0) },
    Case("LSTM") { try LSTM(inputSize: 1, hiddenSize: 1 << 62, layers: 1, generator: &$0) },
    Case("maximum, stride") { _ in try MaxPool1d(size: 2, stride: 0) },
    Case("maximum, padding") { _ in try MaxPool1d(size: 2, padding: most) },
    Case("mean, stride") { _ in try AveragePool1d(size: 2, stride: most, ceil: true) },
    Case("xresnet, width") { try XResNet1d(.init(width: most), generator: &$0) },
    Case("xresnet, kernel") { try XResNet1d(.init(kernel: most), generator: &$0) },
    Case("xresnet, even kernel") { try XResNet1d(.init(kernel: 4), generator: &$0) },
    Case("xresnet, leads") { try XResNet1d(.init(leads: most), generator: &$0) },
    Case("xresnet, stem") { try XResNet1d(.init(stem: [32, most, 64]), generator: &$0) },
    Case("U-network, kernel") { try UResNet(.init(kernel: most), generator: &$0) },
    Case("U-network, channels") { try UResNet(.init(channels: [64, most]), generator: &$0) },
    Case("U-network, blocks") {
      try UResNet(.init(channels: [Int](repeating: 1, count: 40)), generator: &$0)
    },
    Case("CPC, width") { try CPCNetwork(.init(width: most), generator: &$0) },
    Case("CPC, strides") {
      var configuration = CPCNetwork.Configuration(width: 1, hidden: 1, layers: 1)
      configuration.kernels = [Int](repeating: 1 << 16, count: 4)
      configuration.strides = configuration.kernels
      return try CPCNetwork(configuration, generator: &$0)
    },
  ]

  nonisolated static let operations: [Case] = [
    Case("convolution, padding") { _ in try normal(1, 1, 2).conv1d(weight: normal(1, 1, 1), padding: most) },
    Case("convolution, padding that no result has room for") { _ in
      try normal(1, 1, 2).conv1d(weight: normal(1 << 15, 1, 1), padding: 1 << 30)
    },
    Case("convolution, groups") { _ in try normal(1, 2, 2).conv1d(weight: normal(1, 2, 1), groups: most) },
    Case("convolution, stride") { _ in try normal(1, 1, 2).conv1d(weight: normal(1, 1, 1), stride: most) },
    Case("transposed convolution, stride") { _ in
      try normal(1, 1, 2).convTranspose1d(weight: normal(1, 4, 1), stride: 1 << 60)
    },
    Case("transposed convolution, stride that no result has room for") { _ in
      try normal(1, 1, 1 << 15).convTranspose1d(weight: normal(1, 4, 1), stride: 1 << 30)
    },
    Case("transposed convolution, padding") { _ in
      try normal(1, 1, 2).convTranspose1d(weight: normal(1, 4, 1), padding: most)
    },
    Case("maximum, padding") { _ in try normal(1, 1, 2).maxPool1d(size: 2, padding: most) },
    Case("mean, stride") { _ in try normal(1, 1, 2).averagePool1d(size: 2, stride: most, ceil: true) },
  ]

  @Test(arguments: layers + operations) func areRefused(_ test: Case) {
    var generator = SplitMix64(state: 1)
    let error = #expect(throws: ECGError.self) { try test.attempt(&generator) }
    #expect(error?.code == .invalidArgument)
  }

  /// A layer refuses the shape of a signal that it would refuse itself.
  @Test(arguments: [[], [3], [3, 0], [3, -4], [3, .max], [2, 9], [3, 9, 1]]) func summariesRefuse(
    shape: [Int]
  ) throws {
    var generator = SplitMix64(state: 1)
    let layers: [any Layer] = try [
      Conv1d(inputChannels: 3, outputChannels: 2, kernelSize: 3, generator: &generator),
      ConvTranspose1d(inputChannels: 3, outputChannels: 2, kernelSize: 3, generator: &generator),
    ]
    for layer in layers {
      var summary = NetworkSummary()
      let error = #expect(throws: ECGError.self) { try layer.summarize(shape, into: &summary) }
      #expect(error?.code == .invalidArgument && summary.rows.isEmpty)
    }
  }

  @Test(arguments: [0, -5, .max]) func networksRefuseToSum(frames: Int) throws {
    var generator = SplitMix64(state: 1)
    let networks: [any SignalEncoder] = try [
      CPCNetwork(.init(width: 4, hidden: 3, layers: 1), generator: &generator),
      XResNet1d(.init(depth: 18, stem: [4, 4, 4], width: 4), generator: &generator),
      UResNet(.init(frames: 16, channels: [2, 3]), generator: &generator),
    ]
    for network in networks {
      let error = #expect(throws: ECGError.self) { try network.summary(frames: frames) }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test(arguments: [[0, 5], [5, 65], [.max, 5], [.min, 5], [5]]) func featuresRefuseLengths(lengths: [Int])
    throws
  {
    var generator = SplitMix64(state: 1)
    let networks: [any SignalEncoder] = try [
      CPCNetwork(.init(width: 4, hidden: 3, layers: 1), generator: &generator),
      XResNet1d(.init(depth: 18, stem: [4, 4, 4], width: 4), generator: &generator),
      UResNet(.init(frames: 64, channels: [2, 3]), generator: &generator),
    ]
    for network in networks {
      let error = #expect(throws: ECGError.self) {
        try network.features(normal(2, 12, 64), lengths: lengths, tape: nil)
      }
      #expect(error?.code == .invalidArgument && error?.message.contains("1 … 64") == true)
    }
  }

  /// PyTorch's `AvgPool1d` and `MaxPool1d` with `ceil_mode=True`, checked with torch 2.15.
  @Test(arguments: [(2, 2, 1), (3, 3, 1), (3, 2, 2), (4, 3, 2), (4, 4, 1)])
  func aLastWindowMayBeTheOnlyOne(size: Int, stride: Int, length: Int) throws {
    let values = (1...length).map(Float.init)
    let x = try Tensor(values, shape: [1, 1, length]).requiringGradient()
    let tape = Tape()
    let mean = try x.averagePool1d(size: size, stride: stride, ceil: true, tape: tape)
    #expect(mean.shape == [1, 1, 1])
    #expect(try mean.scalar == values.reduce(0, +) / Float(length))
    try tape.backward(from: mean)
    #expect(try x.gradient?.values == values.map { _ in 1 / Float(length) })
    #expect(try x.maxPool1d(size: size, stride: stride, ceil: true).values == [Float(length)])
  }

  @Test(arguments: [(3, 2, 1), (5, 2, 2)]) func aWindowOutsideIsNone(size: Int, stride: Int, length: Int)
    throws
  {
    let x = try normal(1, 1, length)
    #expect(throws: ECGError.self) { try x.averagePool1d(size: size, stride: stride, ceil: true) }
    #expect(throws: ECGError.self) { try x.maxPool1d(size: size, stride: stride, ceil: true) }
  }

  /// Down to one sample, where each of the later stages halves a single one.
  @Test(arguments: [1, 2, 15, 16, 17, 33]) func narrowNetworksTakeShortSignals(frames: Int) throws {
    var generator = SplitMix64(state: 1)
    let network = try XResNet1d(.init(depth: 50, stem: [4, 4, 4], width: 4), generator: &generator)
    let result = try network(normal(2, 12, frames))
    #expect(result.shape == [2, 16, (frames + 31) / 32])
    #expect(try network.features(normal(2, 12, frames), lengths: nil, tape: nil).shape == [2, 32])
    #expect(try network.summary(frames: frames).rows.last?.shape == [16, (frames + 31) / 32])
  }
}
