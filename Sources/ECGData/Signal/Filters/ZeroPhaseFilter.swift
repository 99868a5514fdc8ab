/// A recursive filter that can be run forwards and backwards over a line that was continued at both ends.
protocol ZeroPhaseFilter {
  /// How many samples are put before and after a signal that has more than these.
  var padding: Int { get }
  /// How many samples of memory a run needs beside the line.
  var memoryCount: Int { get }

  /// Filters a line in place, forwards or backwards, from the steady state of its first or last sample.
  ///
  /// - Parameters:
  ///   - line: one sample or more.
  ///   - memory: uninitialised, ``memoryCount`` samples.
  ///   - backwards: from the end of the line to its begin.
  func runFromSteadyState<Lanes: SampleLanes>(
    _ line: UnsafeMutableBufferPointer<Lanes>, _ memory: UnsafeMutableBufferPointer<Lanes>, backwards: Bool)
}

extension ZeroPhaseFilter {
  /// Filters several leads in place, `[T, leads]`, forwards, then backwards.
  ///
  /// At either end the signal is continued by its own point reflection there, ``padding`` samples long or as far as it
  /// goes. Eight leads share one recursion, and the outcome is to the last bit that of each alone.
  func filterForwardsAndBackwards(timeMajor signal: inout [Double], leads: Int) {
    precondition(leads > 0 && signal.count.isMultiple(of: leads), "a time-major signal has whole rows")
    guard !signal.isEmpty else { return }
    let count = signal.count / leads
    signal.withUnsafeMutableBytes { signal in
      guard let start = signal.baseAddress else { return }
      let rows = Rows(start: start, count: count, leads: leads)
      var lead = 0
      while lead < leads {
        switch leads - lead {
        case 8...: lead += filter(rows, SIMD8<Double>.self, from: lead)
        case 4...: lead += filter(rows, SIMD4<Double>.self, from: lead)
        case 2...: lead += filter(rows, SIMD2<Double>.self, from: lead)
        default: lead += filter(rows, Double.self, from: lead)
        }
      }
    }
  }

  /// Filters as many leads as fit into the lanes; returns their number.
  @inline(__always)
  private func filter<Lanes: SampleLanes>(_ rows: Rows, _: Lanes.Type, from lead: Int) -> Int {
    let size = MemoryLayout<Double>.stride
    let count = rows.count
    let padding = min(padding, count - 1)
    func row(_ index: Int) -> Lanes {
      rows.start.loadUnaligned(fromByteOffset: (index * rows.leads + lead) * size, as: Lanes.self)
    }
    let total = count + 2 * padding
    ScratchMemory.with(total + memoryCount, of: Lanes.self) { scratch in
      let line = UnsafeMutableBufferPointer(rebasing: scratch[..<total])
      let memory = UnsafeMutableBufferPointer(rebasing: scratch[total...])
      let first = row(0) * 2
      let last = row(count - 1) * 2
      for index in 0..<padding {
        line[index] = first - row(padding - index)
        line[padding + count + index] = last - row(count - 2 - index)
      }
      for index in 0..<count { line[padding + index] = row(index) }
      runFromSteadyState(line, memory, backwards: false)
      runFromSteadyState(line, memory, backwards: true)
      for index in 0..<count {
        rows.start.storeBytes(
          of: line[padding + index], toByteOffset: (index * rows.leads + lead) * size, as: Lanes.self)
      }
    }
    return MemoryLayout<Lanes>.size / size
  }
}

/// Time-major samples, which are replaced.
private struct Rows {
  var start: UnsafeMutableRawPointer
  var count: Int
  var leads: Int
}
