/// What a filter lets pass, by its edges in Hz.
///
/// What an edge means is the filter's matter: −3 dB of a Butterworth filter, the end of the ripple of a
/// Chebyshev I or elliptic one, the begin of the stop-band of a Chebyshev II one, −6 dB of a windowed FIR one.
public enum FilterBand: Sendable, Equatable {
  /// All that is below the edge.
  case lowpass(Double)
  /// All that is above the edge.
  case highpass(Double)
  /// All that is between the edges.
  case bandpass(low: Double, high: Double)
  /// All but what is between the edges.
  case bandstop(low: Double, high: Double)

  /// The edges in Hz, the lower one first.
  public var edges: [Double] {
    switch self {
    case .lowpass(let edge), .highpass(let edge): [edge]
    case .bandpass(let low, let high), .bandstop(let low, let high): [low, high]
    }
  }

  /// Refuses edges that no filter can have at a sampling rate; at an infinite rate, at any.
  func check(rate: Double) throws {
    for edge in edges {
      guard edge > 0, edge.isFinite else {
        throw ECGError(.invalidArgument, "\(edge) Hz is not a positive frequency")
      }
      guard edge < rate / 2 else {
        throw ECGError(
          .invalidArgument,
          "\(edge) Hz is not below \(rate / 2) Hz, half the sampling rate")
      }
    }
    guard edges.count == 1 || edges[0] < edges[1] else {
      throw ECGError(
        .invalidArgument, "the lower edge of \(edges[0]) Hz is not below the upper one of \(edges[1]) Hz")
    }
  }
}
