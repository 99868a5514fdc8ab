import Foundation
import TestSupport
import Testing

@testable import ECGData

/// A tree of `Fixtures/datasets`, with what `tools/golden/datasets.py` says that it holds.
struct DatasetFixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Label: Decodable, Sendable {
    var statement: Statement

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      statement = Statement(code: try values.decode(String.self), value: try values.decode(Float.self))
    }
  }

  struct Record: Decodable, Sendable {
    var patient: String?
    var age: Float?
    var sex: String
    var fold: UInt8
    var labels: [Label]
    /// Of the findings that table and reading make, sorted.
    var rules: [String]
    var errata: [String]
    /// The rule that leaves the record out; nothing below is told of such a record.
    var excluded: String?
    var rate: Double?
    /// Behind the cutting of padding.
    var frames: Int?
    /// µV of the twelve leads; nil where nothing was recorded.
    var first: [Double?]?
    var last: [Double?]?
  }

  private struct Told: Decodable, Sendable {
    var rate: Double?
    var unit: Double?
    var leads: [String]?
    var ids: String?

    enum CodingKeys: String, CodingKey {
      case rate, leads, ids
      case unit = "unit_uv"
    }
  }

  private struct Expected: Decodable {
    var trees: [DatasetFixture]
  }

  var folder: String
  var adapter: String
  private var options: Told
  /// Record and rule of what concerns no record.
  var findings: [[String]]
  var unlisted: [String]
  var records: [String: Record]

  var testDescription: String { folder }

  static let root = Repository.root.appending(path: "Fixtures/datasets").path()

  /// All trees; the tests of their number see it if they cannot be read.
  static let all: [DatasetFixture] =
    (try? JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: URL(filePath: root + "/expected.json"))))?.trees ?? []

  static func named(_ folder: String) throws -> DatasetFixture {
    guard let tree = all.first(where: { $0.folder == folder }) else { throw NothingThrown() }
    return tree
  }

  var path: String { DatasetFixture.root + "/" + folder }

  /// Whether its layout is told by nothing, so that it is opened by name.
  var isGeneric: Bool { adapter == HDF5Collection.name || adapter == CSVCollection.name }

  var sourceOptions: SourceOptions {
    var result = SourceOptions()
    result.rate = options.rate
    result.microvoltsPerUnit = options.unit
    result.leads = options.leads
    result.ids = options.ids
    return result
  }

  func open(_ change: (inout SourceOptions) -> Void = { _ in }) throws -> any Dataset {
    var options = sourceOptions
    change(&options)
    return try Datasets.open(path, as: isGeneric ? adapter : "auto", options: options)
  }
}

extension Recording {
  /// µV of the twelve leads at a frame, from channels of their names alone.
  func microvolts(frame: Int) throws -> [Double?] {
    var values = [Double?](repeating: nil, count: Lead.count)
    for (index, channel) in channels.enumerated() {
      guard let name = LeadName(channel.name) else { continue }
      let value = try microvolts(channel: index)[frame]
      values[name.lead.rawValue] = value.isNaN ? nil : value
    }
    return values
  }
}
