/// Missing samples are NaN; a run of them is a gap.
enum MissingSamples {
  /// Bridges each gap of a line by a straight line between its neighbours.
  ///
  /// A gap at an end holds the value of its only neighbour; a line without any sample becomes zero.
  ///
  /// - Parameter line: the samples of one lead.
  /// - Returns: whether there was a gap.
  @discardableResult
  static func bridge(_ line: inout [Double]) -> Bool {
    line.withUnsafeMutableBufferPointer { bridge($0, lead: 0, of: 1) }
  }

  /// The same for one lead of a time-major signal, `[T, leads]`.
  ///
  /// - Parameters:
  ///   - signal: the samples.
  ///   - lead: the lead's place in a row.
  ///   - leads: how many leads a row has.
  /// - Returns: whether there was a gap.
  @discardableResult
  static func bridge(_ signal: UnsafeMutableBufferPointer<Double>, lead: Int, of leads: Int) -> Bool {
    var found = false
    let count = signal.count / leads
    var index = 0
    while index < count {
      guard signal[index * leads + lead].isNaN else {
        index += 1
        continue
      }
      found = true
      let start = index
      while index < count, signal[index * leads + lead].isNaN { index += 1 }
      let next = index < count ? signal[index * leads + lead] : 0
      let before = start > 0 ? signal[(start - 1) * leads + lead] : next
      let after = index < count ? next : before
      let slope = (after - before) / Double(index - start + 1)
      for place in start..<index {
        signal[place * leads + lead] = before + slope * Double(place - start + 1)
      }
    }
    return found
  }
}
