import CKernels

/// The greatest amplitudes in mV of the paper's physiological noises.
struct NoiseMaxima {
  let wander: Double
  let electromyogram: Double
  let powerline: Double
  let shift: Double

  /// Levels 1 to 6.
  static let levels = [
    NoiseMaxima(wander: 0.05, electromyogram: 0.25, powerline: 0.1, shift: 0.5),
    NoiseMaxima(wander: 0.1, electromyogram: 0.5, powerline: 0.2, shift: 1),
    NoiseMaxima(wander: 0.1, electromyogram: 1, powerline: 0.2, shift: 2),
    NoiseMaxima(wander: 0.2, electromyogram: 1, powerline: 0.4, shift: 2),
    NoiseMaxima(wander: 0.2, electromyogram: 1.5, powerline: 0.4, shift: 2.5),
    NoiseMaxima(wander: 0.3, electromyogram: 2, powerline: 0.5, shift: 3),
  ]
}

extension CropRows {
  /// Adds independent normal numbers times ``factors``, frame by frame the twelve leads: see `einthoven_normals`, whose
  /// blocks take 16 draws each.
  func addNormalNumbers(_ generator: inout SplitMix64) {
    let blocks = (Lead.count * count + 31) / 32
    einthoven_normals(Self.variant, UInt(generator.state), blocks, spare)
    generator.skip(16 * blocks)
    // The last row of sixteen may read beyond the last block.
    (spare + 32 * blocks).update(repeating: 0, count: Self.width - Lead.count)
    einthoven_add_rows(Self.variant, spare, factors, count, rows)
  }

  /// ``Augmentation/Kind/electromyogram(maximum:)``: draws C, then the normal numbers.
  func addElectromyogram(
    _ maximum: Double, _ valuesPerMillivolt: UnsafePointer<Float>, _ generator: inout SplitMix64
  ) {
    let height = Float(maximum * generator.uniform())
    for lead in 0..<Lead.count { factors[lead] = height * valuesPerMillivolt[lead] }
    addNormalNumbers(&generator)
  }

  /// ``Augmentation/Kind/baselineWander(maximum:)``: draws C, then a and φ of each cosine.
  func addWander(
    _ maximum: Double, _ rate: Double, _ valuesPerMillivolt: UnsafePointer<Float>,
    _ generator: inout SplitMix64
  ) {
    let number = 50
    let height = maximum * generator.uniform()
    for harmonic in 0..<number { drawHarmonic(harmonic, height, &generator) }
    for lead in 0..<Lead.count { factors[lead] = valuesPerMillivolt[lead] }
    addHarmonics(number, turns: 0.01 / rate)
  }

  /// ``Augmentation/Kind/powerline(maximum:frequency:harmonics:)``: draws C, a and φ of each harmonic, heard or not, then g
  /// of each lead.
  func addPowerline(
    _ maximum: Double, _ frequency: Double, _ harmonics: Augmentation.Harmonics, _ rate: Double,
    _ valuesPerMillivolt: UnsafePointer<Float>, _ generator: inout SplitMix64
  ) {
    let number = 4
    let height = maximum * generator.uniform()
    (numbers[0], numbers[Self.phases]) = (0, 0)
    for harmonic in 1..<number {
      drawHarmonic(harmonic, height, &generator)
      if harmonics == .bandlimited, Double(harmonic) * frequency >= rate / 2 { numbers[harmonic] = 0 }
    }
    for lead in 0..<Lead.count {
      factors[lead] = Float(2 * generator.uniform() - 1) * valuesPerMillivolt[lead]
    }
    addHarmonics(number, turns: frequency / rate)
  }

  /// ``Augmentation/Kind/baselineShift(maximum:)``: draws C and the number of plateaus, then of each the centre, the length
  /// (two draws) and a number whose bit k is set where lead k goes up.
  func addShift(
    _ maximum: Double, _ rate: Double, _ valuesPerMillivolt: UnsafePointer<Float>,
    _ generator: inout SplitMix64
  ) {
    let height = Float(maximum * generator.uniform())
    // Less than one frame a plateau is no signal, but no reason to stop either.
    let most = min(0.3 * Double(count) / rate, Double(count)).rounded()
    for _ in 0..<generator.index(below: Int(most) + 1) {
      let centre = generator.index(below: count)
      let seconds = 3 + 0.6 * Self.normal(&generator)
      let length = Int(max(0, min(seconds * rate, 2 * Double(count) + 2)).rounded())
      let signs = generator.next()
      for lead in 0..<Lead.count {
        factors[lead] = (signs >> UInt64(lead) & 1 == 1 ? height : -height) * valuesPerMillivolt[lead]
      }
      let start = max(0, centre - length / 2)
      let end = min(count, centre - length / 2 + length)
      einthoven_shift_rows(Self.variant, factors, max(0, end - start), rows + Self.width * start)
    }
  }

  /// Where in ``numbers`` phases begin; sizes begin at 0.
  private static let phases = numberCount / 2

  private func drawHarmonic(_ harmonic: Int, _ height: Double, _ generator: inout SplitMix64) {
    numbers[harmonic] = height * generator.uniform()
    numbers[Self.phases + harmonic] = generator.uniform()
  }

  private func addHarmonics(_ number: Int, turns: Double) {
    einthoven_add_harmonics(
      Self.variant, numbers, numbers + Self.phases, number, turns, factors, count, rows)
  }

  /// A standard normal number with the same bits on every machine, by Box and Muller's transform of two uniform ones.
  private static func normal(_ generator: inout SplitMix64) -> Double {
    let radius = (-2 * PortableMath.logarithm(1 - generator.uniform())).squareRoot()
    return radius * PortableMath.cosPi(2 * generator.uniform())
  }
}
