internal import ECGData

/// A stored encoder: a safetensors file with its tensors under PyTorch's names and shapes, and with what it is.
///
///     try encoder.write(to: "encoder.safetensors", metadata: ["rate_hz": "100"])
///     let file = try EncoderFile(contentsOf: "encoder.safetensors")
///     let features = try file.encoder.features(signals, lengths: nil, tape: nil)
///
/// What pretraining writes tells `rate_hz`, `normalization` and, as JSON, `statistics`: the leads' means and deviations by which
/// `per-lead` normalises. The metadata's `architecture` is `cpc`, `xresnet1d18`, …, `xresnet1d101` or `uresnet`, its `configuration` the sizes as
/// JSON. A file without them, as earlier versions wrote, is read by ``Module/load(contentsOf:)`` into a network at hand.
@ComputeActor public struct EncoderFile {
  /// The network.
  public let encoder: any SignalEncoder
  /// The metadata, `architecture` and `configuration` included.
  public let metadata: [String: String]

  static let architecture = "architecture"
  static let configuration = "configuration"
  static let normalization = "normalization"
  static let statistics = "statistics"

  /// Reads a file.
  ///
  /// - Throws: ``ECGData/ECGError`` naming the file: `malformed` if it is none or its sizes make no network, `unsupported` for
  ///   an architecture that is not known here, `mismatch` for tensors that are not its network's.
  public init(contentsOf path: String) throws {
    let (values, metadata) = try Checkpoint.read(path)
    do {
      let encoder = try Self.network(metadata, file: path)
      try encoder.load(values)
      self.encoder = encoder
    } catch let error as ECGError {
      throw error.located(file: path)
    }
    self.metadata = metadata
  }

  /// The network that a file's metadata tells of, without its parameters' values.
  static func network(_ metadata: [String: String], file: String) throws -> any SignalEncoder {
    guard let architecture = metadata[Self.architecture], let sizes = metadata[Self.configuration] else {
      throw ECGError(
        .unsupported, "does not say what network it holds", file: file,
        advice: "load it into a network at hand")
    }
    return try Parameter.withoutDrawing { try network(architecture, sizes, file: file) }
  }

  private static func network(_ architecture: String, _ sizes: String, file: String) throws
    -> any SignalEncoder
  {
    var generator = SplitMix64(state: 0)
    func sizesAs<Configuration: Decodable>(_ type: Configuration.Type) throws -> Configuration {
      try TextFile.decode(type, sizes, file: file)
    }
    let network: any SignalEncoder
    do {
      if architecture == "cpc" {
        network = try CPCNetwork(sizesAs(CPCNetwork.Configuration.self), generator: &generator)
      } else if architecture == "uresnet" {
        network = try UResNet(sizesAs(UResNet.Configuration.self), generator: &generator)
      } else if architecture.hasPrefix("xresnet1d") {
        network = try XResNet1d(sizesAs(XResNet1d.Configuration.self), generator: &generator)
      } else {
        throw ECGError(.unsupported, "holds a network of an unknown kind, \(architecture)")
      }
    } catch let error as ECGError where error.code == .invalidArgument {
      throw ECGError(.malformed, "its sizes make no network: \(error.message)")
    }
    guard network.architecture == architecture else {
      throw ECGError(.malformed, "holds an \(architecture), but the sizes of an \(network.architecture)")
    }
    return network
  }
}

extension SignalEncoder {
  /// What a file says of this network.
  func described() throws -> [String: String] {
    [EncoderFile.architecture: architecture, EncoderFile.configuration: try TextFile.json(configuration)]
  }
}

extension Module {
  /// Writes every parameter and buffer as a safetensors file, by rename; of an encoder also what it is.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - metadata: What else the file is to say, such as `rate_hz`.
  /// - Throws: ``ECGData/ECGError`` with code `inputOutput` if it cannot be written.
  public func write(to path: String, metadata: [String: String] = [:]) throws {
    let described = try (self as? any SignalEncoder)?.described() ?? [:]
    try Checkpoint.write(state(), metadata: metadata.merging(described) { $1 }, to: path)
  }

  /// Sets every parameter and buffer to those of a safetensors file, PyTorch's or ``write(to:metadata:)``'s.
  ///
  /// Nothing is changed unless everything fits.
  ///
  /// - Returns: the file's metadata.
  /// - Throws: ``ECGData/ECGError`` naming the file: `malformed` if it is none, `mismatch` for tensors that are not this
  ///   module's.
  @discardableResult public func load(contentsOf path: String) throws -> [String: String] {
    let (values, metadata) = try Checkpoint.read(path)
    do { try load(values) } catch let error as ECGError { throw error.located(file: path) }
    return metadata
  }
}
