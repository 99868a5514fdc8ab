internal import ECGData

/// A network that makes of a signal the features on which a classifier or an objective works.
@ComputeActor public protocol SignalEncoder: Module {
  /// The sizes of such a network.
  associatedtype Configuration: Codable & Sendable
  /// What it is in a file: `cpc`, `xresnet1d50` and so on.
  var architecture: String { get }
  /// The sizes it was made with.
  var configuration: Configuration { get }
  /// F, the number of features.
  var featureCount: Int { get }
  /// Features [B, F], Float32, of signals [B, leads, T], in whatever type these are.
  ///
  /// - Parameters:
  ///   - signals: [B, leads, T].
  ///   - lengths: the valid samples of every signal, each in 1 … T; all if left out.
  ///   - tape: What records them.
  /// - Returns: [B, F].
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if shapes or lengths do not fit.
  func features(_ signals: Tensor, lengths: [Int]?, tape: Tape?) throws -> Tensor
  /// The layers with shapes, parameters and work for signals of `frames` samples.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for a length that the network cannot take.
  func summary(frames: Int) throws -> NetworkSummary
}

extension SignalEncoder {
  /// Of a result's steps, one every so many samples, those that begin in each signal's valid samples; nil for all.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for lengths that are not one in 1 … T for each signal.
  func validSteps(of signals: Tensor, _ lengths: [Int]?, every stride: Int, upTo steps: Int) throws -> [Int]?
  {
    guard let lengths else { return nil }
    return try Tensor.checkedLengths(lengths, batch: signals.shape[0], steps: signals.shape[2]).map {
      min(steps, (Int($0) - 1) / stride + 1)
    }
  }
}
