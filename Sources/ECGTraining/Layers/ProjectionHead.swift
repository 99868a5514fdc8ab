public import ECGData

/// The small network between an encoder's features and an objective that compares views: Linear–ReLU–Linear.
///
/// With batch normalisation before the ReLU where the paper has it; the first layer then has no bias, as the
/// normalisation's shift takes its place. Objectives bring the results to length 1 themselves. The heads of Mehari and
/// Strodthoff (2022), on 512 features:
///
/// | head | | named |
/// | --- | --- | --- |
/// | SimCLR | 512–512(ReLU)–16 | `0.*`, `2.*` |
/// | BYOL, projector | 512–512(BN, ReLU)–16 | `0.weight`, `1.*`, `3.*` |
/// | BYOL, predictor | 16–512(BN, ReLU)–16 | `0.weight`, `1.*`, `3.*` |
/// | SwAV, before the prototypes | 512–2048(BN, ReLU)–128 | `0.weight`, `1.*`, `3.*` |
public struct ProjectionHead: Codable, Sendable, Equatable {
  /// Units of the hidden layer.
  public var hidden: Int
  /// Numbers of an embedding.
  public var outputs: Int
  /// Whether the hidden layer is normalised.
  public var isNormalized: Bool

  private enum CodingKeys: String, CodingKey {
    case hidden, outputs
    case isNormalized = "normalized"
  }

  /// A head of these sizes.
  public init(hidden: Int, outputs: Int, isNormalized: Bool) {
    self.hidden = hidden
    self.outputs = outputs
    self.isNormalized = isNormalized
  }

  /// SimCLR's.
  public static let simCLR = ProjectionHead(hidden: 512, outputs: 16, isNormalized: false)
  /// BYOL's projector, and, on its 16 numbers, the predictor.
  public static let byol = ProjectionHead(hidden: 512, outputs: 16, isNormalized: true)
  /// SwAV's.
  public static let swAV = ProjectionHead(hidden: 2048, outputs: 128, isNormalized: true)

  /// The network, [B, inputs] → [B, outputs], drawn as PyTorch's layers are by default.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no network.
  @ComputeActor public func network(inputs: Int, generator: inout SplitMix64) throws -> Sequential {
    let first = try Linear(inputs: inputs, outputs: hidden, bias: !isNormalized, generator: &generator)
    let last = try Linear(inputs: hidden, outputs: outputs, generator: &generator)
    return Sequential(
      isNormalized ? [first, try BatchNorm1d(channels: hidden), ReLU(), last] : [first, ReLU(), last])
  }
}
