internal import CKernels
import Crypto

/// The one random number generator of the library: Steele, Lea and Flood's SplitMix64 (OOPSLA 2014).
///
/// Randomness is always an argument here. A generator is made from the things a draw may depend on (a
/// purpose, the seed, the epoch, a record), never from a global or from the platform, so a draw is the same
/// on every machine, at any number of threads:
///
///     var generator = SplitMix64("crop", seed, epoch, recordKey, view)
///     let start = generator.next(below: 751)
public struct SplitMix64: RandomNumberGenerator, Sendable {
  /// The whole state: storing it and setting it again continues the same sequence.
  public var state: UInt64

  /// Starts at a state as it is.
  public init(state: UInt64) {
    self.state = state
  }

  /// Starts at the first 8 bytes (little-endian) of SHA-256(purpose in UTF-8, every key as u64
  /// little-endian).
  public init(_ purpose: String, _ keys: UInt64...) {
    var hash = SHA256()
    hash.update(data: Array(purpose.utf8))
    for key in keys {
      withUnsafeBytes(of: key.littleEndian) { hash.update(bufferPointer: $0) }
    }
    self.init(state: hash.finalize().prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }

  private static let variant = einthoven_best_variant()

  /// The same for a purpose and four keys that are one block of SHA-256, without memory of its own: what a stream makes for
  /// each crop.
  ///
  /// - Precondition: The purpose has at most 23 bytes.
  init(brief purpose: StaticString, _ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
    precondition(purpose.utf8CodeUnitCount <= 23)
    state = withUnsafeTemporaryAllocation(byteCount: 56, alignment: 8) { message in
      let size = purpose.utf8CodeUnitCount
      message.copyMemory(from: UnsafeRawBufferPointer(start: purpose.utf8Start, count: size))
      func put(_ key: UInt64, _ place: Int) {
        message.storeBytes(of: key.littleEndian, toByteOffset: size + 8 * place, as: UInt64.self)
      }
      put(first, 0)
      put(second, 1)
      put(third, 2)
      put(fourth, 3)
      return UInt64(einthoven_first_of_sha256(SplitMix64.variant, message.baseAddress, size + 32))
    }
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    skip(1)
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Leaves out so many numbers, which somebody else has drawn from the same state.
  mutating func skip(_ count: Int) {
    state &+= 0x9E37_79B9_7F4A_7C15 &* UInt64(truncatingIfNeeded: count)
  }

  /// A uniform integer in `0 ..< bound`, by Lemire's method with rejection (ACM TOMACS 29, 2019); 0 for a
  /// bound of 0.
  public mutating func next(below bound: UInt64) -> UInt64 {
    guard bound > 0 else { return 0 }
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// A uniform number in `0 ..< 1`, from the upper 53 bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform number in a half-open range.
  public mutating func uniform(_ range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }
}
