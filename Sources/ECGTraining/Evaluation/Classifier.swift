internal import ECGData

/// What makes classes of an encoder's features.
public enum ClassifierHead: String, Codable, Sendable, CaseIterable {
  /// ``mlp`` for fine-tuning, else ``linear``.
  case auto
  /// A linear layer.
  case linear
  /// BN–Dropout .25–512–ReLU–BN–Dropout .5–linear: the two layers behind the LSTM of Mehari and Strodthoff (2022).
  case mlp
}

/// An encoder with a head on its pooled features.
@ComputeActor final class Classifier: Module {
  let encoder: any SignalEncoder
  /// C.
  let classCount: Int
  private let head: any Layer
  private let type: ElementType

  /// - Parameters:
  ///   - encoder: What makes the features.
  ///   - classes: Their number.
  ///   - isDeep: Whether the head is ``ClassifierHead/mlp``.
  ///   - precision: The numbers in which the encoder computes.
  ///   - generator: Draws the head.
  /// - Throws: `ECGError` for sizes that make no layer, or bfloat16 where it cannot be computed in.
  init(
    _ encoder: any SignalEncoder, classes: Int, isDeep: Bool = false, precision: Precision = .float32,
    generator: inout SplitMix64
  ) throws {
    self.encoder = encoder
    classCount = classes
    type = try precision.elementType
    let inputs = encoder.featureCount
    guard isDeep else {
      head = try Linear(inputs: inputs, outputs: classes, generator: &generator)
      return
    }
    let hidden = 512
    head = Sequential([
      try BatchNorm1d(channels: inputs), try Dropout(rate: 0.25, generator: &generator),
      try Linear(inputs: inputs, outputs: hidden, generator: &generator), ReLU(),
      try BatchNorm1d(channels: hidden), try Dropout(rate: 0.5, generator: &generator),
      try Linear(inputs: hidden, outputs: classes, generator: &generator),
    ])
  }

  var children: [(name: String, module: any Module)] {
    // The encoder's tensors keep the names they have in its own file.
    encoder.children + [(name: "head", module: head)]
  }

  /// The parameters of the head.
  var headParameters: [(name: String, parameter: Parameter)] {
    // An encoder may have a head of its own, which is none of them.
    head.parameters.map { (name: "head.\($0.name)", parameter: $0.parameter) }
  }

  /// The encoder's features of crops; one without a valid sample counts as one of its padding.
  func features(_ crops: Tensor, valid: [Int], tape: Tape? = nil) throws -> Tensor {
    try encoder.features(crops.converted(to: type), lengths: valid.map { max(1, $0) }, tape: tape)
  }

  /// Logits [B, classes] from features [B, F].
  func logits(features: Tensor, tape: Tape? = nil) throws -> Tensor {
    try head(features, tape: tape)
  }
}
