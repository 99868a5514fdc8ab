/// Changes the sampling rate of a signal by a rational factor, with zero phase.
///
/// Equal to `scipy.signal.resample_poly(x, up, down)` with its defaults, to about 1e-15 of the amplitude: the
/// signal is zero outside its ends; the filter is a sinc of cutoff 1/max(up, down) under a Kaiser window of β
/// = 5 that reaches 10 · max(up, down) steps of the upsampled grid to either side; output `m` lies at the
/// time of input sample `m · down / up`, and there are ⌈n · up / down⌉ of them.
///
///     let resampler = try PolyphaseResampler(from: 500, to: 100)
///     let slow = resampler(fast)                               // one lead
///     let slowRecord = resampler.timeMajor(record, leads: 12)  // [T, 12] → [T/5, 12]
///
/// One value serves any number of signals and threads. Every output is one sum in a fixed order, without
/// contraction, so it is the same to the last bit on every machine.
///
/// **Missing samples** are NaN. An output is NaN when it lies strictly inside a gap, that is when one of the
/// two input samples at the floor and the ceiling of its position is missing. Before filtering, a gap is
/// bridged by a straight line between its neighbours (held at the ends of the signal), so that no ringing
/// spreads from a hole into what was measured. A signal without any sample stays without.
///
/// As in SciPy the response is one half at the new Nyquist frequency: what lies just above it is only damped.
public struct PolyphaseResampler: Resampler {
  /// The sampling rate of the input in Hz.
  public let inputRate: Double
  /// The sampling rate of the output in Hz.
  public let outputRate: Double
  /// The reduced numerator of output rate / input rate.
  public let up: Int
  /// The reduced denominator of output rate / input rate.
  public let down: Int

  /// The greatest `up` or `down`; the taps of a filter are some 20 times as many.
  static let greatestFactor = 1 << 17

  /// How far the filter reaches, in input samples to either side of an output.
  private let reach: Int
  /// The non-zero taps, phase after phase, each phase in the order of its input samples.
  private let taps: [Tap]
  /// The taps of the outputs m, m + up, m + 2 · up …, for each m below `up`.
  private let phases: [Range<Int>]

  private struct Tap: Sendable {
    var coefficient: Double
    /// The input sample it weighs for output m; for each next output of the phase it is the one `down` later.
    var input: Int
  }

  /// Designs the filter for one pair of rates in Hz.
  ///
  /// The ratio is the first convergent of the continued fraction of `outputRate / inputRate` within 1e-9 of
  /// it, so that rates such as 257 or 62.4725 Hz are met as well.
  ///
  /// - Throws: ``ECGError`` (`unsupported`) if a rate is not a positive finite number, or if no ratio of
  ///   whole numbers up to 131,072 comes within 1e-9 of theirs.
  /// - Complexity: O(20 · max(up, down)) time and memory.
  public init(from inputRate: Double, to outputRate: Double) throws {
    guard inputRate.isFinite, outputRate.isFinite, inputRate > 0, outputRate > 0 else {
      throw ECGError(
        .unsupported, "cannot resample from \(inputRate) Hz to \(outputRate) Hz",
        advice: "both rates must be positive numbers")
    }
    guard let (up, down) = Self.ratio(outputRate / inputRate) else {
      throw ECGError(
        .unsupported,
        "no ratio of whole numbers up to \(Self.greatestFactor) leads from \(inputRate) Hz to \(outputRate) Hz",
        advice: "choose a rate nearer to the recording's")
    }
    self.inputRate = inputRate
    self.outputRate = outputRate
    self.up = up
    self.down = down

    let factor = max(up, down)
    let halfLength = 10 * factor
    let filter = WindowedSincFilter.lowpass(halfLength: halfLength, factor: factor, beta: 5)
    var taps: [Tap] = []
    var phases: [Range<Int>] = []
    for output in 0..<up {
      // y[m] = Σ x[k] · h[halfLength + m · down − k · up], over the k at which h has a tap.
      let (base, remainder) = (output * down).quotientAndRemainder(dividingBy: up)
      let start = taps.count
      for lag in -((halfLength - remainder) / up)...((halfLength + remainder) / up) {
        let coefficient = filter[halfLength + remainder - lag * up] * Double(up)
        if coefficient != 0 { taps.append(Tap(coefficient: coefficient, input: base + lag)) }
      }
      phases.append(start..<taps.count)
    }
    self.taps = taps
    self.phases = phases
    reach = halfLength / up + 1
  }

  /// The number of samples that `count` samples become: ⌈count · up / down⌉.
  public func outputCount(_ count: Int) -> Int {
    (count * up + down - 1) / down
  }

  /// Resamples several leads, `[T, leads]` → `[outputCount(T), leads]`.
  ///
  /// Each lead is resampled by itself: the outcome is that of one lead at a time.
  ///
  /// - Parameters:
  ///   - input: the samples, time-major, NaN where missing.
  ///   - leads: how many leads a row has.
  ///   - output: is replaced by the result.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  /// - Complexity: O(20 · max(1, down / up)) operations an output.
  public func resample(timeMajor input: [Double], leads: Int, into output: inout [Double]) {
    precondition(leads > 0 && input.count.isMultiple(of: leads), "a time-major signal has whole rows")
    if up == down || input.isEmpty {
      output = input
      return
    }
    let count = input.count / leads
    let outputs = outputCount(count)
    let layout = Layout(count: count, down: down, reach: reach, inLanes: outputs >= Lanes.scalarCount * up)
    let places = taps.map { layout.place($0.input) }
    let hasGaps = input.contains { $0.isNaN }
    var padded = [Double](repeating: 0, count: layout.size)
    output = [Double](unsafeUninitializedCapacity: outputs * leads) { output, initialized in
      for lead in 0..<leads {
        var gaps: MissingSamples?
        if hasGaps {
          var line = stride(from: lead, to: input.count, by: leads).map { input[$0] }
          gaps = MissingSamples.bridge(&line)
          layout.spread(line, from: 0, step: 1, over: &padded)
        } else {
          layout.spread(input, from: lead, step: leads, over: &padded)
        }
        for phase in 0..<min(up, outputs) {
          let column = Column(
            start: phase * leads + lead, step: up * leads, count: (outputs - phase + up - 1) / up)
          if layout.inLanes {
            sumInLanes(phases[phase], places, padded, column, output)
          } else {
            sumSingly(phases[phase], places, padded, column, output)
          }
        }
        for index in gaps?.outputs(count: outputs, up: up, down: down) ?? [] {
          output[index * leads + lead] = .nan
        }
      }
      initialized = outputs * leads
    }
  }
}

// MARK: - The sums

extension PolyphaseResampler {
  private typealias Lanes = SIMD16<Double>

  /// Where the input samples lie in memory while they are filtered.
  ///
  /// The outputs of one phase take input samples that are `down` apart. Where these lie side by side, 16
  /// outputs are summed at once with plain vector loads; where a phase has only a few outputs, the signal
  /// keeps its order.
  private struct Layout {
    var inLanes: Bool
    var down: Int
    /// Zeros before the first sample, a multiple of `down`.
    var padding: Int
    /// The distance between two neighbouring samples of the signal.
    var stream: Int
    var size: Int

    init(count: Int, down: Int, reach: Int, inLanes: Bool) {
      self.inLanes = inLanes
      self.down = down
      padding = (reach / down + 1) * down
      let length = padding + count + reach
      // The last block of lanes reads past the last output.
      stream = inLanes ? length / down + 1 + Lanes.scalarCount : 1
      size = inLanes ? stream * down : length
    }

    /// The place of an input sample, from `-reach`.
    func place(_ input: Int) -> Int {
      guard inLanes else { return input + padding }
      let (position, remainder) = (input + padding).quotientAndRemainder(dividingBy: down)
      return remainder * stream + position
    }

    /// Puts the samples `start`, `start + step` … in their places; all others are zero from the start.
    func spread(_ samples: [Double], from start: Int, step: Int, over padded: inout [Double]) {
      let turns = inLanes ? down : 1
      samples.withUnsafeBufferPointer { samples in
        padded.withUnsafeMutableBufferPointer { padded in
          for first in 0..<turns {
            var place = place(first)
            for index in Swift.stride(from: start + first * step, to: samples.count, by: turns * step) {
              padded[place] = samples[index]
              place += 1
            }
          }
        }
      }
    }
  }

  /// The places of one phase's outputs in the result.
  private struct Column {
    var start: Int
    var step: Int
    var count: Int
  }

  /// Sums 16 outputs of a phase at a time, each in the order of ``sumSingly(_:_:_:_:_:)``.
  private func sumInLanes(
    _ range: Range<Int>, _ places: [Int], _ padded: [Double], _ column: Column,
    _ output: UnsafeMutableBufferPointer<Double>
  ) {
    padded.withUnsafeBytes { padded in
      taps.withUnsafeBufferPointer { taps in
        places.withUnsafeBufferPointer { places in
          for block in stride(from: 0, to: column.count, by: Lanes.scalarCount) {
            var sums = Lanes.zero
            for tap in range {
              let bytes = (places[tap] + block) * MemoryLayout<Double>.stride
              sums += padded.loadUnaligned(fromByteOffset: bytes, as: Lanes.self) * taps[tap].coefficient
            }
            let place = column.start + block * column.step
            if block + Lanes.scalarCount <= column.count {
              for lane in 0..<Lanes.scalarCount {
                output.initializeElement(at: place + lane * column.step, to: sums[lane])
              }
            } else {
              for lane in 0..<(column.count - block) {
                output.initializeElement(at: place + lane * column.step, to: sums[lane])
              }
            }
          }
        }
      }
    }
  }

  private func sumSingly(
    _ range: Range<Int>, _ places: [Int], _ padded: [Double], _ column: Column,
    _ output: UnsafeMutableBufferPointer<Double>
  ) {
    for index in 0..<column.count {
      var sum = 0.0
      for tap in range { sum += padded[places[tap] + index * down] * taps[tap].coefficient }
      output.initializeElement(at: column.start + index * column.step, to: sum)
    }
  }
}

// MARK: - The ratio

extension PolyphaseResampler {
  /// The first convergent of a number's continued fraction within 1e-9 of it, in lowest terms.
  private static func ratio(_ value: Double) -> (up: Int, down: Int)? {
    var (previous, current) = ((up: 0.0, down: 1.0), (up: 1.0, down: 0.0))
    var rest = value
    while true {
      let whole = rest.rounded(.down)
      (previous, current) = (
        current, (up: whole * current.up + previous.up, down: whole * current.down + previous.down)
      )
      guard max(current.up, current.down) <= Double(greatestFactor) else { return nil }
      if abs(current.up - value * current.down) <= 1e-9 * current.up {
        return (Int(current.up), Int(current.down))
      }
      rest = 1 / (rest - whole)
    }
  }
}
