import Foundation

/// One line of the results.
struct Row {
  var group: String
  var name: String
  /// What the rates count, such as records.
  var unit: String
  /// Bytes of payload in one of them.
  var bytes: Int
  /// Blocks of memory that ours asks for in one of them; nil if not counted.
  var allocations: Int?
  var peerName: String?
  var result: Duel.Result

  private func megabytes(_ rate: Double) -> Double { rate * Double(bytes) / 1e6 }

  static let heading = line("name", "ours/s", "MB/s", "allocs", "peer", "peer/s", "MB/s", "ratio")

  /// The row in columns under ``heading``.
  var text: String {
    let count = allocations.map(String.init) ?? "-"
    guard let peer = result.peer, let peerName else {
      return Row.line(
        name, rate(result.ours), fixed(megabytes(result.ours), 0), count, "-", "-", "-", "-")
    }
    let range = "(\(fixed(result.ratios[0], 2))…\(fixed(result.ratios[result.ratios.count - 1], 2)))"
    return Row.line(
      name, rate(result.ours), fixed(megabytes(result.ours), 0), count, peerName, rate(peer),
      fixed(megabytes(peer), 0), "\(fixed(median(result.ratios), 2)) \(range)")
  }

  /// The row as one line of JSON.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let values = Values(
        group: group, name: name, unit: "\(unit)/s", ours: result.ours,
        ours_mb_per_second: megabytes(result.ours), allocations: allocations, peer_name: peerName,
        peer: result.peer,
        peer_mb_per_second: result.peer.map(megabytes),
        ratio: result.ratios.isEmpty ? nil : median(result.ratios), ratio_low: result.ratios.first,
        ratio_high: result.ratios.last)
      return String(decoding: try encoder.encode(values), as: UTF8.self)
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Values: Encodable {
    var group, name, unit: String
    var ours, ours_mb_per_second: Double
    var allocations: Int?
    var peer_name: String?
    var peer, peer_mb_per_second, ratio, ratio_low, ratio_high: Double?
  }

  private static func line(
    _ name: String, _ ours: String, _ megabytes: String, _ allocations: String, _ peer: String,
    _ rate: String,
    _ peerMegabytes: String, _ ratio: String
  ) -> String {
    func left(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    return left(name, 30) + right(ours, 8) + right(megabytes, 7) + right(allocations, 8) + "  "
      + left(peer, 32) + right(rate, 8)
      + right(peerMegabytes, 7) + "  " + ratio
  }
}

/// A rate, with decimals where there are few.
private func rate(_ value: Double) -> String { fixed(value, value < 100 ? 3 : 0) }

private func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
