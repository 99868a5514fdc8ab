internal import ECGData

/// The epochs of a run, as `metrics.jsonl` tells them.
struct RunCurve: Sendable {
  /// An epoch; nil is what its line does not tell.
  struct Epoch: Sendable, Decodable {
    /// From 0.
    var epoch: Int
    /// Of training.
    var loss: Double?
    var validationLoss: Double?
    var validationMacroAUC: Double?
    /// Standard deviation of the embeddings, by which a collapse is seen.
    var deviation: Double?
    var probe: Double?

    private enum CodingKeys: String, CodingKey {
      case epoch, loss
      case epochLoss = "epoch_loss"
      case validationLoss = "validation_loss"
      case validationMacroAUC = "validation_macro_auc"
      case deviation = "embedding_deviation"
      case probe = "probe_macro_auc"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      epoch = try values.decode(Int.self, forKey: .epoch)
      loss =
        try values.decodeIfPresent(Double.self, forKey: .epochLoss)
        ?? values.decodeIfPresent(Double.self, forKey: .loss)
      validationLoss = try values.decodeIfPresent(Double.self, forKey: .validationLoss)
      validationMacroAUC = try values.decodeIfPresent(Double.self, forKey: .validationMacroAUC)
      deviation = try values.decodeIfPresent(Double.self, forKey: .deviation)
      probe = try values.decodeIfPresent(Double.self, forKey: .probe)
    }
  }

  var epochs: [Epoch]

  /// Reads a run's metrics.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - key: What lines of epochs have; of a pretraining, others are of steps.
  /// - Throws: `ECGError` naming file and line.
  init(_ path: String, linesWith key: String) throws {
    let lines = try TextFile.read(path).split(separator: "\n")
    epochs = try lines.enumerated().compactMap { number, line in
      guard line.utf8.count < 1 << 16 else {
        throw ECGError(.malformed, "has a line of \(line.utf8.count) bytes", file: path, line: number + 1)
      }
      guard line.contains("\"\(key)\"") else { return nil }
      do {
        return try TextFile.decode(Epoch.self, String(line), file: path)
      } catch var error as ECGError {
        error.line = number + 1
        throw error
      }
    }
  }

  /// A quantity over epochs, counted from 1: of many epochs some, evenly spread, with the first and the last.
  func points(_ quantity: KeyPath<Epoch, Double?>) -> [LinePlot.Point] {
    let told = epochs.compactMap { epoch in
      epoch[keyPath: quantity].map { LinePlot.Point(x: Double(epoch.epoch) + 1, y: $0) }
    }
    guard told.count > RunCurve.most else { return told }
    return (0..<RunCurve.most).map { told[$0 * (told.count - 1) / (RunCurve.most - 1)] }
  }

  private static let most = 500
}
