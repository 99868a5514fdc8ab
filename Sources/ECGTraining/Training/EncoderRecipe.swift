public import ECGData

/// Which encoder is trained, and its sizes; `encoder` of a training recipe.
///
/// A key that the architecture does not use has no effect.
public struct EncoderRecipe: Codable, Sendable, Equatable {
  /// A network.
  public enum Architecture: String, Codable, Sendable, CaseIterable {
    /// ``CPCNetwork``.
    case cpc
    /// ``XResNet1d`` of 18, 34, 50 or 101 layers.
    case xresnet1d18, xresnet1d34, xresnet1d50, xresnet1d101
    /// ``UResNet``.
    case uresnet

    /// The depth of an ``XResNet1d``, or `nil` for another.
    var depth: Int? { rawValue.hasPrefix("xresnet1d") ? Int(rawValue.dropFirst(9)) : nil }
  }

  /// The network.
  public var architecture = Architecture.cpc
  /// Channels of a token of `cpc`, or within a block of an xresnet.
  public var width = 512
  /// Units of an LSTM layer of `cpc`.
  public var hidden = 512
  /// LSTM layers of `cpc`.
  public var layers = 2
  /// Whether the tokens of `cpc` are 16 samples apart, not one.
  public var strided = false
  /// Channels of the stem and of the blocks behind it, of `uresnet`.
  public var channels = [64, 128, 196, 256, 320]
  /// Rate of dropout of `uresnet`.
  public var dropout = 0.2

  /// The papers' sizes of an architecture.
  public init(_ architecture: Architecture = .cpc) {
    self.architecture = architecture
    if architecture.depth != nil { width = 64 }
  }

  /// Refuses sizes that make no network.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` naming the key.
  public func check() throws {
    for (name, value, most) in [("width", width, 8192), ("hidden", hidden, 8192), ("layers", layers, 16)] {
      guard (1...most).contains(value) else {
        throw ECGError(.invalidArgument, "recipe: encoder.\(name) is \(value), not 1 to \(most)")
      }
    }
    guard (2...8).contains(channels.count), channels.allSatisfy({ (1...4096).contains($0) }) else {
      throw ECGError(.invalidArgument, "recipe: encoder.channels are 2 to 8 numbers from 1 to 4096")
    }
    guard (0..<1).contains(dropout) else {
      throw ECGError(.invalidArgument, "recipe: encoder.dropout is 0, up to 1")
    }
  }

  /// Makes the network.
  ///
  /// - Parameters:
  ///   - frames: samples of a signal, which `uresnet` is made for.
  ///   - generator: draws its parameters.
  /// - Returns: the network.
  /// - Throws: `ECGError` for sizes that make none.
  @ComputeActor public func network(frames: Int, generator: inout SplitMix64) throws -> any SignalEncoder {
    try check()
    switch architecture {
    case .cpc:
      var configuration = CPCNetwork.Configuration(width: width, hidden: hidden, layers: layers)
      if strided {
        (configuration.kernels, configuration.strides) = (
          CPCNetwork.Configuration.strided().kernels, CPCNetwork.Configuration.strided().strides
        )
      }
      return try CPCNetwork(configuration, generator: &generator)
    case .xresnet1d18, .xresnet1d34, .xresnet1d50, .xresnet1d101:
      return try XResNet1d(.init(depth: architecture.depth ?? 50, width: width), generator: &generator)
    case .uresnet:
      return try UResNet(
        .init(frames: frames, channels: channels, dropout: Float(dropout)), generator: &generator)
    }
  }
}
