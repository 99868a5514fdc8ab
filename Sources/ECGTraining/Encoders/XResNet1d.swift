public import ECGData

/// A narrow xresnet for ECGs: residual networks (He et al., 2016) with the stem, shortcuts and initialisation of "Bag of
/// Tricks" (He et al., 2019), in one dimension and of one width.
///
/// A stem of three convolutions, 12 → 32 (stride 2) → 32 → 64, and a maximum over 3 of stride 2; four stages of blocks, the
/// last three of which begin with stride 2. A block of depth 50 and 101 is a bottleneck, 1 – 5 – 1 samples wide, from 64
/// channels to 256; of depth 18 and 34 it is two convolutions of 5 samples. A shortcut is a mean over 2 where the block has
/// a stride, and a convolution of one sample where it changes the channels; each block's last normalisation starts with
/// scale 0. Features are the maximum and the mean over time (Mehari and Strodthoff, "Self-supervised representation learning
/// from 12-lead ECG data", 2022).
///
///     250 samples → 125 → 63 → 63 → 32 → 16 → 8;   depth 50: 886,400 parameters
@ComputeActor public final class XResNet1d: SignalEncoder {
  /// The sizes of the network.
  public struct Configuration: Codable, Sendable, Equatable {
    /// Leads of the signal.
    public var leads = 12
    /// 18, 34, 50 or 101.
    public var depth = 50
    /// Channels of the stem's three convolutions.
    public var stem = [32, 32, 64]
    /// Channels within a block.
    public var width = 64
    /// Samples of a kernel, odd.
    public var kernel = 5

    /// The paper's sizes, unless told otherwise.
    public init(
      leads: Int = 12, depth: Int = 50, stem: [Int] = [32, 32, 64], width: Int = 64, kernel: Int = 5
    ) {
      self.leads = leads
      self.depth = depth
      self.stem = stem
      self.width = width
      self.kernel = kernel
    }
  }

  /// The blocks of each stage, and whether they are bottlenecks.
  private static let depths: [Int: (blocks: [Int], isBottleneck: Bool)] = [
    18: ([2, 2, 2, 2], false), 34: ([3, 4, 6, 3], false), 50: ([3, 4, 6, 3], true),
    101: ([3, 4, 23, 3], true),
  ]

  /// A block: ReLU(path + shortcut).
  private final class Block: Layer {
    let path: Sequential
    let pool: AveragePool1d?
    let shortcut: ConvNorm?

    init(
      _ inputs: Int, _ width: Int, isBottleneck: Bool, kernel: Int, stride: Int, generator: inout SplitMix64
    ) throws {
      let outputs = isBottleneck ? 4 * width : width
      path = Sequential(
        isBottleneck
          ? [
            try ConvNorm(inputs, width, kernel: 1, generator: &generator),
            try ConvNorm(width, width, kernel: kernel, stride: stride, generator: &generator),
            try ConvNorm(width, outputs, kernel: 1, relu: false, scale: 0, generator: &generator),
          ]
          : [
            try ConvNorm(inputs, width, kernel: kernel, stride: stride, generator: &generator),
            try ConvNorm(width, outputs, kernel: kernel, relu: false, scale: 0, generator: &generator),
          ])
      pool = stride > 1 ? try AveragePool1d(size: stride, ceil: true) : nil
      shortcut =
        inputs != outputs ? try ConvNorm(inputs, outputs, kernel: 1, relu: false, generator: &generator) : nil
    }

    var children: [(name: String, module: any Module)] {
      [(name: "path", module: path)] + (shortcut.map { [(name: "shortcut", module: $0)] } ?? [])
    }

    func callAsFunction(_ x: Tensor, tape: Tape?) throws -> Tensor {
      let pooled = try pool?(x, tape: tape) ?? x
      let short = try shortcut?(pooled, tape: tape) ?? pooled
      return try path(x, tape: tape).addingReLU(short, tape: tape)
    }

    func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
      var short = shape
      if let pool { short = try summary.within("pool") { try pool.summarize(short, into: &$0) } }
      if let shortcut {
        short = try summary.within("shortcut") { try shortcut.summarize(short, into: &$0) }
      }
      return try summary.within("path") { try path.summarize(shape, into: &$0) }
    }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  /// Maximum and mean of the last stage's channels.
  public let featureCount: Int
  private let stem: Sequential
  private let stages: Sequential

  /// Draws all kernels from Kaiming's normal distribution.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no network.
  public init(_ configuration: Configuration = Configuration(), generator: inout SplitMix64) throws {
    guard let (blocks, isBottleneck) = Self.depths[configuration.depth], configuration.stem.count == 3,
      ([configuration.leads, configuration.width, configuration.kernel] + configuration.stem)
        .allSatisfy(\.isSize), configuration.kernel % 2 == 1
    else {
      throw ECGError(
        .invalidArgument,
        "an xresnet of depth \(configuration.depth) and width \(configuration.width) behind a stem of "
          + "\(configuration.stem) channels, with kernels of \(configuration.kernel)",
        advice:
          "choose depth \(Self.depths.keys.sorted().map(String.init).joined(separator: ", ")), a stem of 3 and an odd "
          + "kernel"
      )
    }
    self.configuration = configuration
    var inputs = configuration.leads
    var layers: [any Layer] = []
    for (index, outputs) in configuration.stem.enumerated() {
      layers.append(
        try ConvNorm(
          inputs, outputs, kernel: configuration.kernel, stride: index == 0 ? 2 : 1, generator: &generator))
      inputs = outputs
    }
    stem = Sequential(layers + [try MaxPool1d(size: 3, stride: 2, padding: 1)])
    var stages: [any Layer] = []
    for (stage, count) in blocks.enumerated() {
      var layers: [any Layer] = []
      for block in 0..<count {
        layers.append(
          try Block(
            inputs, configuration.width, isBottleneck: isBottleneck, kernel: configuration.kernel,
            stride: stage > 0 && block == 0 ? 2 : 1, generator: &generator))
        inputs = isBottleneck ? 4 * configuration.width : configuration.width
      }
      stages.append(Sequential(layers))
    }
    self.stages = Sequential(stages)
    featureCount = 2 * inputs
  }

  /// `xresnet1d50`, or as deep as it is.
  public var architecture: String { "xresnet1d\(configuration.depth)" }

  /// The stem and the stages.
  public var children: [(name: String, module: any Module)] {
    [(name: "stem", module: stem), (name: "stages", module: stages)]
  }

  /// The last stage's result, [B, C, T / 32].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  public func callAsFunction(_ signals: Tensor, tape: Tape? = nil) throws -> Tensor {
    try stages(stem(signals, tape: tape), tape: tape)
  }

  /// The maximum and the mean over time, [B, 2 C]; of the last stage's steps those count that begin in the valid samples.
  public func features(_ signals: Tensor, lengths: [Int]?, tape: Tape?) throws -> Tensor {
    let steps = try self(signals, tape: tape).transposed(tape: tape)
    let valid = try validSteps(of: signals, lengths, every: 32, upTo: steps.shape[1])
    return try Tensor.concatenated(
      [steps.timeMax(lengths: valid, tape: tape), steps.timeMean(lengths: valid, tape: tape)], axis: 1,
      tape: tape)
  }

  /// The layers with shapes, parameters and work for signals of `frames` samples.
  public func summary(frames: Int) throws -> NetworkSummary {
    var summary = NetworkSummary()
    let shape = try summary.within("stem") {
      try stem.summarize([configuration.leads, frames], into: &$0)
    }
    _ = try summary.within("stages") { try stages.summarize(shape, into: &$0) }
    return summary
  }
}
