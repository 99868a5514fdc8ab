import ECGData

/// A record of format 16 with a right header, to be made wrong by a test.
package struct WFDBFixture {
  package var name: String
  package var rate: String
  package var leads: [String]
  package var gain: String
  /// [frames, leads].
  package var samples: [Int16]

  package init(
    name: String = "rec", rate: String = "500", leads: [String] = WFDBFixture.capitalLeads,
    gain: String = "1000.0(0)/mV",
    samples: [Int16]
  ) {
    self.name = name
    self.rate = rate
    self.leads = leads
    self.gain = gain
    self.samples = samples
  }

  /// As PTB-XL writes them.
  package static let capitalLeads = Lead.names.map { $0.uppercased() }

  package var frameCount: Int { samples.count / leads.count }

  /// The samples little-endian.
  package var bytes: [UInt8] { WFDBFixture.bytes(samples) }

  package static func bytes(_ samples: [Int16]) -> [UInt8] {
    samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// A header in which initial values and checksums are the samples' own.
  package var header: String {
    let width = leads.count
    let lines = leads.enumerated().map { index, lead in
      let column = stride(from: index, to: samples.count, by: width).map { Int(samples[$0]) }
      let checksum = UInt16(truncatingIfNeeded: column.reduce(0, +))
      return "\(name).dat 16 \(gain) 16 0 \(column.first ?? 0) \(checksum) 0 \(lead)\n"
    }
    return "\(name) \(width) \(rate) \(frameCount)\n" + lines.joined()
  }

  /// Writes both files and returns the path without an extension.
  package func write(to directory: Directory, folder: String = "") throws -> String {
    let base = folder.isEmpty ? name : "\(folder)/\(name)"
    try directory.write(header, to: "\(base).hea")
    try directory.write(bytes, to: "\(base).dat")
    return directory.path(base)
  }

  /// Twelve leads that obey the limb-lead laws within the rounding, [frames, 12].
  package static func electrocardiogram(seed: UInt64, frames: Int) -> [Int16] {
    var generator = SplitMix64("fixture", seed)
    return (0..<frames).flatMap { frame -> [Int16] in
      func wave(_ period: Int, _ height: Int) -> Int {
        // Far enough from those of other seeds that no record is nearly another's copy.
        let place = (frame + Int(seed % 97) * 7) % period
        return abs(place - period / 2) * height / period + generator.index(below: 31) - 15
      }
      let one = wave(400, 600) - 150
      let two = wave(310, 900) - 225
      let chest = (0..<6).map { wave(200 + 30 * $0, 400 + 90 * $0) - 100 }
      let limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
      return (limb + chest).map { Int16($0) }
    }
  }
}
