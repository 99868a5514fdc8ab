public import ECGData

/// A residual U-network that completes masked ECGs (Gedon, Ribeiro, Wahlström and Schön, "First Steps Towards Self-Supervised
/// Pretraining of the 12-Lead ECG", 2021).
///
/// Blocks work on two streams: x, of convolutions, and y, which skips them. Four blocks make a signal of 12 × 4096 (10 s at
/// 400 Hz) shorter by 4 each, one more works on the shortest, four make it longer again; each of these also sees the
/// encoder's result of its length, joined to the channels of both streams, and the last convolutions see the stem's. Features
/// are the shortest signal, flattened.
///
///     12 × 4096 → 64 × 4096 → 128 × 1024 → 196 × 256 → 256 × 64 → 320 × 16 → … → 12 × 4096
///
/// Where the paper is silent: streams are joined rather than added, and dropout follows each ReLU within a block.
@ComputeActor public final class UResNet: SignalEncoder {
  /// The sizes of the network.
  public struct Configuration: Codable, Sendable, Equatable {
    /// Leads of the signal.
    public var leads = 12
    /// T, samples of a signal; a multiple of 4 for each block behind the stem, so of 256 for four.
    public var frames = 4096
    /// Channels of the stem and of the blocks behind it.
    public var channels = [64, 128, 196, 256, 320]
    /// Samples of a kernel, odd.
    public var kernel = 17
    /// The rate of dropout.
    public var dropout: Float = 0.2

    /// The paper's sizes, unless told otherwise.
    public init(
      leads: Int = 12, frames: Int = 4096, channels: [Int] = [64, 128, 196, 256, 320], kernel: Int = 17,
      dropout: Float = 0.2
    ) {
      self.leads = leads
      self.frames = frames
      self.channels = channels
      self.kernel = kernel
      self.dropout = dropout
    }
  }

  /// The two streams between blocks.
  private struct Streams {
    var x: Tensor
    var y: Tensor
  }

  /// One block: x by two convolutions, the second of which changes the length, y by one of a single sample; x′ and y′ come of
  /// their sum.
  private final class Block: Module {
    /// What happens to the length.
    enum Change {
      case shorter
      case none
      case longer
    }

    static let factor = 4

    private let change: Change
    private let first: Conv1d
    private let firstNormalization: BatchNorm1d
    private let second: any Layer
    private let skip: (any Layer)?
    private let secondNormalization: BatchNorm1d
    private let pool: MaxPool1d
    private let dropouts: [Dropout]

    init(
      _ inputs: Int, _ outputs: Int, _ change: Change, kernel: Int, dropout: Float,
      generator: inout SplitMix64
    ) throws {
      self.change = change
      let factor = Self.factor
      first = try Conv1d(
        inputChannels: inputs, outputChannels: outputs, kernelSize: kernel, padding: kernel / 2, bias: false,
        weights: .kaimingNormal, generator: &generator)
      firstNormalization = try BatchNorm1d(channels: outputs)
      switch change {
      case .shorter, .none:
        let stride = change == .none ? 1 : factor
        second = try Conv1d(
          inputChannels: outputs, outputChannels: outputs, kernelSize: kernel, stride: stride,
          padding: (kernel - stride + 1) / 2, bias: false, weights: .kaimingNormal, generator: &generator)
        skip =
          inputs == outputs
          ? nil
          : try Conv1d(
            inputChannels: inputs, outputChannels: outputs, kernelSize: 1, bias: false,
            weights: .kaimingNormal,
            generator: &generator)
      case .longer:
        let padding = (kernel - factor + 1) / 2
        second = try ConvTranspose1d(
          inputChannels: outputs, outputChannels: outputs, kernelSize: kernel, stride: factor,
          padding: padding,
          outputPadding: 2 * padding + factor - kernel, bias: false, weights: .kaimingNormal,
          generator: &generator)
        skip = try ConvTranspose1d(
          inputChannels: inputs, outputChannels: outputs, kernelSize: 1, stride: factor,
          outputPadding: factor - 1, bias: false, weights: .kaimingNormal, generator: &generator)
      }
      secondNormalization = try BatchNorm1d(channels: outputs)
      pool = try MaxPool1d(size: factor)
      dropouts = [
        try Dropout(rate: dropout, generator: &generator), try Dropout(rate: dropout, generator: &generator),
      ]
    }

    var children: [(name: String, module: any Module)] {
      [
        (name: "conv1", module: first), (name: "bn1", module: firstNormalization),
        (name: "conv2", module: second),
      ]
        + (skip.map { [(name: "skip", module: $0)] } ?? []) + [(name: "bn2", module: secondNormalization)]
    }

    func reseed(_ generator: inout SplitMix64) {
      for dropout in dropouts { dropout.reseed(&generator) }
    }

    func callAsFunction(_ streams: Streams, tape: Tape?) throws -> Streams {
      var x = try firstNormalization(first(streams.x, tape: tape), relu: true, tape: tape)
      x = try second(dropouts[0](x, tape: tape), tape: tape)
      var y = streams.y
      if change == .shorter { y = try pool(y, tape: tape) }
      if let skip { y = try skip(y, tape: tape) }
      let sum = try x.adding(y, tape: tape)
      x = try secondNormalization(sum, relu: true, tape: tape)
      return Streams(x: try dropouts[1](x, tape: tape), y: sum)
    }

    func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
      var short = shape
      if change == .shorter { short = try summary.within("pool") { try pool.summarize(short, into: &$0) } }
      if let skip { short = try summary.within("skip") { try skip.summarize(short, into: &$0) } }
      var shape = try summary.within("conv1") { try first.summarize(shape, into: &$0) }
      shape = try summary.within("bn1") { try firstNormalization.summarize(shape, into: &$0) }
      shape = try summary.within("conv2") { try second.summarize(shape, into: &$0) }
      return try summary.within("bn2") { try secondNormalization.summarize(shape, into: &$0) }
    }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  /// The shortest signal's numbers.
  public let featureCount: Int
  private let stem: ConvNorm
  private let encoder: [Block]
  private let bottleneck: Block
  private let decoder: [Block]
  private let head: Sequential

  /// Draws all kernels from Kaiming's normal distribution.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no network.
  public init(_ configuration: Configuration = Configuration(), generator: inout SplitMix64) throws {
    let channels = configuration.channels
    // A signal of the most samples is down to one behind 15 blocks.
    let shortening = channels.dropFirst().prefix(15).reduce(1) { product, _ in product * Block.factor }
    guard (2...16).contains(channels.count), configuration.kernel % 2 == 1,
      configuration.kernel > Block.factor,
      ([configuration.leads, configuration.frames, configuration.kernel] + channels).allSatisfy(\.isSize),
      configuration.frames % shortening == 0
    else {
      throw ECGError(
        .invalidArgument,
        "a U-network of \(channels.count) sizes and kernels of \(configuration.kernel) for \(configuration.frames) samples",
        advice: "choose 2 to 16 sizes, an odd kernel from 5 and a multiple of \(shortening) samples")
    }
    self.configuration = configuration
    func block(_ inputs: Int, _ outputs: Int, _ change: Block.Change, _ generator: inout SplitMix64) throws
      -> Block
    {
      try Block(
        inputs, outputs, change, kernel: configuration.kernel, dropout: configuration.dropout,
        generator: &generator)
    }
    stem = try ConvNorm(configuration.leads, channels[0], kernel: configuration.kernel, generator: &generator)
    var encoder: [Block] = []
    var decoder: [Block] = []
    for (inputs, outputs) in zip(channels, channels.dropFirst()) {
      encoder.append(try block(inputs, outputs, .shorter, &generator))
    }
    let deepest = channels[channels.count - 1]
    bottleneck = try block(deepest, deepest, .none, &generator)
    for (outputs, inputs) in zip(channels, channels.dropFirst()).reversed() {
      decoder.append(try block(2 * inputs, outputs, .longer, &generator))
    }
    (self.encoder, self.decoder) = (encoder, decoder)
    head = Sequential([
      try ConvNorm(2 * channels[0], channels[0], kernel: configuration.kernel, generator: &generator),
      try Conv1d(
        inputChannels: channels[0], outputChannels: configuration.leads, kernelSize: configuration.kernel,
        padding: configuration.kernel / 2, bias: false, weights: .kaimingNormal, generator: &generator),
    ])
    featureCount = deepest * (configuration.frames / shortening)
  }

  /// `uresnet`.
  public var architecture: String { "uresnet" }

  /// Stem, encoder, bottleneck, decoder and head.
  public var children: [(name: String, module: any Module)] {
    [(name: "stem", module: stem)] + encoder.enumerated().map { (name: "encoder.\($0)", module: $1) }
      + [(name: "bottleneck", module: bottleneck)]
      + decoder.enumerated().map { (name: "decoder.\($0)", module: $1) } + [(name: "head", module: head)]
  }

  /// The stem's result, each encoder block's x, and the bottleneck's streams.
  private func encoded(_ signals: Tensor, tape: Tape?) throws -> (results: [Tensor], streams: Streams) {
    try checkFrames(of: signals)
    let start = try stem(signals, tape: tape)
    var results = [start]
    var streams = Streams(x: start, y: start)
    for block in encoder {
      streams = try block(streams, tape: tape)
      results.append(streams.x)
    }
    return (results, try bottleneck(streams, tape: tape))
  }

  /// Completed signals [B, leads, T] of signals [B, leads, T], parts of which are masked.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  public func callAsFunction(_ signals: Tensor, tape: Tape? = nil) throws -> Tensor {
    var (results, streams) = try encoded(signals, tape: tape)
    for block in decoder {
      let seen = results.removeLast()
      streams = try block(
        Streams(
          x: Tensor.concatenated([streams.x, seen], axis: 1, tape: tape),
          y: Tensor.concatenated([streams.y, seen], axis: 1, tape: tape)), tape: tape)
    }
    return try head(Tensor.concatenated([streams.x, results[0]], axis: 1, tape: tape), tape: tape)
  }

  /// The bottleneck's x, flattened: [B, C · T / 4ⁿ] for n blocks behind the stem, [B, 320 · T / 256] by default.
  ///
  /// Signals of which only the first samples are valid are centred; no gradient passes to these.
  public func features(_ signals: Tensor, lengths: [Int]?, tape: Tape?) throws -> Tensor {
    let signals = try lengths.map { try centred(signals, lengths: $0) } ?? signals
    let x = try encoded(signals, tape: tape).streams.x
    return try x.reshaped([x.shape[0], featureCount], tape: tape)
  }

  private func checkFrames(of signals: Tensor) throws {
    guard signals.shape.count == 3, signals.shape[2] == configuration.frames else {
      throw ECGError(
        .invalidArgument,
        "this U-network takes signals [B, \(configuration.leads), \(configuration.frames)], not the shape "
          + "\(signals.shape)")
    }
  }

  /// Where the valid samples of signals lie once they are centred.
  func places(ofLengths lengths: [Int]) -> [Range<Int>] {
    lengths.map { length in
      let before = (configuration.frames - length) / 2
      return before..<(before + length)
    }
  }

  /// Signals [B, leads, T] whose valid samples are the first, with as many zeros before these as behind.
  func centred(_ signals: Tensor, lengths: [Int]) throws -> Tensor {
    let frames = configuration.frames
    try checkFrames(of: signals)
    _ = try Tensor.checkedLengths(lengths, batch: signals.shape[0], steps: frames)
    if lengths.allSatisfy({ $0 == frames }) { return signals }
    let source = try signals.rowMajor()
    let result = try Tensor(repeating: 0, shape: signals.shape)
    let leads = signals.shape[1]
    for (index, place) in places(ofLengths: lengths).enumerated() {
      for row in index * leads..<(index + 1) * leads {
        (result.storage.floats + row * frames + place.lowerBound).update(
          from: source.storage.floats + row * frames, count: place.count)
      }
    }
    return try withExtendedLifetime(source) { try result.converted(to: signals.layout.type) }
  }

  /// The layers with shapes, parameters and work for signals of `frames` samples.
  public func summary(frames: Int) throws -> NetworkSummary {
    guard frames == configuration.frames else {
      throw ECGError(
        .invalidArgument, "this U-network takes signals of \(configuration.frames) samples, not \(frames)")
    }
    var summary = NetworkSummary()
    var shape = try summary.within("stem") { try stem.summarize([configuration.leads, frames], into: &$0) }
    var shapes = [shape]
    for (index, block) in encoder.enumerated() {
      shape = try summary.within("encoder.\(index)") { try block.summarize(shape, into: &$0) }
      shapes.append(shape)
    }
    shape = try summary.within("bottleneck") { try bottleneck.summarize(shape, into: &$0) }
    for (index, block) in decoder.enumerated() {
      let joined = [shape[0] + shapes.removeLast()[0], shape[1]]
      shape = try summary.within("decoder.\(index)") { try block.summarize(joined, into: &$0) }
    }
    _ = try summary.within("head") { try head.summarize([shape[0] + shapes[0][0], shape[1]], into: &$0) }
    return summary
  }
}
