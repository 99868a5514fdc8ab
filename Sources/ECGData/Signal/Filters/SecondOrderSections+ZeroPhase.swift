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
    precondition(leads > 0 && signal.count.isMultiple(of: leads), "a time-major signal has whole rows")
    guard !signal.isEmpty, !sections.isEmpty else { return signal }
    let count = signal.count / leads
    let padding = min(padding, count - 1)
    return [Double](unsafeUninitializedCapacity: signal.count) { output, initialized in
      signal.withUnsafeBytes { input in
        guard let input = input.baseAddress, let start = output.baseAddress else { return }
        let output = UnsafeMutableRawPointer(start)
        let view = Rows(input: input, output: output, count: count, leads: leads, padding: padding)
        var lead = 0
        while lead < leads {
          switch leads - lead {
          case 8...: lead += zeroPhase(view, SIMD8<Double>.self, from: lead)
          case 4...: lead += zeroPhase(view, SIMD4<Double>.self, from: lead)
          case 2...: lead += zeroPhase(view, SIMD2<Double>.self, from: lead)
          default: lead += zeroPhase(view, Double.self, from: lead)
          }
        }
      }
      initialized = signal.count
    }
  }

  /// Time-major samples as read and as written.
  private struct Rows {
    var input: UnsafeRawPointer
    var output: UnsafeMutableRawPointer
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
      rows.input.loadUnaligned(fromByteOffset: (index * rows.leads + lead) * size, as: Lanes.self)
    }
    let total = count + 2 * padding
    withUnsafeTemporaryAllocation(of: Lanes.self, capacity: total) { buffer in
      guard let line = buffer.baseAddress else { return }
      let first = row(0) * 2
      let last = row(count - 1) * 2
      for index in 0..<padding {
        (line + index).initialize(to: first - row(padding - index))
        (line + padding + count + index).initialize(to: last - row(count - 2 - index))
      }
      for index in 0..<count { (line + padding + index).initialize(to: row(index)) }
      var memories = steadyMemories(at: line[0])
      run(buffer, &memories, backwards: false)
      memories = steadyMemories(at: line[total - 1])
      run(buffer, &memories, backwards: true)
      for index in 0..<count {
        rows.output.storeBytes(
          of: line[padding + index], toByteOffset: (index * rows.leads + lead) * size, as: Lanes.self)
      }
    }
    return MemoryLayout<Lanes>.size / size
  }
}
