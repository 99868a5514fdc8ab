import ECGData
import Testing

@Suite struct SplitMix64Tests {
  /// The first outputs from state 0 of the authors' reference C code.
  @Test func matchesTheReferenceSequence() {
    var generator = SplitMix64(state: 0)
    #expect(generator.next() == 0xE220_A839_7B1D_CDAF)
    #expect(generator.next() == 0x6E78_9E6A_A1B9_65F4)
    #expect(generator.next() == 0x06C4_5D18_8009_454F)
  }

  @Test(arguments: [1, 2, 3, 7, 751, 1 << 40] as [UInt64])
  func staysBelowItsBound(bound: UInt64) {
    var generator = SplitMix64("bound", bound)
    for _ in 0..<1000 { #expect(generator.next(below: bound) < bound) }
  }
}
