extension [Double] {
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
