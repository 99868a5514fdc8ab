import CKernels

extension [Double] {
  /// Of rows of twelve the range of each column from one quantile to its counterpart, by linear interpolation as
  /// ``selectQuantile(_:)``.
  ///
  /// The k smallest samples of a column lie at or below the k-th smallest of the minima of its pieces: few are sorted.
  ///
  /// - Parameter share: of samples below, and above; less than a half. Samples are no NaN.
  /// - Returns: shape [12]; zeros without rows.
  func tailRanges(_ share: Double) -> [Double] {
    let (width, length) = (Lead.count, 16)
    let rows = count / width
    guard rows > 0 else { return [Double](repeating: 0, count: width) }
    let pieces = (rows + length - 1) / length
    var ranges = [einthoven_range](repeating: einthoven_range(), count: pieces * width)
    withUnsafeBufferPointer { samples in
      for piece in 0..<pieces {
        ranges.withUnsafeMutableBufferPointer { ranges in
          einthoven_ranges(
            einthoven_best_variant(), samples.baseAddress.map { $0 + piece * length * width },
            Swift.min(length, rows - piece * length), ranges.baseAddress.map { $0 + piece * width })
        }
      }
    }
    let position = share * Double(rows - 1)
    let rank = Swift.min(Int(position), rows - 1)
    let part = position - Double(rank)
    return withUnsafeBufferPointer { samples in
      ScratchMemory.with(2 * (rows + pieces), of: Double.self) { scratch in
        (0..<width).map { column in
          func quantile(_ sign: Double) -> Double {
            for piece in 0..<pieces {
              let range = ranges[piece * width + column]
              scratch[piece] = sign > 0 ? range.low : -range.high
            }
            // Selecting puts them in another order.
            for piece in 0..<pieces { scratch[pieces + piece] = scratch[piece] }
            let needed = rank + 2
            let limit =
              needed <= pieces
              ? UnsafeMutableBufferPointer(rebasing: scratch[pieces..<(2 * pieces)]).select(needed - 1)
              : .infinity
            let found = UnsafeMutableBufferPointer(rebasing: scratch[(2 * pieces)...])
            var count = 0
            for piece in 0..<pieces where scratch[piece] <= limit {
              for row in (piece * length)..<Swift.min(rows, (piece + 1) * length) {
                let value = sign * samples[row * width + column]
                if value <= limit {
                  found[count] = value
                  count += 1
                }
              }
            }
            let some = UnsafeMutableBufferPointer(rebasing: found[..<count])
            guard count > 0 else { return 0 }
            let low = some.select(Swift.min(rank, count - 1))
            guard rank + 1 < count, let next = some[(rank + 1)...].min() else { return low }
            return low + part * (next - low)
          }
          return -quantile(-1) - quantile(1)
        }
      }
    }
  }

  /// A quantile by linear interpolation between the two nearest order statistics (`numpy.quantile`).
  ///
  /// The samples are reordered, which is what makes it cheap; none may be NaN. Nil if there is none.
  mutating func selectQuantile(_ share: Double) -> Double? {
    guard !isEmpty else { return nil }
    let position = share * Double(count - 1)
    let index = Swift.min(Swift.max(0, Int(position)), count - 1)
    let lower = select(index)
    guard index + 1 < count, let upper = self[(index + 1)...].min() else { return lower }
    return lower + (position - Double(index)) * (upper - lower)
  }

  private mutating func select(_ rank: Int) -> Double { withUnsafeMutableBufferPointer { $0.select(rank) } }
}

extension UnsafeMutableBufferPointer<Double> {
  /// Puts the sample of rank `rank` into its place, smaller ones before and larger ones behind (Hoare's FIND).
  fileprivate func select(_ rank: Int) -> Double {
    let values = self
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = low + (high - low) / 2
      // The median of three keeps sorted and constant signals from being the worst case.
      let (a, b, c) = (values[low], values[middle], values[high])
      let pivot = Swift.max(Swift.min(a, b), Swift.min(Swift.max(a, b), c))
      var (left, right) = (low, high)
      while left <= right {
        while values[left] < pivot { left += 1 }
        while values[right] > pivot { right -= 1 }
        if left <= right {
          values.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if rank <= right {
        high = right
      } else if rank >= left {
        low = left
      } else {
        break
      }
    }
    return values[rank]
  }
}
