internal import ECGData
internal import Foundation

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

  /// Reads a run's metrics, which a long pretraining has hundreds of megabytes of.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - key: What lines of epochs have; of a pretraining, others are of steps.
  /// - Throws: `ECGError` naming file and line.
  init(_ path: String, linesWith key: String) throws {
    var epochs: [Epoch] = []
    try RunCurve.eachLine(path) { number, line in
      guard line.contains("\"\(key)\"") else { return }
      do {
        epochs.append(try TextFile.decode(Epoch.self, line, file: path))
      } catch var error as ECGError {
        error.line = number
        throw error
      }
    }
    self.epochs = epochs
  }

  /// Bytes that are read at once, and that a line has at most.
  private static let chunk = 1 << 20

  private static func eachLine(_ path: String, _ body: (Int, String) throws -> Void) throws {
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    guard type == .typeRegular, let handle = FileHandle(forReadingAtPath: path) else {
      throw ECGError(.notFound, "is no file that can be read", file: path)
    }
    defer { try? handle.close() }
    var (rest, number): ([UInt8], Int) = ([], 0)
    while true {
      let read: Data?
      do { read = try handle.read(upToCount: chunk) } catch {
        throw ECGError(.inputOutput, "cannot be read: \(error.localizedDescription)", file: path)
      }
      let isAtEnd = read?.isEmpty ?? true
      rest += read ?? Data()
      var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      // What is behind the last end of a line goes on in the next bytes.
      let open = isAtEnd ? [] : Array(lines.removeLast())
      for line in lines {
        number += 1
        try body(number, String(decoding: line, as: UTF8.self))
      }
      if isAtEnd { return }
      rest = open
      guard rest.count <= chunk else {
        throw ECGError(.malformed, "has a line of more than \(chunk) bytes", file: path, line: number + 1)
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
