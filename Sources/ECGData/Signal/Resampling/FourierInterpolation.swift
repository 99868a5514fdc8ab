/// What resampling a signal of one length by its Fourier series takes.
///
/// The series of `count` samples, cut after half the lower rate, is evaluated at the times of the outputs: from
/// the real samples' transform X, y(t) = (X₀ + Σ 2 X_k e^(2πi kt/T)) / n, real part; X_(n/2), which stands for its
/// own mirror, counts once.
struct FourierInterpolation: Sendable {
  private let count: Int
  private let outputs: Int
  /// The greatest frequency kept, in periods of the signal.
  private let highest: Int
  /// Of the samples, or of half as many pairs of them.
  private let forward: FourierTransform
  private let isPaired: Bool
  /// e^(−2πi k/n), which takes the halves of paired samples apart.
  private let turns: [Complex]
  private let backward: FourierTransform

  /// - Complexity: O(n log n).
  init(count: Int, ratio: RateRatio) {
    let (up, down) = (ratio.up, ratio.down)
    self.count = count
    outputs = ratio.outputCount(count)
    highest = count * min(up, down) / (2 * down)
    isPaired = count.isMultiple(of: 2)
    forward = FourierTransform(count: isPaired ? count / 2 : count)
    turns =
      isPaired
      ? (0...highest).map { index in
        let angle = 2 * Double(index) / Double(count)
        return Complex(PortableMath.cosPi(angle), -PortableMath.sinPi(angle))
      } : []
    backward =
      (count * up).isMultiple(of: down)
      ? FourierTransform(count: outputs)
      // The outputs do not divide the period: each is at its own time nevertheless.
      : .chirp(
        ChirpTransform(inputs: highest + 1, outputs: outputs, numerator: down, denominator: up * count))
  }

  /// Resamples `Lanes` leads, which begin at the first sample of `input` and of `output`, in rows `leads` apart.
  func apply<Lanes: FourierLanes>(
    _: Lanes.Type, _ input: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>, leads: Int
  ) {
    let length = max(forward.length, backward.length)
    ScratchMemory.with(2 * length, of: ComplexLanes<Lanes>.self) { memory in
      guard let first = memory.baseAddress else { return }
      let second = first + length
      let rows = UnsafeRawPointer(input)
      let step = leads * MemoryLayout<Double>.stride
      for index in 0..<(isPaired ? count / 2 : count) {
        first[index] =
          isPaired
          ? ComplexLanes(
            real: rows.loadUnaligned(fromByteOffset: 2 * index * step, as: Lanes.self),
            imaginary: rows.loadUnaligned(fromByteOffset: (2 * index + 1) * step, as: Lanes.self))
          : ComplexLanes(
            real: rows.loadUnaligned(fromByteOffset: index * step, as: Lanes.self), imaginary: .zero)
      }
      let transformed = forward.apply(first, second)
      let series = transformed == first ? second : first
      for frequency in 0...highest {
        let isOwnMirror = frequency == 0 || 2 * frequency == count
        let weight = (isOwnMirror ? 1 : 2) / Double(count)
        // The real part of a sum is that of its conjugate, so the same transform leads back.
        series[frequency] = (coefficient(frequency, of: transformed) * weight).conjugate
      }
      for index in (highest + 1)..<max(highest + 1, backward.length) {
        series[index] = ComplexLanes(real: .zero, imaginary: .zero)
      }
      let result = backward.apply(series, transformed)
      let target = UnsafeMutableRawPointer(output)
      for index in 0..<outputs {
        target.storeBytes(of: result[index].real, toByteOffset: index * step, as: Lanes.self)
      }
    }
  }

  /// The transform of the samples at one frequency.
  private func coefficient<Lanes>(
    _ frequency: Int, of transformed: UnsafeMutablePointer<ComplexLanes<Lanes>>
  ) -> ComplexLanes<Lanes> {
    guard isPaired else { return transformed[frequency] }
    let half = count / 2
    let a = transformed[frequency == half ? 0 : frequency]
    let b = transformed[frequency == 0 || frequency == half ? 0 : half - frequency].conjugate
    return (a + b) * 0.5 + ((a - b) * 0.5).turnedBack * turns[frequency]
  }
}
