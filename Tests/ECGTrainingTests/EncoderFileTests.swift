import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// Encoders as files, to and from PyTorch.
@Suite @ComputeActor struct EncoderFileTests {
  private nonisolated static let folder = ProcessInfo.processInfo.environment["EINTHOVEN_ENCODERS"]
  nonisolated static let names = ["cpc", "cpc-strided", "xresnet1d18", "xresnet1d50", "uresnet"]

  private static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "Fixtures/golden/encoder_files/\(name).safetensors").path()
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "encoders-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try body(folder)
  }

  /// Networks of sizes other than the defaults, and the samples of their signals.
  private func networks() throws -> [String: (encoder: any SignalEncoder, samples: Int)] {
    var generator = SplitMix64("encoder files")
    var strided = CPCNetwork.Configuration(width: 6, hidden: 5, layers: 1)
    (strided.kernels, strided.strides) = ([8, 3, 1], [4, 3, 1])
    return try [
      "cpc": (CPCNetwork(.init(leads: 8, width: 6, hidden: 5, layers: 3), generator: &generator), 30),
      "cpc-strided": (CPCNetwork(strided, generator: &generator), 50),
      "xresnet1d34": (
        XResNet1d(.init(leads: 2, depth: 34, stem: [3, 4, 5], width: 6, kernel: 7), generator: &generator), 80
      ),
      "uresnet": (
        UResNet(.init(leads: 3, frames: 128, channels: [3, 4, 5, 6], kernel: 5), generator: &generator), 128
      ),
    ]
  }

  /// As `save_encoder` wrote them.
  @Test(arguments: names) func readsWhatPyTorchWrote(name: String) throws {
    let golden = try #require(try Golden.read("encoder_files/features")[name])
    let file = try EncoderFile(contentsOf: Self.path(name))
    #expect(file.metadata["method"] == name && file.metadata["rate_hz"] == "100.0")
    let features = try file.encoder.features(golden.tensor("x"), lengths: nil, tape: nil)
    try golden.expect(features, equals: "features")
  }

  @Test func readsWhatItWrote() throws {
    try withFolder { folder in
      for (name, (network, samples)) in try networks() {
        let path = "\(folder)/\(name).safetensors"
        // Moves the running statistics.
        let x = try normal(4, leads(of: network), samples)
        _ = try network.features(x, lengths: nil, tape: Tape())
        try network.write(to: path, metadata: ["rate_hz": "100", "architecture": "other"])
        let file = try EncoderFile(contentsOf: path)
        #expect(file.encoder.architecture == network.architecture && file.metadata["rate_hz"] == "100")
        #expect(try file.encoder.described() == network.described())
        #expect(try file.encoder.state() == network.state())
        let (ours, theirs) = try (
          network.features(x, lengths: nil, tape: nil), file.encoder.features(x, lengths: nil, tape: nil)
        )
        #expect(try ours.values == theirs.values)
        #expect(try network.load(contentsOf: path)["rate_hz"] == "100")
      }
    }
  }

  private func leads(of network: any SignalEncoder) -> Int {
    switch network {
    case let network as CPCNetwork: network.configuration.leads
    case let network as XResNet1d: network.configuration.leads
    case let network as UResNet: network.configuration.leads
    default: 0
    }
  }

  /// For `tools/python/check_encoders.py`: each network, with signals and the features of them.
  @Test(.enabled(if: folder != nil, "EINTHOVEN_ENCODERS names no folder")) func writesForPyTorch() throws {
    let folder = try #require(Self.folder)
    for (name, (network, samples)) in try networks() {
      let x = try normal(4, leads(of: network), samples)
      _ = try network.features(x, lengths: nil, tape: Tape())
      try network.write(to: "\(folder)/\(name).safetensors", metadata: ["method": name])
      let features = try network.features(x, lengths: nil, tape: nil)
      try Checkpoint.write(
        [
          NamedValues(name: "x", shape: x.shape, values: x.values),
          NamedValues(name: "features", shape: features.shape, values: features.values),
        ], metadata: [:], to: "\(folder)/\(name).features.safetensors")
    }
  }

  private nonisolated static let sizes =
    #"{"leads":2,"width":3,"hidden":3,"layers":1,"kernels":[1],"strides":[1]}"#

  @Test(arguments: [
    ("cpc", nil, ECGError.Code.unsupported), ("transformer", sizes, .unsupported), ("cpc", "{", .malformed),
    ("cpc", sizes.replacing("\"layers\":1", with: "\"layers\":1000000000"), .malformed),
    ("cpc", sizes.replacing("\"width\":3", with: "\"width\":4611686018427387904"), .malformed),
    ("cpc", sizes.replacing("\"width\":3", with: "\"width\":30000"), .mismatch),
    ("cpc", sizes.replacing("\"strides\":[1]", with: "\"strides\":[2]"), .malformed),
    ("xresnet1d50", #"{"leads":2,"depth":18,"stem":[3,3,3],"width":3,"kernel":3}"#, .malformed),
    ("uresnet", #"{"leads":2,"frames":-16,"channels":[3,3],"kernel":5,"dropout":0}"#, .malformed),
    ("uresnet", #"{"leads":2,"frames":16,"channels":[3,3],"kernel":5,"dropout":2}"#, .malformed),
  ])
  func refusesFilesOfNoNetwork(architecture: String, sizes: String?, code: ECGError.Code) throws {
    try withFolder { folder in
      var generator = SplitMix64(state: 1)
      let path = "\(folder)/encoder.safetensors"
      let network = try CPCNetwork(.init(leads: 2, width: 3, hidden: 3, layers: 1), generator: &generator)
      var metadata = ["architecture": architecture]
      metadata["configuration"] = sizes
      try Checkpoint.write(network.state(), metadata: metadata, to: path)
      let error = #expect(throws: ECGError.self) { try EncoderFile(contentsOf: path) }
      #expect(error?.code == code && error?.file == path)
    }
  }
}
