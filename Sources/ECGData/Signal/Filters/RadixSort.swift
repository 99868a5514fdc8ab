/// Sorting of many numbers by their digits, without a comparison.
enum RadixSort {
  /// Bits of a digit.
  private static let bits = 11
  /// Digits of a number, the last of them of 9 bits.
  private static let digits = 6

  private struct Item: BitwiseCopyable {
    var key: UInt64
    var place: UInt32
  }

  /// The places of numbers in ascending order; equal ones keep theirs.
  ///
  /// - Parameters:
  ///   - numbers: at most 2^32, none of them NaN.
  ///   - order: as many; `numbers[order[0]]` is the least.
  /// - Complexity: O(numbers).
  static func order(
    of numbers: UnsafeMutableBufferPointer<Double>, into order: UnsafeMutableBufferPointer<UInt32>
  ) {
    let count = numbers.count
    ScratchMemory.with(2 * count, of: Item.self) { items in
      ScratchMemory.with(digits << bits, of: UInt32.self) { counts in
        counts.initialize(repeating: 0)
        for (place, number) in numbers.enumerated() {
          let key = key(of: number)
          items[place] = Item(key: key, place: UInt32(truncatingIfNeeded: place))
          for digit in 0..<digits { counts[Self.place(digit, key)] += 1 }
        }
        var (from, to) = (0, count)
        for digit in 0..<digits {
          // A digit that all have in common says nothing.
          if count > 0, counts[place(digit, items[from].key)] == UInt32(truncatingIfNeeded: count) {
            continue
          }
          var sum: UInt32 = 0
          for value in (digit << bits)..<((digit + 1) << bits) {
            (counts[value], sum) = (sum, sum + counts[value])
          }
          for index in from..<(from + count) {
            let item = items[index]
            let counter = place(digit, item.key)
            items[to + Int(counts[counter])] = item
            counts[counter] += 1
          }
          swap(&from, &to)
        }
        for index in 0..<count { order[index] = items[from + index].place }
      }
    }
  }

  @inline(__always)
  private static func place(_ digit: Int, _ key: UInt64) -> Int {
    digit << bits + Int(truncatingIfNeeded: key >> UInt64(digit * bits)) & (1 << bits - 1)
  }

  /// Bits whose order as a whole number is that of the numbers: those of negative ones are turned over.
  @inline(__always)
  private static func key(of number: Double) -> UInt64 {
    let bits = number.bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }
}
