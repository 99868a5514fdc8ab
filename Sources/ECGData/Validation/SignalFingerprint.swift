/// By what a record's signal is known among millions: exactly, and up to size, offset and sampling rate.
///
/// For the second the shape of four leads is cut by random hyperplanes (Charikar, STOC 2002): two shapes with the angle θ
/// between them lie on the same side of one with probability 1 − θ/π. A copy at another rate, whose shape is turned by
/// 0.01, agrees in all 32 bits of one of the eight keys but for once in 10⁷; shapes of two recordings hardly ever.
struct SignalFingerprint: Codable, Sendable, Equatable {
  /// A hash of the samples in whole µV.
  let digest: SIMD2<UInt64>
  /// The sides of eight times 32 hyperplanes; nil for a signal that never moves or is too short to have a shape of its own.
  let keys: SIMD8<UInt32>?
  /// Whether any lead moves: signals that do not are equal without being copies.
  let moves: Bool

  private static let leads: [Lead] = [.I, .II, .V1, .V5]
  /// Steps of a lead: of a record of 10 s each is about 0.2 s.
  private static let steps = 48
  /// Shorter signals, in seconds, have hardly more than one beat.
  private static let leastDuration = 2.0
  /// Random signs, shape [leads · steps, 256].
  private static let planes: [Float] = {
    var generator = SplitMix64("SignalFingerprint", 0)
    return (0..<(leads.count * steps)).flatMap { _ in
      (0..<4).flatMap { _ in
        let bits = generator.next()
        return (0..<64).map { bits >> $0 & 1 == 0 ? Float(-1) : 1 }
      }
    }
  }()

  init(digest: SIMD2<UInt64>, keys: SIMD8<UInt32>?) { (self.digest, self.keys, moves) = (digest, keys, true) }

  /// Takes the fingerprint of a record.
  ///
  /// - Throws: ``ECGError`` (`malformed`) for samples that no scale holds.
  init(_ signal: PhysicalSignal) throws {
    var counts: [Int16] = []
    let leads = try Quantizer.quantize(signal.microvolts, into: &counts)
    let scales = leads.map(\.scale)
    let parts = [
      counts.withUnsafeBytes(SignalFingerprint.mixed), scales.withUnsafeBytes(SignalFingerprint.mixed),
    ]
    digest = parts.withUnsafeBytes(SignalFingerprint.mixed)
    keys = SignalFingerprint.keys(of: signal)
    moves = zip(leads, SampleRange.ofLeads(in: signal.microvolts)).contains { !$0.isFlat && !$1.isEmpty }
  }

  /// 128 bits of bytes: each word is multiplied by what came before, and both halves of the product go on.
  ///
  /// Four chains run side by side. It keeps 10⁶ records apart, not somebody who wants two to be alike.
  private static func mixed(_ bytes: UnsafeRawBufferPointer) -> SIMD2<UInt64> {
    func mix(_ chain: UInt64, _ word: UInt64) -> UInt64 {
      let product = (chain ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
      return product.high ^ product.low &+ word.byteSwapped
    }
    var (a, b, c, d): (UInt64, UInt64, UInt64, UInt64) = (
      0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89
    )
    let size = MemoryLayout<UInt64>.size
    func word(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
    var place = 0
    while place + 4 * size <= bytes.count {
      a = mix(a, word(place))
      b = mix(b, word(place + size))
      c = mix(c, word(place + 2 * size))
      d = mix(d, word(place + 3 * size))
      place += 4 * size
    }
    for byte in bytes[place...] { a = mix(a, UInt64(byte)) }
    a = mix(a, UInt64(bytes.count))
    let (one, other) = (mix(mix(a, b), mix(c, d)), mix(mix(d, a), mix(b, c)))
    return SIMD2(mix(one, other), mix(other, one))
  }

  private static func keys(of signal: PhysicalSignal) -> SIMD8<UInt32>? {
    guard signal.duration >= leastDuration, signal.frameCount >= 2 * steps else { return nil }
    let shapes = leads.map { SignalShape(of: $0, in: signal, spans: steps + 1) }
    guard shapes.contains(where: { $0 != nil }) else { return nil }
    var sides = [Float](repeating: 0, count: 256)
    for (number, shape) in shapes.enumerated() {
      guard let shape else { continue }
      for (step, value) in shape.values.enumerated() {
        let row = (number * steps + step) * sides.count
        planes.withUnsafeBufferPointer { planes in
          let plane = planes.extracting(row..<(row + sides.count))
          for index in sides.indices { sides[index] += Float(value) * plane[index] }
        }
      }
    }
    var keys = SIMD8<UInt32>()
    for (index, side) in sides.enumerated() where side > 0 { keys[index / 32] |= 1 << UInt32(index % 32) }
    return keys
  }

  /// How a second record's signal is a copy of the first one's, if it is.
  ///
  /// Both have the same duration, and in every lead that one of them has and that moves the same shape, in spans of 40 ms.
  ///
  /// - Returns: the size of the second in sizes of the first, the median over the leads; nil if it is no copy.
  static func scale(of second: PhysicalSignal, asCopyOf first: PhysicalSignal) -> Double? {
    let sample = max(1 / first.rate, 1 / second.rate)
    guard abs(first.duration - second.duration) <= 1.5 * sample else { return nil }
    let spans = Int(min(100_000, max(Double(steps), 25 * min(first.duration, second.duration))))
    var (similarity, scales) = (0.0, [Double]())
    for lead in Lead.allCases {
      let shapes = (
        SignalShape(of: lead, in: first, spans: spans), SignalShape(of: lead, in: second, spans: spans)
      )
      guard let one = shapes.0, let other = shapes.1 else {
        if shapes.0 == nil, shapes.1 == nil { continue }
        return nil
      }
      let found = one.similarity(to: other)
      guard found > 0.98 else { return nil }
      similarity += found
      scales.append(other.size / one.size)
    }
    guard !scales.isEmpty, similarity / Double(scales.count) > 0.995 else { return nil }
    return scales.sorted()[scales.count / 2]
  }
}
