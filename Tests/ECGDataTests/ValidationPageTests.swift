import Foundation
import FoundationXML
import TestSupport
import Testing

@testable import ECGData

/// The page of a validation, read back as XML.
@Suite struct ValidationPageTests {
  /// What a page has, as a parser sees it.
  private final class Page: NSObject, XMLParserDelegate {
    var ids: [String] = []
    var links: [String] = []
    var elements: [String: Int] = [:]
    /// Rows of all tables by the table's caption, each a text a cell.
    var tables: [String: [[String]]] = [:]
    var text = ""
    private var caption = ""
    private var rows: [[String]] = []
    private var piece = ""

    init(_ html: String) throws {
      super.init()
      let parser = XMLParser(data: Data(html.utf8))
      parser.delegate = self
      try #require(parser.parse(), "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
      if let id = attributes["id"] { ids.append(id) }
      if let link = attributes["href"] { links.append(link) }
      switch name {
      case "table": rows = []
      case "tr": rows.append([])
      case "th", "td", "caption": piece = ""
      default: break
      }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      piece += string
      text += string
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      switch name {
      case "th", "td": rows[rows.count - 1].append(piece)
      case "caption": caption = piece
      case "table": tables[caption] = rows
      default: break
      }
    }

    func table(_ start: String) -> [[String]] {
      tables.first { $0.key.hasPrefix(start) }?.value ?? []
    }
  }

  private static func validation(isDeep: Bool = true, jobs: Int = 2) -> Validation {
    var validation = Validation()
    validation.isDeep = isDeep
    validation.jobs = jobs
    return validation
  }

  private static func html(_ paths: [String], isDeep: Bool = true, jobs: Int = 2) throws -> String {
    let validation = validation(isDeep: isDeep, jobs: jobs)
    return ValidationPage(try validation.report(on: paths), of: validation, version: "0").html()
  }

  /// Every kind of defect that the layout can have, planted in some records.
  private static func planted(_ layout: String, records: Int = 60) throws -> Simulation {
    try Simulation(layout: layout, records: records, seed: 5, defects: DefectRates("all=0.02"))
  }

  @Test(arguments: ["ptb-xl", "challenge", "code-15"]) func tellsEveryRuleAndCount(layout: String) throws {
    try DefectTree.with(Self.planted(layout)) { root in
      let validation = Self.validation()
      let report = try validation.report(on: root.path)
      let page = try Page(ValidationPage(report, of: validation, version: "0").html())
      // Independently of the report's own counts.
      var findings: [String: Int] = [:]
      var records: [String: Set<String>] = [:]
      for finding in report.findings {
        let row = "\(finding.rule.rawValue) \(finding.severity.rawValue)"
        findings[row, default: 0] += 1
        records[row, default: []].insert(finding.record)
      }
      #expect(findings.count > 8)
      let rows = page.table("Broken rules").dropFirst()
      #expect(rows.count == findings.count)
      for row in rows {
        let key = "\(row[0]) \(row[1])"
        #expect(row[2] == Rule(rawValue: row[0])?.summary)
        #expect(Int(row[3]) == findings[key] && Int(row[4]) == records[key]?.count, "\(key)")
      }
      #expect(page.table("Findings, errors first").count - 1 == min(2000, report.findings.count))
      #expect(page.table("Copies").count - 1 == report.comparison.count || report.comparison.isEmpty)
      for finding in report.comparison { #expect(page.text.contains(finding.message)) }
    }
  }

  @Test func isOneWholeDocument() throws {
    try DefectTree.with(Self.planted("ptb-xl")) { root in
      let html = try Self.html([root.path])
      let page = try Page(html)
      #expect(Set(page.ids).count == page.ids.count)
      for link in page.links where link.hasPrefix("#") {
        #expect(page.ids.contains(String(link.dropFirst())), "\(link)")
      }
      // Nothing from elsewhere, and nothing that runs.
      #expect(page.links.allSatisfy { $0.hasPrefix("#") || $0 == "data:," })
      #expect(page.elements["script"] == nil && page.elements["img"] == nil && !html.contains("@import"))
      #expect(page.elements["h1"] == 1 && page.elements["main"] == 1)
      #expect(page.elements["svg"] == page.elements["title"].map { $0 - 1 })
      let pictures = page.ids.count { $0.hasPrefix("case-") && !$0.hasSuffix("hatching") }
      #expect((3...12).contains(pictures))
      #expect(page.ids.contains { $0.hasSuffix("hatching") })
      #expect(html.utf8.count < 3_500_000)
    }
  }

  private static func expectSameBytes(_ path: String) throws {
    let one = try html([path], jobs: 1)
    let four = try html([path], jobs: 4)
    #expect(one == four && one.contains("<h1>"))
  }

  @Test func sameBytesAtAnyJobs() throws {
    try DefectTree.with(Self.planted("challenge", records: 40)) { root in
      try Self.expectSameBytes(root.path)
    }
    try withDirectory { directory in
      let shards = try SimulatedShards(directory)
      _ = try shards.converter("a", output: "shards").run()
      try shards.append("b", to: "shards")
      try Self.expectSameBytes(directory.path("shards"))
    }
  }

  @Test func whatFilesHoldBecomesNoTag() throws {
    var tree = PTBXLTree(count: 3)
    tree.rows[0].codes = "{'<script>alert(1)</script>': 100.0}"
    tree.rows[1].age = "<img src=x onerror=alert(2)>&\u{1}]]>"
    tree.rows[1].sex = "\u{201D}&amp;--"
    try withDirectory { directory in
      let name = "a<b>&'\"c"
      try tree.write(to: Directory(path: directory.path(name)))
      let html = try Self.html([directory.path(name)])
      let page = try Page(html)
      #expect(!html.contains("<script") && !html.contains("<img"))
      #expect(page.text.contains("scp:<script>alert(1)</script> is in no table"))
      #expect(page.text.contains("age \"<img src=x onerror=alert(2)>& ]]>\" is no number"))
      #expect(page.text.contains(name))
    }
  }

  @Test func recordsThatCannotBeReadAreToldInstead() throws {
    try withTree { directory in
      try directory.remove("tree/records500/00000/00001_hr.dat")
      let page = try Page(try Self.html([directory.path("tree")]))
      #expect(page.text.contains("No picture, the record cannot be read: \(directory.path)"))
      #expect(page.table("By their worst")[1].prefix(2) == ["1", "error"])
    }
  }

  @Test func damagedShardsAreDrawnAsTheyAre() throws {
    try withTree { directory in
      let manifest = try PTBXLTree.converter(directory).run().manifest
      let shards = Directory(path: directory.path("shards"))
      let header = try SafetensorsHeader(contentsOf: shards.path(manifest.shards[1].file))
      try shards.change(manifest.shards[1].file) { $0[header.dataOffset + 12000 + 5] ^= 64 }
      let page = try Page(try Self.html([shards.path], isDeep: false))
      #expect(page.ids.contains("case-1") && page.elements["svg"] ?? 0 > 2)
      #expect(page.text.contains("shards.record"))
    }
  }

  @Test func picturesBeginWhereTheFaultIs() throws {
    var tree = PTBXLTree(count: 3, frames: 20_000)
    for frame in 11_000..<14_000 { tree.rows[1].record.samples[12 * frame + 6] = 77 }
    try withTree(tree) { directory in
      let page = try Page(try Self.html([directory.path("tree")], isDeep: false))
      #expect(page.text.contains("leads.dropout: V1 stands still for 6 s"))
      #expect(page.text.contains(", 21 to 31 s of 40 s"))
    }
  }

  @Test func manyFindingsAreCutAndCounted() throws {
    var report = Validation.Report()
    var part = Validation.Report.Part(path: "none", records: 200_000)
    part.findings = (0..<200_000).map { index in
      Finding(record: "\(index)", rule: index == 150_000 ? .wfdbChecksum : .leadsFlat, "I constant")
    }
    report.parts = [part]
    let page = try Page(ValidationPage(report, of: Self.validation(), version: "0").html())
    #expect(page.table("Findings, errors first").count == 2_001)
    #expect(page.text.contains("198,000 more are left out"))
    // The one error is not.
    #expect(page.table("Findings, errors first")[1][0] == "150000")
    #expect(page.table("By their worst").count == 26 && page.table("By their worst")[1][0] == "150000")
    #expect(
      page.table("Broken rules")[2] == [
        "leads.flat", "warning", Rule.leadsFlat.summary, "199,999", "199,999", Rule.leadsFlat.source,
      ])
  }

  @Test func refusesWhatCannotBeAPage() throws {
    try withDirectory { directory in
      try TextFile.checkWritable(directory.path("new.html"))
      #expect(try directory.contents(withHidden: true).isEmpty)
      for path in [directory.path, "/dev/null", directory.path("no/such.html")] {
        #expect(throws: ECGError.self, "\(path)") { try TextFile.checkWritable(path) }
      }
    }
  }
}
