internal import ECGData

/// Networks and optimisers as safetensors files, under PyTorch's names and shapes.
///
/// Everything is F32 but `num_batches_tracked`, which is I64 as in PyTorch.
enum Checkpoint {
  /// Writes named values; the metadata tells how they came about.
  static func write(_ values: [NamedValues], metadata: [String: String], to path: String) throws {
    let tensors = values.map { entry in
      if entry.name.hasSuffix("num_batches_tracked") {
        SafetensorsFile.Tensor(
          name: entry.name, type: .int64, shape: entry.shape,
          values: entry.values.map { Int64(exactly: $0.rounded()) ?? .max })
      } else {
        SafetensorsFile.Tensor(name: entry.name, type: .float32, shape: entry.shape, values: entry.values)
      }
    }
    try SafetensorsFile(tensors, metadata: metadata).write(to: path)
  }

  /// Reads what ``write(_:metadata:to:)`` wrote, or what PyTorch's users stored.
  static func read(_ path: String) throws -> (values: [NamedValues], metadata: [String: String]) {
    let file = try SafetensorsFile(contentsOf: path)
    do {
      let values = try file.tensors.map { tensor in
        let values = try tensor.floats()
        guard values.allSatisfy({ $0.isFinite && abs($0) < 1e30 }) else {
          throw ECGError(.malformed, "tensor \(tensor.name) has values that are no numbers")
        }
        return NamedValues(name: tensor.name, shape: tensor.shape, values: values)
      }
      return (values, file.metadata)
    } catch let error as ECGError {
      throw error.located(file: path)
    }
  }
}
