/// Well-formed headers of every signal format of signal(5), so that an input can be all payload.
enum FormatHeader {
  /// File and format fields; the order is part of the corpus.
  private static let formats = [
    "~ 0", "rec.dat 8", "rec.dat 16", "rec.dat 24", "rec.dat 32", "rec.dat 61", "rec.dat 80", "rec.dat 160",
    "rec.dat 212", "rec.dat 310", "rec.dat 311", "rec.dat 508", "rec.dat 516", "rec.dat 524",
    "rec.dat 16x4:2+24", "rec.mat 16+24",
  ]

  /// One to four signals by the low two bits of `shape`, the others the number of frames, 0 for not stated.
  static func text(format: UInt8, shape: UInt8) -> String {
    let count = Int(shape & 3) + 1
    let frames = shape >> 2
    let fields = formats[Int(format) % formats.count]
    var text = "rec \(count) 500" + (frames == 0 ? "\n" : " \(frames)\n")
    for index in 0..<count { text += "\(fields) 1000(0)/mV 16 0 0 0 0 V\(index)\n" }
    return text
  }
}
