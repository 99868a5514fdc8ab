import CKernels
import Crypto
import Testing

@testable import ECGData

/// The loops that make crops: every variant gives the bits of the plain formula.
@Suite struct CropKernelTests {
  static let layouts = [EINTHOVEN_LEAD_MAJOR, EINTHOVEN_TIME_MAJOR, EINTHOVEN_BLOCKED]

  @Test(arguments: Array(0..<70) + [250, 1250]) func convertsEveryCount(frames: Int) {
    var generator = SplitMix64("crop kernels", UInt64(frames))
    var counts = (0..<(12 * frames)).map { _ in Int16(truncatingIfNeeded: Int(generator.next() >> 32)) }
    for index in counts.indices where generator.index(below: 9) == 0 { counts[index] = .min }
    var factors = (0..<12).map { _ in Float(generator.uniform(-0.01..<0.01)) }
    var offsets = (0..<12).map { _ in Float(generator.uniform(-1..<1)) }
    (factors[5], offsets[5]) = (0, 0)
    let length = frames + 3
    for layout in CropKernelTests.layouts {
      var expected = [Float](repeating: 7, count: 16 * length)
      for frame in 0..<frames {
        for lead in 0..<16 {
          let count = lead < 12 ? counts[12 * frame + lead] : .min
          let value = count == .min ? 0 : Float(count) * factors[lead] + offsets[lead]
          switch layout {
          case EINTHOVEN_LEAD_MAJOR: if lead < 12 { expected[lead * length + frame] = value }
          case EINTHOVEN_TIME_MAJOR: if lead < 12 { expected[12 * frame + lead] = value }
          default: expected[16 * frame + lead] = value
          }
        }
      }
      for variant in SampleKernelTests.variants {
        var values = [Float](repeating: 7, count: 16 * length)
        values.withUnsafeMutableBufferPointer { values in
          counts.withUnsafeBufferPointer { counts in
            factors.withUnsafeBufferPointer { factors in
              offsets.withUnsafeBufferPointer { offsets in
                var crop = einthoven_crop(
                  counts: counts.baseAddress, frames: frames, length: length, factors: factors.baseAddress,
                  offsets: offsets.baseAddress, layout: layout, values: values.baseAddress)
                einthoven_crop_convert(variant, &crop)
              }
            }
          }
        }
        #expect(values == expected)
        guard layout == EINTHOVEN_BLOCKED else { continue }
        var leads = [Float](repeating: 0, count: 12 * length)
        einthoven_rows_to_leads(variant, expected, frames, length, &leads)
        var times = [Float](repeating: 0, count: 12 * frames)
        einthoven_rows_to_frames(expected, frames, &times)
        for frame in 0..<frames {
          for lead in 0..<12 {
            let value = expected[16 * frame + lead]
            #expect(leads[lead * length + frame] == value && times[12 * frame + lead] == value)
          }
        }
      }
    }
  }

  @Test func drawsAsTheLibrarysDigestSays() {
    var generator = SplitMix64("digest", 1)
    for size in 0...55 {
      let message = (0..<size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      let first = SHA256.hash(data: message).prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      for variant in SampleKernelTests.variants {
        #expect(einthoven_first_of_sha256(variant, message, size) == first)
      }
    }
    let (a, b, c, d) = (generator.next(), generator.next(), generator.next(), generator.next())
    #expect(SplitMix64(brief: "crop", a, b, c, d).state == SplitMix64("crop", a, b, c, d).state)
  }
}
