import Foundation
import TestSupport
import Testing

@testable import ECGData

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What an SVG file draws, read back by an XML parser and in millimetres.
private final class Drawing: NSObject, XMLParserDelegate {
  struct Point: Equatable {
    var x, y: Double

    /// From a straight line between two points.
    func distance(from a: Point, to b: Point) -> Double {
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let square = dx * dx + dy * dy
      let share = square == 0 ? 0 : max(0, min(1, ((x - a.x) * dx + (y - a.y) * dy) / square))
      return hypot(x - a.x - share * dx, y - a.y - share * dy)
    }
  }

  /// Lines by the class of their path, in order.
  private(set) var lines: [String: [[Point]]] = [:]
  /// Hatched fields: left, right, top, bottom.
  private(set) var marks: [(left: Double, right: Double, top: Double, bottom: Double)] = []
  private(set) var texts: [String] = []
  private(set) var isWellFormed = false
  private var millimetres = 0.0
  private var isInMark = false

  init(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    isWellFormed = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    switch name {
    case "svg":
      let box = attributes["viewBox"]?.split(separator: " ").compactMap { Double($0) } ?? []
      let width = attributes["width"].flatMap { $0.hasSuffix("mm") ? Double($0.dropLast(2)) : nil } ?? .nan
      let height = attributes["height"].flatMap { $0.hasSuffix("mm") ? Double($0.dropLast(2)) : nil } ?? .nan
      millimetres = box.count == 4 ? width / box[2] : .nan
      #expect(box.count == 4 && abs(height / box[3] - millimetres) < 1e-9)
    case "path":
      if let name = attributes["class"], let data = attributes["d"] { lines[name, default: []] += read(data) }
    case "g":
      isInMark = attributes["class"] == "mark"
    case "rect" where isInMark:
      let numbers = ["x", "y", "width", "height"].map {
        (attributes[$0].flatMap(Double.init) ?? .nan) * millimetres
      }
      marks.append((numbers[0], numbers[0] + numbers[2], numbers[1], numbers[1] + numbers[3]))
      isInMark = false
    default: texts.append("")
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if !texts.isEmpty { texts[texts.count - 1] += text }
  }

  /// `M x y l dx dy dx dy …`, several times.
  private func read(_ data: String) -> [[Point]] {
    data.split(separator: "M").map { line in
      let numbers = line.replacing("-", with: " -").replacing("l", with: " ").split(separator: " ").map {
        (Double($0) ?? .nan) * millimetres
      }
      var point = Point(x: 0, y: 0)
      return stride(from: 0, to: numbers.count - 1, by: 2).map {
        point = Point(x: point.x + numbers[$0], y: point.y + numbers[$0 + 1])
        return point
      }
    }
  }

  func lines(of lead: Lead) -> [[Point]] { lines["lead \(lead.name)"] ?? [] }

  func contains(_ text: String) -> Bool { texts.contains { $0.contains(text) } }
}

@Suite struct RecordPictureTests {
  /// Zero volts in all leads but where `value` says otherwise, in µV.
  static func signal(
    rate: Double = 500, seconds: Double = 10, _ value: (Lead, Double) -> Double = { _, _ in 0 }
  ) -> PhysicalSignal {
    AuditSignals.signal(
      (0..<Int(rate * seconds)).flatMap { frame in
        Lead.allCases.map { value($0, Double(frame) / rate) }
      }, rate: rate)
  }

  static let zeroX = RecordPicture.left

  @Test func isTrueToScale() throws {
    // 1 mV in V5 from 1 s to 3 s.
    let signal = Self.signal { lead, time in lead == .V5 && (1..<3).contains(time) ? 1000 : 0 }
    let drawing = Drawing(try RecordPicture(signal, title: "step", layout: .stacked).svg())
    #expect(drawing.isWellFormed)
    let line = try #require(drawing.lines(of: .V5).first)
    let (low, high) = (try #require(line.map(\.y).max()), try #require(line.map(\.y).min()))
    #expect(abs(low - high - 10) < 1e-9)
    // The last sample of 0 mV lies one of 2 ms, 0.05 mm, before the step.
    let up = try #require(line.first { $0.y == high })
    let down = try #require(line.last { $0.y == high })
    #expect(abs(up.x - Self.zeroX - 25) < 1e-9 && abs(down.x - Self.zeroX - 75 + 0.05) < 1e-9)
    let last = try #require(line.last)
    #expect(abs(line[0].x - Self.zeroX) < 1e-9 && abs(last.x - Self.zeroX - 250 + 0.05) < 1e-9)
    #expect(drawing.lines(of: .V4).count == 1 && drawing.lines(of: .V4)[0].count == 2)
    // The calibration pulse beside it, and the paper's own lines.
    let pulse = try #require(drawing.lines["calibration"]?.first).map(\.y)
    #expect(abs((pulse.max() ?? 0) - (pulse.min() ?? 0) - 10) < 1e-9)
    #expect(drawing.lines["calibration"]?.count == 12)
    let columns = try #require(drawing.lines["grid"]).filter { $0[0].x == $0[1].x }.map { $0[0].x }
    #expect(Set(columns.map { ($0 * 100).rounded() }).count == 271)
    for text in ["step", "25 mm/s", "10 mm/mV", "500 Hz", "V5", "aVR", "0 to 10 s of 10 s"] {
      #expect(drawing.contains(text), "\(text)")
    }
  }

  /// Each sample, put on the paper by itself, lies on the curve: real shapes, at several rates.
  @Test(arguments: [100.0, 250, 257, 360, 500, 1000]) func curvesPassTheSamples(rate: Double) throws {
    let signal = try AuditSignals.simulated(seed: 3, rate: rate)
    let drawing = Drawing(try RecordPicture(signal, title: "1", layout: .stacked).svg())
    for lead in Lead.allCases {
      let line = try #require(drawing.lines(of: lead).first)
      #expect(drawing.lines(of: lead).count == 1)
      let samples = signal[lead]
      // Where zero lies is found from the first sample.
      let zero = line[0].y + samples[0] / 100
      var place = 0
      var worst = 0.0
      for (frame, sample) in samples.enumerated() {
        let point = Drawing.Point(x: Self.zeroX + 25 * Double(frame) / rate, y: zero - sample / 100)
        while place + 2 < line.count, line[place + 1].x < point.x { place += 1 }
        let near = max(0, place - 1)...min(line.count - 2, place + 1)
        worst = max(worst, near.map { point.distance(from: line[$0], to: line[$0 + 1]) }.min() ?? .nan)
      }
      // A tolerance of 0.1 mm, and places rounded to 0.01 mm.
      #expect(worst < 0.12, "\(lead.name) \(worst)")
    }
  }

  @Test func standardLayoutFollowsTime() throws {
    // A step up at 6 s is in the third column alone, and in the rhythm strip.
    let signal = Self.signal { _, time in time < 6 ? 0 : 500 }
    let picture = try RecordPicture(signal, title: "1")
    #expect(picture.layout == .standard)
    let drawing = Drawing(picture.svg())
    for lead in Lead.allCases where lead != .II {
      let line = try #require(drawing.lines(of: lead).first)
      let column = Double(lead.rawValue / 3)
      #expect(abs(line[0].x - Self.zeroX - 62.5 * column) < 0.051, "\(lead.name)")
      #expect(Set(line.map(\.y)).count == (column == 2 ? 2 : 1), "\(lead.name)")
    }
    let rhythm = drawing.lines(of: .II)
    #expect(rhythm.count == 2 && rhythm[1].contains { abs($0.x - Self.zeroX - 150) < 1e-9 })
  }

  @Test func gapsInterruptTheCurve() throws {
    let signal = Self.signal { lead, time in
      if lead == .aVF, (2..<2.5).contains(time) || (4..<4.001).contains(time) { return .nan }
      if lead == .V1 { return time == 7 ? 100 : .nan }
      return lead == .V2 ? .nan : 100
    }
    let drawing = Drawing(try RecordPicture(signal, title: "1", layout: .stacked).svg())
    let lines = drawing.lines(of: .aVF)
    #expect(lines.count == 3)
    let ends = lines.flatMap { [$0.first?.x ?? .nan, $0.last?.x ?? .nan] }.map { ($0 - Self.zeroX) / 25 }
    for (end, time) in zip(ends, [0, 1.998, 2.5, 3.998, 4.002, 9.998]) { #expect(abs(end - time) < 1e-9) }
    // One sample is a dot; none is told.
    #expect(drawing.lines(of: .V1).map(\.count) == [2] && drawing.lines(of: .V2).isEmpty)
    #expect(drawing.contains("no samples here"))
  }

  @Test(arguments: [500.0, 1000, 5000, 100_000]) func spikesOfOneSampleSurvive(rate: Double) throws {
    var signal = Self.signal(rate: rate, seconds: 10) { _, time in 20 * sin(40 * time) }
    let frame = Int(rate * 3.3) + 1
    signal.microvolts[frame * 12 + Lead.V3.rawValue] = 2345
    signal.microvolts[(frame + 3) * 12 + Lead.V3.rawValue] = -1234
    let svg = try RecordPicture(signal, title: "1", layout: .stacked).svg()
    let heights = try #require(Drawing(svg).lines(of: .V3).first).map(\.y)
    let other = try #require(Drawing(svg).lines(of: .I).first).map(\.y)
    #expect((other.max() ?? 0) - (other.min() ?? 0) < 0.5)
    #expect(abs((heights.max() ?? 0) - (heights.min() ?? 0) - 35.79) < 0.011)
    #expect(svg.utf8.count < 150_000)
  }

  @Test func tellsWhatDoesNotFit() throws {
    let signal = Self.signal { lead, time in
      switch lead {
      case .V1: (3..<3.1).contains(time) ? 9000 : 0
      case .V2: -3700 + 500 * sin(6 * time)
      case .V4: 1e300
      case .V6: time < 5 ? .infinity : -.infinity
      default: 100
      }
    }
    let drawing = Drawing(try RecordPicture(signal, title: "1", layout: .stacked).svg())
    #expect(drawing.contains("cut off at the row's edge") && drawing.contains("moved up by 3.5 mV"))
    #expect((drawing.lines["cut"]?.count ?? 0) > 80 && (drawing.lines["cut"]?.count ?? 0) < 200)
    let pulse = drawing.lines(of: .V1)[0].map(\.y)
    #expect(abs((pulse.max() ?? 0) - (pulse.min() ?? 0) - 40) < 1e-9)
    let wave = drawing.lines(of: .V2)[0].map(\.y)
    #expect(abs((wave.max() ?? 0) - (wave.min() ?? 0) - 10) < 0.2)
  }

  @Test func marksShadeTheirPlaces() throws {
    let marks: [RecordPicture.Mark] = [
      .init(lead: .V3, seconds: 2...4, text: "odd"), .init(lead: .V3, seconds: 11...12, text: "later"),
      .init(lead: .aVL, text: "odd"), .init(seconds: 5...5, text: "all <here>"), .init(text: "by the way"),
    ]
    let picture = try RecordPicture(Self.signal(), title: "1", marks: marks)
    #expect(picture.layout == .stacked)
    let drawing = Drawing(picture.svg())
    // One of V3, one of aVL, and one a lead at 5 s.
    #expect(drawing.isWellFormed && drawing.marks.count == 14)
    let places = drawing.marks.map {
      (left: ($0.left - Self.zeroX) / 25, right: ($0.right - Self.zeroX) / 25)
    }
    #expect(places.contains { abs($0.left - 2) < 1e-9 && abs($0.right - 4) < 1e-9 })
    #expect(places.contains { abs($0.left) < 1e-9 && abs($0.right - 10) < 1e-9 })
    let y = try #require(drawing.lines(of: .V3).first)[0].y
    let mark = try #require(drawing.marks.first { abs(($0.right - $0.left) - 50) < 1e-9 })
    #expect(mark.top < y && y < mark.bottom)
    for text in ["1", "2", "3", "odd", "later (not in the part shown)", "all <here>", "by the way"] {
      #expect(
        drawing.texts.contains { $0.trimmingCharacters(in: .whitespacesAndNewlines) == text }, "\(text)")
    }
    // Time is the record's, not the picture's.
    let late = Drawing(try RecordPicture(Self.signal(seconds: 30), title: "1", marks: marks, from: 9).svg())
    #expect(late.marks.contains { abs(($0.left - Self.zeroX) / 25 - 2) < 1e-9 })
    #expect(late.contains("9 to 19 s of 30 s") && late.contains("12 s"))
  }

  @Test func findingsBecomeMarks() throws {
    var signal = try AuditSignals.simulated(seed: 5)
    signal.change(.V5) { line in line = line.map { _ in 40 } }
    signal.leadFlags[Lead.V5.rawValue].insert(.flat)
    signal.change(.aVR) { line in for frame in 1500..<2000 { line[frame] = line[1500] } }
    signal.change(.V2) { line in for frame in 3000..<3100 { line[frame] = .nan } }
    signal.leadFlags[Lead.V2.rawValue].insert(.missingSamples)
    let findings =
      SignalAudit.findings(in: signal, record: "1") + [Finding(record: "1", rule: .labelsNone, "no I or V6")]
    let marks = RecordPicture.Mark.marks(of: findings, in: signal, from: 100)
    #expect(marks.contains(.init(lead: .V5, text: "leads.flat: V5 constant")))
    let still = try #require(marks.first { $0.lead == .aVR && $0.seconds != nil })
    #expect(abs((still.seconds?.lowerBound ?? 0) - 103) < 0.011)
    #expect(abs((still.seconds?.upperBound ?? 0) - 104) < 0.011)
    #expect(
      marks.contains(
        .init(lead: .V2, seconds: 106...106.2, text: "samples.missing: V2 has no samples for 0.2 s")))
    #expect(marks.contains(.init(text: "labels.none: no I or V6")))
    #expect(Set(marks.compactMap(\.lead)).isSuperset(of: [.V5, .aVR, .V2]))
    #expect(!marks.contains { $0.lead == .V6 })
  }

  @Test func saysWhatIsAbsentOrDerived() throws {
    var signal = try AuditSignals.simulated(seed: 1)
    signal.mask = LeadMask(rawValue: 0x0FFF & ~LeadMask(.V4).rawValue)
    signal.change(.V4) { line in line = line.map { _ in .nan } }
    signal.leadFlags[Lead.III.rawValue].insert(.derived)
    let drawing = Drawing(try RecordPicture(signal, title: "a&b <c>\u{1}\u{FFFF}").svg())
    #expect(drawing.isWellFormed && drawing.contains("absent") && drawing.contains("derived"))
    #expect(drawing.contains("Absent: V4.") && drawing.contains("a&b <c>"))
    #expect(drawing.lines(of: .V4).isEmpty && drawing.lines(of: .V3).count == 1)
  }

  @Test func staysSmallAndTheSame() throws {
    let signal = try AuditSignals.simulated(seed: 2)
    let svg = try RecordPicture(signal, title: "1", layout: .stacked).svg()
    // White noise takes most of it: of a real record it is half.
    #expect(svg.utf8.count < 180_000)
    #expect(try RecordPicture(signal, title: "1", layout: .stacked).svg() == svg)
    #expect(try RecordPicture(signal, title: "1").svg().utf8.count < 75_000)
  }

  /// Nothing traps, is malformed or grows without bounds.
  @Test(arguments: RecordPicture.Layout.allCases) func survivesAnything(layout: RecordPicture.Layout) throws {
    var random = SplitMix64("hostile", 1)
    let values = [0, .nan, .infinity, -.infinity, 1e300, -1e300, .leastNonzeroMagnitude, 1, -4000, 1e9]
    let marks = (0..<2000).map {
      RecordPicture.Mark(
        lead: Lead(rawValue: $0 % 13), seconds: $0 % 3 == 0 ? nil : -Double.infinity...Double($0 * $0),
        text: String(repeating: "\($0 % 700) ", count: $0 % 900))
    }
    for rate in [1e-300, 1e-9, 0.3, 1, 77.7, 1e6, 1e300, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
      for frames in [0, 1, 2, 5000] {
        let samples = (0..<(frames * 12)).map { _ in values[random.index(below: values.count)] }
        let signal = AuditSignals.signal(samples, rate: rate)
        let svg = try RecordPicture(
          signal, title: String(repeating: "x", count: 9000), marks: marks, layout: layout
        )
        .svg()
        #expect(svg.utf8.count < 1_000_000, "\(rate) \(frames) \(svg.utf8.count)")
        #expect(Drawing(svg).isWellFormed)
        _ = RecordPicture.Mark.marks(
          of: Rule.allCases.map { Finding(record: "", rule: $0, "I V2 (3 s)") }, in: signal)
      }
    }
    let noise = Self.signal(rate: 20_000) { _, _ in Double(random.index(below: 8000)) - 4000 }
    #expect(try RecordPicture(noise, title: "1", layout: layout).svg().utf8.count < 1_000_000)
  }

  @Test func refusesWhatCannotBeDrawn() throws {
    for rate in [0, -500, .nan, .infinity] {
      #expect(throws: ECGError.self) { try RecordPicture(AuditSignals.signal([], rate: rate), title: "1") }
    }
    #expect(throws: ECGError.self) { try RecordPicture(AuditSignals.signal([1, 2, 3], rate: 5), title: "1") }
    for from in [-1, 10, 1e300, .nan, .infinity] {
      #expect(throws: ECGError.self) { try RecordPicture(Self.signal(), title: "1", from: from) }
    }
    #expect(try RecordPicture(Self.signal(), title: "1", from: 9.9).layout == .stacked)
  }

  /// The same record from its file, its collection and shards: one curve, one picture but for the title.
  @Test func drawsARecordFromWhereverItLies() throws {
    try withTree { directory in
      let manifest = try PTBXLTree.converter(directory).run().manifest
      #expect(manifest.counts.stored == 12)
      let file = try RecordPicture(record: directory.path("tree/records500/00000/00007_hr")).svg()
      let collection = try RecordPicture(directory: directory.path("tree"), record: "7").svg()
      let shards = try RecordPicture(directory: directory.path("shards"), record: "7").svg()
      let lines = Drawing(file).lines
      #expect(lines == Drawing(collection).lines && lines == Drawing(shards).lines)
      #expect(Drawing(file).contains("00007_hr") && Drawing(shards).contains("ptb-xl 7"))
      for place in ["tree", "shards"] {
        let error = #expect(throws: ECGError.self) {
          try RecordPicture(directory: directory.path(place), record: "99")
        }
        #expect(error?.code == .notFound && error?.description.contains("99") == true)
      }
    }
  }

  /// All samples of a frame are drawn, and a part of a long record is read alone.
  @Test func drawsAPartOfALongRecord() throws {
    try withDirectory { directory in
      let frames = WFDBFixture.electrocardiogram(seed: 4, frames: 30 * 500)
      let path = try WFDBFixture(samples: frames).write(to: directory)
      let part = try RecordPicture(record: path, from: 12.5, isMarked: false)
      #expect(part.signal.frameCount == 5000 && part.start == 12.5)
      #expect(part.signal.microvolts.first == Double(frames[6250 * 12]))
      #expect(Drawing(part.svg()).contains("12.5 to 22.5 s of 30 s"))
      #expect(throws: ECGError.self) { try RecordPicture(record: path, from: 30) }
    }
  }
}
