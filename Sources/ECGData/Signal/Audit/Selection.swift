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
      var (extremes, found) = ([Double](), [Double]())
      /// The quantile of a column, or minus that of the negative column.
      func quantile(_ column: Int, sign: Double) -> Double {
        func least(_ piece: Int) -> Double {
          let range = ranges[piece * width + column]
          return sign > 0 ? range.low : -range.high
        }
        extremes.removeAll(keepingCapacity: true)
        found.removeAll(keepingCapacity: true)
        for piece in 0..<pieces { extremes.append(least(piece)) }
        let needed = rank + 2
        let limit = needed <= pieces ? extremes.select(needed - 1) : .infinity
        for piece in 0..<pieces where least(piece) <= limit {
          for row in (piece * length)..<Swift.min(rows, (piece + 1) * length) {
            let value = sign * samples[row * width + column]
            if value <= limit { found.append(value) }
          }
        }
        let low = found.select(Swift.min(rank, found.count - 1))
        guard rank + 1 < found.count, let next = found[(rank + 1)...].min() else { return low }
        return low + part * (next - low)
      }
      return (0..<width).map { -quantile($0, sign: -1) - quantile($0, sign: 1) }
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

  /// Puts the sample of rank `rank` into its place, smaller ones before and larger ones behind (Hoare's FIND).
  private mutating func select(_ rank: Int) -> Double {
    withUnsafeMutableBufferPointer { values in
      var (low, high) = (0, values.count - 1)
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
}
