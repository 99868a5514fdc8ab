public import ECGData

extension Evaluation {
  /// What a run ends with; `result.json`.
  public struct Result: Codable, Sendable {
    /// The task.
    public var task: String
    /// `linear`, `finetune` or `supervised`.
    public var `protocol`: String
    /// The pretraining run, or `none`.
    public var encoder: String
    /// Seed of parameters, order, crops and resamples.
    public var seed: Nullable<UInt64>
    /// Folds trained on.
    public var trainFolds: Nullable<Folds>
    /// Folds by which the best epoch was chosen.
    public var validationFolds: Nullable<Folds>
    /// Folds tested on.
    public var testFolds: Nullable<Folds>
    /// The fingerprint of the shards; then that of those tested on, if these are others.
    public var shards: Nullable<[String]>
    /// The ``Release`` that made it.
    public var version: Nullable<String>
    /// Test records.
    public var records: Int
    /// Training records.
    public var trainRecords: Int
    /// Validation records.
    public var validationRecords: Int
    /// Records of the folds without any class of the task, which are left out.
    public var withoutLabel: Int
    /// Macro AUC on the test folds.
    public var macroAUC: Double
    /// The same where classes without both outcomes count as one half, as the code of Mehari and Strodthoff (2022) has it.
    public var macroAUCOfOriginal: Nullable<Double>
    /// Its 95 % interval by bootstrap over records; empty where it is undefined in all resamples.
    public var ci95: [Double]
    /// The same over patients; nil where a test record's patient is not known.
    public var ci95ByPatient: Nullable<[Double]>
    /// Mean over classes of the average precision; nil if no class has positives.
    public var macroAveragePrecision: Nullable<Double>
    /// ``ScoredRecords/fmax`` of the test records.
    public var fmax: Nullable<Double>
    /// F of ``BetaScores``, β = 2, at the thresholds that make it highest on the training records.
    public var f2: Nullable<Double>
    /// G, likewise.
    public var g2: Nullable<Double>
    /// Mean F1 of ``CPSCScore``, for `cpsc2018`.
    public var cpscF1: Nullable<Double>
    /// Of each class the score from which ``f2`` takes it as stated; a class without training records has none.
    public var thresholds: Nullable<[String: Float]>
    /// F1 of its groups.
    public var cpscGroups: [String: Double]
    /// AUC of each class.
    public var classes: [String: Double]
    /// Classes without positives or negatives among the test records, left out of the mean.
    public var undefinedClasses: [String]
    /// Macro AUC on the validation folds at the best epoch; nil without validation folds.
    public var validationMacroAUC: Nullable<Double>
    /// The epoch that was tested, from 1.
    public var bestEpoch: Int
    /// Test records that the encoder has seen in pretraining, without their labels; nil if its run does not tell.
    public var testRecordsSeenInPretraining: Nullable<Int>
    /// Shares of the features' variance over test records that the axes of `embedding.csv` have.
    public var embeddingVariance: Nullable<[Double]>
    /// Seconds of training and testing.
    public var seconds: Double

    private enum CodingKeys: String, CodingKey {
      case task, `protocol`, encoder, seed, shards, version, records, ci95, classes, thresholds, seconds
      case trainFolds = "train_folds"
      case validationFolds = "validation_folds"
      case testFolds = "test_folds"
      case embeddingVariance = "embedding_variance"
      case trainRecords = "train_records"
      case validationRecords = "validation_records"
      case withoutLabel = "without_label"
      case macroAUC = "macro_auc"
      case macroAveragePrecision = "macro_average_precision"
      case fmax, f2, g2
      case macroAUCOfOriginal = "macro_auc_original"
      case cpscF1 = "cpsc_f1"
      case cpscGroups = "cpsc_groups"
      case ci95ByPatient = "ci95_by_patient"
      case undefinedClasses = "undefined_classes"
      case validationMacroAUC = "validation_macro_auc"
      case bestEpoch = "best_epoch"
      case testRecordsSeenInPretraining = "test_records_seen_in_pretraining"
    }
  }
}
