internal import ECGData

/// Batch normalisation over [B, C, T] or [B, C] (Ioffe and Szegedy, 2015): PyTorch's `BatchNorm1d`.
///
/// While training, a channel is normalised by the mean and the biased variance of the batch, and the running
/// statistics move a tenth of the way towards the mean and the unbiased variance. Without a tape, or frozen,
/// the running statistics are used. Parameters `weight` and `bias`, buffers `running_mean`, `running_var` and
/// `num_batches_tracked`, which nothing depends on here and which stands still from 2²⁴ on, where Float32 no longer counts.
@ComputeActor public final class BatchNorm1d: Layer {
  /// The scale, [C].
  public let weight: Parameter
  /// The shift, [C].
  public let bias: Parameter
  /// Whether a recorded pass still uses, and leaves unchanged, the running statistics.
  public var usesRunningStatistics = false

  private let runningMean: Buffer
  private let runningVariance: Buffer
  private let batchesTracked: Buffer
  private let momentum: Float = 0.1
  private let epsilon: Float = 1e-5

  /// Starts with scale 1 or as given, shift 0, running mean 0 and running variance 1.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if there are no channels.
  public init(channels: Int, scale: Float = 1) throws {
    weight = try Parameter(Tensor(repeating: scale, shape: [channels]), isDecayable: false)
    bias = try Parameter(Tensor(repeating: 0, shape: [channels]), isDecayable: false)
    runningMean = try Buffer(repeating: 0, shape: [channels])
    runningVariance = try Buffer(repeating: 1, shape: [channels])
    batchesTracked = try Buffer(repeating: 0, shape: [])
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    [(name: "weight", parameter: weight), (name: "bias", parameter: bias)]
  }

  /// The running statistics, as PyTorch names them.
  public var ownBuffers: [(name: String, buffer: Buffer)] {
    [
      (name: "running_mean", buffer: runningMean), (name: "running_var", buffer: runningVariance),
      (name: "num_batches_tracked", buffer: batchesTracked),
    ]
  }

  /// Freezes scale, shift and running statistics, or trains them again.
  public func setFrozen(_ isFrozen: Bool) {
    weight.isFrozen = isFrozen
    bias.isFrozen = isFrozen
    usesRunningStatistics = isFrozen
  }

  /// Normalises.
  ///
  /// - Throws: As ``callAsFunction(_:relu:tape:)``.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try self(x, relu: false, tape: tape)
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    guard shape.first == weight.tensor.count, shape.count <= 2 else {
      throw ECGError(
        .invalidArgument,
        "batch normalisation of \(weight.tensor.count) channels does not apply to shape \(shape)")
    }
    return try summary.add("BatchNorm1d", self, shape)
  }

  /// Normalises, then applies ReLU in the same pass over memory if asked to.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if axis 1 is not C, or if a channel of a
  ///   training batch has a single value.
  public func callAsFunction(_ x: Tensor, relu: Bool, tape: Tape? = nil) throws -> Tensor {
    let isTraining = tape != nil && !usesRunningStatistics
    let (result, mean, variance) = try x.normalized(
      weight: weight.tensor, bias: bias.tensor,
      statistics: isTraining ? .batch : .given(mean: runningMean.tensor, variance: runningVariance.tensor),
      epsilon: epsilon, relu: relu, tape: tape)
    if isTraining, tape?.isRehearsal == false {
      try track(mean: mean, variance: variance, samples: x.count / x.shape[1])
    }
    return try delivered(result)
  }

  private func track(mean: Tensor, variance: Tensor, samples: Int) throws {
    let unbiased = Float(samples) / Float(samples - 1)
    let batch = (mean: try mean.values, variance: try variance.values)
    var running = (mean: try runningMean.tensor.values, variance: try runningVariance.tensor.values)
    for channel in batch.mean.indices {
      running.mean[channel] += momentum * (batch.mean[channel] - running.mean[channel])
      running.variance[channel] += momentum * (batch.variance[channel] * unbiased - running.variance[channel])
    }
    try runningMean.tensor.overwrite(running.mean)
    try runningVariance.tensor.overwrite(running.variance)
    try batchesTracked.tensor.overwrite([batchesTracked.tensor.scalar + 1])
  }
}
