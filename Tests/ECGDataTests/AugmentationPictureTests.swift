import Foundation
import TestSupport
import Testing

@testable import ECGData

/// What each augmentation does to 2.5 s of a record of PTB-XL, for people to look at: leads II and V2 before (grey) and after.
///
/// Drawn where the environment names the folder that collections are unpacked in, `EINTHOVEN_COLLECTIONS`, and one for
/// pictures, `EINTHOVEN_PICTURES`.
@Suite struct AugmentationPictureTests {
  static let folder = ProcessInfo.processInfo.environment["EINTHOVEN_PICTURES"]

  /// Each kind with its defaults, and some as strong as they come.
  static let augmentations =
    Augmentation.all.map { Augmentation($0.kind, probability: 1) } + [
      Augmentation(.gaussianNoise(deviation: 0.1)), Augmentation(.dynamicTimeWarp(knots: 4, radius: 0.4)),
      Augmentation(.downSampling(factor: 20)), Augmentation(.baselineWander(maximum: 0.3)),
      Augmentation(.powerline(maximum: 0.5)), Augmentation(.physiologicalNoise(level: 3)),
      Augmentation(.physiologicalNoise(level: 6)),
    ]

  /// The sum of squares of what lead II has changed by.
  static func change(in crop: AugmentedCrop, from rows: [Float]) -> Float {
    crop[1].enumerated().reduce(0) { sum, item in
      let difference = item.element - rows[12 * item.offset + 1]
      return sum + difference * difference
    }
  }

  @Test(
    .enabled(
      if: folder != nil && AuditSignals.folder != nil,
      "EINTHOVEN_PICTURES or EINTHOVEN_COLLECTIONS names no folder"))
  func drawsEachBeforeAndAfter() throws {
    let folder = try #require(Self.folder)
    let record = try #require(try AuditSignals.real("ptbxl/records500", limit: 1).first)
    let rate = record.signal.rate
    let count = Int(2.5 * rate)
    var (rows, units) = ([Float](repeating: 0, count: 12 * count), [Float]())
    for lead in Lead.allCases {
      let line = record.signal[lead].map { $0 / 1000 }
      let figures = SampleFigures(numbers: line)
      let deviation = figures.moment(2).squareRoot()
      units.append(Float(1 / deviation))
      for frame in 0..<count {
        rows[12 * frame + lead.rawValue] = Float((line[frame] - figures.mean) / deviation)
      }
    }
    let (width, height, left) = (620.0, 110.0, 20.0)
    let panels = Self.augmentations.count
    var svg = SVG(
      width: 2 * (width + left) + left, height: 40 + height * Double(panels), title: "Augmentations",
      description:
        "Leads II and V2 of \(record.id) before and after each augmentation, 5 pixels a standard deviation.")
    for (panel, augmentation) in Self.augmentations.enumerated() {
      // Draws may do next to nothing: of 31 that which changes lead II fifth most.
      let crops = (0..<31 as Range<UInt64>).map { trial in
        augmentation.applied(
          to: rows, rate: rate, unit: units, state: SplitMix64("picture", UInt64(panel), trial).state)
      }
      let crop = crops.sorted { Self.change(in: $0, from: rows) > Self.change(in: $1, from: rows) }[4]
      let top = 40 + height * Double(panel)
      svg.text("\(augmentation)", x: left, y: top + 10)
      for (column, lead) in [Lead.II, .V2].enumerated() {
        let before = (0..<count).map { rows[12 * $0 + lead.rawValue] }
        let x = left + Double(column) * (width + left)
        #expect(before != crop[lead.rawValue], "\(augmentation) \(lead)")
        for (line, color, name) in [(before, "#bbb", "before"), (crop[lead.rawValue], "#036", "after")] {
          let points = line.enumerated().map { frame, value in
            (x: x + width * Double(frame) / Double(count), y: top + 62 - 5 * Double(max(-9, min(value, 9))))
          }
          svg.curves([points], stroke: color, width: name == "before" ? 2 : 1, name: name)
        }
      }
    }
    svg.text("Lead II, \(record.id), 2.5 s at \(Int(rate)) Hz", x: left, y: 20, isBold: true)
    svg.text("Lead V2", x: 2 * left + width, y: 20, isBold: true)
    let document = svg.document
    for name in ["before", "after"] {
      #expect(document.components(separatedBy: "class=\"\(name)\"").count - 1 == 2 * panels)
    }
    try Directory(path: folder).write(document, to: "augmentations.svg")
  }
}
