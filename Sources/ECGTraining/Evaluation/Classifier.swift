internal import ECGData

/// An encoder with a linear layer on its pooled features.
@ComputeActor final class Classifier: Module {
  let encoder: any SignalEncoder
  private let head: Linear
  private let type: ElementType

  /// - Parameters:
  ///   - encoder: What makes the features.
  ///   - classes: Their number.
  ///   - precision: The numbers in which the encoder computes.
  ///   - generator: Draws the layer.
  /// - Throws: `ECGError` for sizes that make no layer, or bfloat16 where it cannot be computed in.
  init(
    _ encoder: any SignalEncoder, classes: Int, precision: Precision = .float32,
    generator: inout SplitMix64
  ) throws {
    self.encoder = encoder
    type = try precision.elementType
    head = try Linear(inputs: encoder.featureCount, outputs: classes, generator: &generator)
  }

  var children: [(name: String, module: any Module)] {
    // The encoder's tensors keep the names they have in its own file.
    encoder.children + [(name: "head", module: head)]
  }

  /// The parameters of the linear layer.
  var headParameters: [(name: String, parameter: Parameter)] {
    parameters.filter { $0.name.hasPrefix("head.") }
  }

  /// The encoder's features of crops; one without a valid sample counts as one of its padding.
  func features(_ crops: Tensor, valid: [Int], tape: Tape? = nil) throws -> Tensor {
    try encoder.features(crops.converted(to: type), lengths: valid.map { max(1, $0) }, tape: tape)
  }

  /// Logits [B, classes] from features [B, 3·H].
  func logits(features: Tensor, tape: Tape? = nil) throws -> Tensor {
    try head(features, tape: tape)
  }
}
