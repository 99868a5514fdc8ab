extension SecondOrderSections {
  /// How many samples ``zeroPhase(_:)`` puts before and after a signal that has more than these.
  ///
  /// It is SciPy's: three times the number of coefficients of the filter as one fraction.
  public var padding: Int {
    let short = min(sections.count { $0.b2 == 0 }, sections.count { $0.a2 == 0 })
    return 3 * (2 * sections.count + 1 - short)
  }

  /// Filters forwards, then backwards: without delay, with the square of the gain (`sosfiltfilt`).
  ///
  /// At either end the signal is continued by its own point reflection there, ``padding`` samples long, and
  /// each direction begins in the steady state of its first sample. Where SciPy refuses a signal of n ≤
  /// ``padding`` samples, this one is continued as far as it goes, by n − 1 samples (`padlen=n-1` in SciPy);
  /// a single sample is multiplied by the squared gain at frequency 0.
  ///
  /// - Parameter signal: the samples of one lead.
  /// - Returns: as many samples.
  /// - Complexity: O(samples · sections).
  public func zeroPhase(_ signal: [Double]) -> [Double] {
    zeroPhase(timeMajor: signal, leads: 1)
  }

  /// Filters several leads forwards, then backwards; `[T, leads]` → `[T, leads]`.
  ///
  /// Eight leads share one recursion, and the outcome is to the last bit that of ``zeroPhase(_:)`` on each.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major.
  ///   - leads: how many leads a row has.
  /// - Returns: as many samples in the same order.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  /// - Complexity: O(samples · sections).
  public func zeroPhase(timeMajor signal: [Double], leads: Int) -> [Double] {
    var result = signal
    applyZeroPhase(timeMajor: &result, leads: leads)
    return result
  }

  /// Filters several leads in place, `[T, leads]`, forwards, then backwards.
  ///
  /// It is ``zeroPhase(timeMajor:leads:)``, and takes no memory from the system once it has run.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major.
  ///   - leads: how many leads a row has.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  /// - Complexity: O(samples · sections).
  public func applyZeroPhase(timeMajor signal: inout [Double], leads: Int) {
    precondition(leads > 0 && signal.count.isMultiple(of: leads), "a time-major signal has whole rows")
    guard !signal.isEmpty, !sections.isEmpty else { return }
    let count = signal.count / leads
    let padding = min(padding, count - 1)
    signal.withUnsafeMutableBytes { signal in
      guard let start = signal.baseAddress else { return }
      let rows = Rows(start: start, count: count, leads: leads, padding: padding)
      var lead = 0
      while lead < leads {
        switch leads - lead {
        case 8...: lead += zeroPhase(rows, SIMD8<Double>.self, from: lead)
        case 4...: lead += zeroPhase(rows, SIMD4<Double>.self, from: lead)
        case 2...: lead += zeroPhase(rows, SIMD2<Double>.self, from: lead)
        default: lead += zeroPhase(rows, Double.self, from: lead)
        }
      }
    }
  }

  /// Time-major samples, which are replaced.
  private struct Rows {
    var start: UnsafeMutableRawPointer
    var count: Int
    var leads: Int
    var padding: Int
  }

  /// Filters as many leads as fit into the lanes; returns their number.
  @inline(__always)
  private func zeroPhase<Lanes: SampleLanes>(_ rows: Rows, _: Lanes.Type, from lead: Int) -> Int {
    let size = MemoryLayout<Double>.stride
    let (count, padding) = (rows.count, rows.padding)
    func row(_ index: Int) -> Lanes {
      rows.start.loadUnaligned(fromByteOffset: (index * rows.leads + lead) * size, as: Lanes.self)
    }
    let total = count + 2 * padding
    ScratchMemory.with(total + 2 * sections.count, of: Lanes.self) { scratch in
      let line = UnsafeMutableBufferPointer(rebasing: scratch[..<total])
      let memories = UnsafeMutableBufferPointer(rebasing: scratch[total...])
      let first = row(0) * 2
      let last = row(count - 1) * 2
      for index in 0..<padding {
        line[index] = first - row(padding - index)
        line[padding + count + index] = last - row(count - 2 - index)
      }
      for index in 0..<count { line[padding + index] = row(index) }
      steadyMemories(at: line[0], memories)
      run(line, memories, backwards: false)
      steadyMemories(at: line[total - 1], memories)
      run(line, memories, backwards: true)
      for index in 0..<count {
        rows.start.storeBytes(
          of: line[padding + index], toByteOffset: (index * rows.leads + lead) * size, as: Lanes.self)
      }
    }
    return MemoryLayout<Lanes>.size / size
  }
}
