extension Pretraining {
  /// What a run ends with; `result.json`.
  public struct Result: Codable, Sendable {
    /// The method.
    public var method: String
    /// Optimiser steps.
    public var steps: Int
    /// Seconds of training, over all sessions.
    public var seconds: Double
    /// Records a second.
    public var recordsPerSecond: Double
    /// Share of the time spent waiting for data.
    public var waitShare: Double
    /// Mean loss over the last epoch, of a position for `cpc`.
    public var loss: Double
    /// Least validation loss; nil without validation records.
    public var validationLoss: Nullable<Double>
    /// The epoch of ``validationLoss``, from 1; nil without validation records.
    public var bestEpoch: Nullable<Int>
    /// Records trained on.
    public var records: Int
    /// Records kept aside for the validation loss.
    public var validationRecords: Int
    /// Folds that were left out.
    public var excludedFolds: String
    /// Records of these folds.
    public var excludedRecords: Int
    /// Further records with the same samples, left out too.
    public var excludedCopies: Int
    /// Records that the recipe's sources and flags leave out.
    public var excludedByPool: Int
    /// Records shorter than a crop, which were padded and masked.
    public var paddedRecords: Int
    /// Sampling rate of the crops in Hz.
    public var rate: Double
    /// Trainable numbers.
    public var parameters: Int
    /// Figures of the last epoch's embeddings, by which a collapse is seen; of `cpc` and `masked`, of the encoder's features
    /// of validation records, nil without any.
    public var health: Nullable<EmbeddingHealth>
    /// Macro AUC of the last probe; nil without one.
    public var probeMacroAUC: Nullable<Double>
    /// What is wrong with the run, in words.
    public var findings: [String]

    private enum CodingKeys: String, CodingKey {
      case method, steps, seconds, loss, records, parameters, health, findings
      case recordsPerSecond = "records_per_second"
      case waitShare = "wait_share"
      case validationLoss = "validation_loss"
      case bestEpoch = "best_epoch"
      case validationRecords = "validation_records"
      case excludedFolds = "excluded_folds"
      case excludedRecords = "excluded_records"
      case excludedCopies = "excluded_copies"
      case excludedByPool = "excluded_by_pool"
      case probeMacroAUC = "probe_macro_auc"
      case paddedRecords = "padded_records"
      case rate = "rate_hz"
    }
  }

  /// What a run tells while it works.
  public enum Event: Sendable {
    /// Data and network are ready, after so many steps and seconds of earlier sessions.
    case began(
      records: Int, validationRecords: Int, parameters: Int, stepsPerEpoch: Int, step: Int, seconds: Double)
    /// A step is done, with the share of the time so far that was spent waiting for data.
    case step(step: Int, epoch: Int, loss: Double, waitShare: Double)
    /// An epoch is done; validation loss is nil without validation records, health without embeddings or validation records.
    case epoch(
      epoch: Int, loss: Double, validationLoss: Double?, health: EmbeddingHealth?, probe: Double?)
    /// Something is wrong with the run.
    case finding(String)
  }
}

extension EmbeddingHealth {
  /// Figures of embeddings [V · B, D], of which the first two views are compared.
  @ComputeActor init(views: Int, of embeddings: Tensor) throws {
    let rows = embeddings.shape[0] / views
    let plain = try embeddings.rowMajor()
    try self.init(plain.rows(0, rows), secondViews: views > 1 ? plain.rows(rows, rows) : nil)
  }

  /// What they say of a collapse, or `nil` if they say nothing.
  ///
  /// On PTB-XL, methods that learn are above 0.6 from the first epoch on; BYOL without its predictor falls below 0.2 in two
  /// epochs, SwAV without balanced codes in one.
  var finding: String? {
    standardDeviation > 0.2
      ? nil
      : "collapse: the embeddings of different records are nearly the same (standard deviation below 0.2, of 1)"
  }

  var isFinite: Bool {
    standardDeviation.isFinite && uniformity.isFinite && alignment?.isFinite != false
  }

  /// By the names of metrics.
  var values: [String: Double] {
    ["embedding_deviation": standardDeviation, "uniformity": uniformity].merging(
      alignment.map { ["alignment": $0] } ?? [:]
    ) { $1 }
  }
}
