import Foundation
import Testing

@testable import ECGData

/// What one record adds to a simulated tree, taken apart by this file's own means: WFDB and CSV by their bytes, HDF5 rows
/// as they are handed on; MATLAB v5 by its reader, which is compared with SciPy elsewhere.
struct PlantedRecord {
  let layout: String
  let content: SimulatedContent
  /// The numbers as they are stored, lead by lead, NaN where one is missing; empty without a signal.
  let leads: [[Double]]

  init(layout: String, content: SimulatedContent) throws {
    self.layout = layout
    self.content = content
    leads = try Self.leads(layout, content)
  }

  // MARK: Files

  var header: SimulatedContent.File? { content.files.last { $0.path.hasSuffix(".hea") } }
  var signal: SimulatedContent.File? {
    content.files.last {
      $0.path.hasSuffix(".dat") || $0.path.hasSuffix(".mat") || $0.path.hasPrefix("ECGData/")
    }
  }
  var headerLines: [[String]] {
    String(decoding: header?.bytes ?? [], as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }
  }
  /// The lines of the twelve signals.
  var signalLines: [[String]] { Array(headerLines.dropFirst().prefix(12)) }

  /// What a header, a table or a workbook says under one of these names.
  func field(_ names: String...) throws -> String? {
    for line in String(decoding: header?.bytes ?? [], as: UTF8.self).split(separator: "\n")
    where line.hasPrefix("#") {
      let sides = line.dropFirst().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      if sides.count == 2, names.contains(sides[0].trimmingCharacters(in: .whitespaces)) {
        return sides[1].trimmingCharacters(in: .whitespaces)
      }
    }
    let tables = try Simulation(layout: layout, records: 8, seed: 11).form.tables
    for line in content.lines where !line.table.hasPrefix("simulation/") && isTruth(line.table) {
      let columns =
        PTBXLSimulationTests.table(plain(tables.first { $0.path == line.table }?.header ?? "")).first ?? []
      let fields = PTBXLSimulationTests.table(plain(line.text)).first ?? []
      for (column, field) in zip(columns, fields) where names.contains(column) { return field }
    }
    for (column, cell) in zip(ChapmanDiagnostics.columns, content.cells) where names.contains(column) {
      if case .text(let text) = cell { return text }
      return ""
    }
    return nil
  }

  /// The same, which must be there.
  func text(_ names: String...) throws -> String {
    for name in names {
      if let field = try field(name) { return field }
    }
    throw ECGError(.notFound, "no field is named \(names)")
  }

  private func plain(_ text: String) -> String { text.replacingOccurrences(of: "\r\n", with: "\n") }

  private func isTruth(_ table: String) -> Bool {
    !table.hasPrefix("annotations/") || table == "annotations/gold_standard.csv"
  }

  /// Files and tables that differ.
  func differences(from other: PlantedRecord) -> [String] {
    var paths: Set<String> = []
    for (one, two) in [(content, other.content), (other.content, content)] {
      for file in one.files where two.files.first(where: { $0.path == file.path })?.bytes != file.bytes {
        paths.insert(file.path)
      }
    }
    func lines(_ content: SimulatedContent, _ table: String) -> [String] {
      content.lines.filter { $0.table == table }.map(\.text)
    }
    let tables = Set((content.lines + other.content.lines).map(\.table)).filter {
      !$0.hasPrefix("simulation/")
    }
    return paths.sorted() + tables.filter { lines(content, $0) != lines(other.content, $0) }.sorted()
  }

  private static func leads(_ layout: String, _ content: SimulatedContent) throws -> [[Double]] {
    func columns(_ values: [Double]) -> [[Double]] {
      (0..<12).map { lead in stride(from: lead, to: values.count - 11 + lead, by: 12).map { values[$0] } }
    }
    if !content.row.isEmpty { return columns(content.row.map(Double.init)) }
    guard
      let file = content.files.last(where: {
        $0.path.hasSuffix(".dat") || $0.path.hasSuffix(".mat") || $0.path.hasPrefix("ECGData/")
      })
    else { return [] }
    if layout == CPSC2018.name {
      guard let data = try? MATFile(bytes: file.bytes, file: file.path).numeric("ECG", "data") else {
        return []
      }
      return columns(data.doubles)
    }
    if layout == Chapman.name {
      let rows = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").dropFirst()
        .map { $0.split(separator: ",").map { Double($0) ?? .nan } }
      return rows.allSatisfy { $0.count == 12 } ? columns(rows.flatMap { $0 }) : []
    }
    let bytes = file.bytes.dropFirst(file.path.hasSuffix(".mat") ? 24 : 0)
    guard bytes.count.isMultiple(of: 24) else { return [] }
    let start = bytes.startIndex
    return columns(
      (0..<(bytes.count / 2)).map { index in
        let value = Int16(
          bitPattern: UInt16(bytes[start + 2 * index]) | UInt16(bytes[start + 2 * index + 1]) << 8)
        return value == .min ? .nan : Double(value)
      })
  }

  /// Where the signal begins in a row that zeros fill up.
  var offset: Int {
    content.row.isEmpty
      ? 0 : (0..<(leads.first?.count ?? 0)).first { frame in leads.contains { $0[frame] != 0 } } ?? 0
  }
}

extension PlantedRecord {
  /// Checks that a defect is there, and in the samples nowhere else.
  func expect(_ truth: DefectTruth.Row, _ clean: PlantedRecord) throws {
    try expectFiles(truth, clean)
    try expectHeader(truth, clean)
    try expectSamples(truth, clean)
    try expectTables(truth, clean)
  }

  private func expectFiles(_ truth: DefectTruth.Row, _ clean: PlantedRecord) throws {
    switch truth.kind {
    case .missingSignal: #expect(signal == nil && header != nil && clean.signal != nil)
    case .missingHeader: #expect(header == nil && signal != nil && clean.header != nil)
    case .truncatedSignal:
      let (short, long) = (try #require(signal).bytes, try #require(clean.signal).bytes)
      #expect(short.count < long.count && short.count > long.count / 8 && long.starts(with: short))
    case .rowWithoutRecord:
      #expect(signal == nil && header == nil)
      #expect(content.row.allSatisfy { $0 == 0 } && content.rowID == 0)
      #expect(
        content.lines.map(\.text) == clean.content.lines.map(\.text) && content.cells == clean.content.cells)
    case .recordWithoutRow:
      #expect(
        signal?.bytes == clean.signal?.bytes && content.row == clean.content.row && content.cells.isEmpty)
      #expect(content.lines.allSatisfy { $0.table.hasPrefix("simulation/") || $0.text.hasSuffix("/\n") })
    case .wrongSHA256:
      for file in content.files where file.path.hasSuffix(".hea") {
        #expect(
          file.published == clean.content.files.first { $0.path == file.path }?.bytes
            && file.published != file.bytes)
      }
    case .wrongContainer:
      let bytes = try #require(signal).bytes
      let columns = (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
      #expect(columns != Int(headerLines[0][3]))
    case .repeatedID:
      let isTwice =
        content.files.count > clean.content.files.count || content.lines.count > clean.content.lines.count
      #expect(isTwice)
    case .zeroID:
      #expect(content.rowID == 0 && clean.content.rowID != 0 && content.row.allSatisfy { $0 == 0 })
    default: break
    }
  }

  private func expectHeader(_ truth: DefectTruth.Row, _ clean: PlantedRecord) throws {
    func gains(_ record: PlantedRecord) -> [String] { record.signalLines.map { $0[2] } }
    func lead(_ line: [String]) -> String? { LeadName(line.last ?? "")?.lead.name }
    switch truth.kind {
    case .fusedHeader:
      #expect(headerLines.count == clean.headerLines.count - 1)
      #expect(headerLines[0].count > clean.headerLines[0].count)
    case .recordNameSuffix: #expect(headerLines[0][0] == clean.headerLines[0][0] + ".mat")
    case .wrongLength:
      #expect(Int(headerLines[0][3]) != leads[0].count && Int(clean.headerLines[0][3]) == leads[0].count)
    case .wrongRate: #expect(Double(headerLines[0][2]) != Double(clean.headerLines[0][2]))
    case .wrongChecksum:
      for (line, samples) in zip(signalLines, leads) {
        let sum = UInt16(truncatingIfNeeded: samples.reduce(0) { $0 + Int($1) })
        let isRight = Int(line[6]) == Int(sum) || Int(line[6]) == Int(Int16(bitPattern: sum))
        #expect(isRight != (lead(line) == truth.leads.first))
      }
    case .wrongInitialValue:
      for (line, samples) in zip(signalLines, leads) {
        #expect((Int(line[5]) == Int(samples[0])) != (lead(line) == truth.leads.first))
      }
    case .repeatedLead where layout == Chapman.name:
      let names = String(decoding: try #require(signal).bytes, as: UTF8.self).prefix { $0 != "\n" }.split(
        separator: ",")
      #expect(Set(names).count == 11)
    case .repeatedLead:
      #expect(
        Set(signalLines.compactMap(lead))
          == Set(clean.signalLines.compactMap(lead)).subtracting([truth.leads[1]]))
    case .gain2000000: #expect(gains(self).allSatisfy { $0.hasPrefix("2000000") } && gains(self).count == 12)
    case .gain4880: #expect(gains(self).allSatisfy { $0.hasPrefix("4880") } && gains(self).count == 12)
    case .gain200:
      #expect(
        gains(self).allSatisfy { $0.hasPrefix("200(") || $0.hasPrefix("200/") } && gains(self).count == 12)
    case .uncalibrated:
      #expect(gains(self).allSatisfy { $0.hasPrefix("0(") || $0.hasPrefix("0/") } && gains(self).count == 12)
    case .negativeGain:
      #expect(zip(gains(self), gains(clean)).allSatisfy { $0 == "-" + $1 } && gains(self).count == 12)
    case .unknownUnit: #expect(gains(self).allSatisfy { $0.hasSuffix("/mmHg") } && gains(self).count == 12)
    case .wrongUnit where header != nil:
      #expect(gains(self).allSatisfy { $0.hasSuffix("/uV") } && gains(self).count == 12)
    default: break
    }
  }

  private func expectSamples(_ truth: DefectTruth.Row, _ clean: PlantedRecord) throws {
    let chosen = try truth.leads.map { name in try #require(Lead.names.firstIndex(of: name)) }
    /// What the leads should be, except by as much as rounding does.
    func expect(_ expected: [[Double]], within tolerance: Double = 0) {
      #expect(leads.count == 12 && expected.count == 12)
      for (lead, (one, two)) in zip(leads, expected).enumerated() {
        let isEqual =
          one.count == two.count
          && zip(one, two).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN || abs($0 - $1) <= tolerance }
        #expect(isEqual, "lead \(lead)")
      }
    }
    func changed(_ leads: [Int], _ body: ([Double]) -> [Double]) -> [[Double]] {
      clean.leads.enumerated().map { leads.contains($0) ? body($1) : $1 }
    }
    func within(_ frame: Int) -> Bool {
      guard let from = truth.from, let to = truth.to else { return true }
      return (from + clean.offset..<to + clean.offset).contains(frame)
    }
    // A step of the converter, and a µV of the file.
    let step =
      switch layout {
      case CPSC2018.name: 0.001
      case Chapman.name: 4.88
      case ChapmanWFDB.name: 6.5
      default: content.row.isEmpty ? 1 : 1e-6
      }
    switch truth.kind {
    case .missingSamples: expect(changed(chosen) { $0.enumerated().map { within($0) ? .nan : $1 } })
    case .flatLead, .zeroChestLeads: expect(changed(chosen) { $0.map { _ in 0 } })
    case .zeroRecord: expect(changed(Array(0..<12)) { $0.map { _ in 0 } })
    case .dropout:
      expect(
        changed(chosen) { line in
          line.enumerated().map { within($0) ? line[(truth.from ?? 0) + clean.offset] : $1 }
        })
    case .saturated:
      let (low, high) = (clean.leads[chosen[0]].min() ?? 0, clean.leads[chosen[0]].max() ?? 0)
      let line = leads[chosen[0]]
      #expect(line.count { $0 == line.max() } > 5 && (line.max() ?? 0) < high - (high - low) / 5)
      expect(changed(chosen) { _ in line })
    case .shortRecord:
      #expect((leads.first?.count ?? 0) < (clean.leads.first?.count ?? 0))
      expect(clean.leads.map { Array($0.prefix(leads.first?.count ?? 0)) })
    case .oddPadding: expect(changed(Array(0..<12)) { $0.enumerated().map { within($0) ? $1 : 0 } })
    case .invertedLimbLead, .invertedChestLead: expect(changed(chosen) { $0.map { -$0 } })
    case .swappedLimbLeads, .swappedChestLeads:
      var expected = clean.leads
      expected.swapAt(chosen[0], chosen[1])
      expect(expected)
    case .leadOrder: expect([0, 1, 2, 4, 5, 3, 6, 7, 8, 9, 10, 11].map { clean.leads[$0] })
    case .doubleAmplitude:
      expect(clean.leads.map { $0.map { 2 * $0 } }, within: 1.01 * step)
    case .wrongUnit where header == nil:
      let factor = layout == Chapman.name ? 10.0 : 1000
      expect(
        clean.leads.map { $0.map { factor * $0 } },
        within: layout == Chapman.name || layout == CPSC2018.name ? factor * step : 1)
    case .duplicate, .duplicateRelabelled, .duplicateScaled:
      let planted = try #require(truth.other)
      let simulation = try Simulation(layout: layout, records: 8, seed: 11)
      let place = try #require((0..<8).first { simulation.form.id(of: $0) == planted })
      let other = try PlantedRecord(layout: layout, content: simulation.content(of: place))
      let scale = truth.scale ?? 1
      expect(other.leads.map { $0.map { scale * $0 } }, within: scale == 1 ? 0 : 2.6 * step)
    default:
      // Kinds of headers and tables leave the samples alone.
      let kinds: [SimulatedDefect.Kind] = [
        .missingSignal, .truncatedSignal, .rowWithoutRecord, .zeroID, .repeatedID,
      ]
      if !kinds.contains(truth.kind) { expect(clean.leads) }
    }
  }

  private func expectTables(_ truth: DefectTruth.Row, _ clean: PlantedRecord) throws {
    let stated = try field("Dx", "scp_codes")
    let codes = stated ?? ""
    let bytes = signal?.bytes ?? []
    switch truth.kind {
    case .absurdAge where layout == CPSC2018.name:
      #expect(try MATFile(bytes: bytes, file: "").numeric("ECG", "age").scalar == 300)
    case .missingAge where layout == CPSC2018.name:
      #expect(try MATFile(bytes: bytes, file: "").numeric("ECG", "age").scalar?.isNaN == true)
    case .absurdAge:
      #expect(Double(try text("age", "PatientAge", "Age")) == (layout == PTBXL.name ? -1 : 300))
    case .missingAge: #expect(["", "NaN"].contains(try text("age", "PatientAge", "Age")))
    case .oddSex: #expect(["X", "2"].contains(try text("sex", "is_male", "Gender", "Sex")))
    case .repeatedCode where stated != nil:
      let parts = codes.split(separator: ",")
      #expect(Set(parts).count == parts.count - 1)
    case .repeatedCode where layout == CPSC2018.name:
      #expect(try field("First_label") == (try field("Second_label")))
    case .repeatedCode:
      let names = try text("Beat").split(separator: " ") + (try text("Rhythm")).split(separator: " ")
      #expect(Set(names).count == names.count - 1)
    case .emptyCodeItem:
      #expect(codes.split(separator: ",", omittingEmptySubsequences: false).contains(""))
      #expect(codes.split(separator: ",") == (try clean.text("Dx")).split(separator: ","))
    case .noCodes where stated != nil: #expect(["", "{}"].contains(codes))
    case .noCodes where layout == Chapman.name:
      #expect(try field("Rhythm") == "" && (try field("Beat")) == "NONE")
    case .noCodes: #expect(try field("First_label", "1dAVb") == "")
    case .unknownCode where layout == PTBXL.name: #expect(codes.contains("'ABCDE': "))
    case .unknownCode where stated != nil:
      let last = codes.split(separator: ",").last
      #expect(last == "251238007" || last == "6180003")
    case .unknownCode where layout == Chapman.name: #expect(try text("Beat").hasSuffix("ABCDE"))
    case .unknownCode: #expect(["10", "2"].contains(try text("First_label", "1dAVb")))
    case .oddLikelihood: #expect(codes.contains(": 150.0"))
    case .patientInTwoFolds:
      let simulation = try Simulation(layout: layout, records: 8, seed: 11)
      let place = try #require((0..<8).first { simulation.form.id(of: $0) == truth.other })
      let other = try PlantedRecord(layout: layout, content: simulation.content(of: place))
      #expect(try field("patient_id") == (try other.field("patient_id")))
      #expect(try field("strat_fold") != (try other.field("strat_fold")))
    default: break
    }
  }
}
