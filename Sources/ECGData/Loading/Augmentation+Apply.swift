import CKernels

extension Augmentation {
  /// Changes a crop, or leaves it, as the generator has it.
  ///
  /// The numbers are those that ``check()`` lets pass. Nothing is drawn for a crop without frames but what the probability
  /// takes, and a part or a warp of a crop of one frame is that frame.
  ///
  /// - Parameters:
  ///   - crop: the frames that are the record's, normalised.
  ///   - rate: their sampling rate in Hz.
  ///   - valuesPerMillivolt: what 1 mV of each of the twelve leads is in the crop's units; 0 keeps a lead from noise in mV.
  ///   - generator: the crop's own.
  func apply(
    to crop: CropRows, rate: Double, valuesPerMillivolt: UnsafePointer<Float>,
    generator: inout SplitMix64
  ) {
    if probability < 1, generator.uniform() >= probability { return }
    guard crop.count > 0 else { return }
    switch kind {
    case .randomResizedCrop(let low, let high):
      crop.stretchPart(low, high, &generator)
    case .timeOut(let low, let high):
      crop.blankPart(low, high, &generator)
    case .gaussianNoise(let deviation):
      for lead in 0..<Lead.count { crop.factors[lead] = Float(deviation) }
      crop.addNormalNumbers(&generator)
    case .leadScaling(let low, let high):
      let logarithm = PortableMath.logarithm(low)
      let span = PortableMath.logarithm(high) - logarithm
      for lead in 0..<Lead.count {
        crop.factors[lead] = Float(PortableMath.exponential(logarithm + span * generator.uniform()))
      }
      einthoven_scale_rows(CropRows.variant, crop.factors, crop.count, crop.rows)
    case .blur:
      einthoven_blur_rows(CropRows.variant, crop.count, crop.rows)
    case .dynamicTimeWarp(let knots, let radius):
      crop.warp(knots: knots, radius: radius * rate, &generator)
    case .negation:
      for lead in 0..<Lead.count { crop.factors[lead] = -1 }
      einthoven_scale_rows(CropRows.variant, crop.factors, crop.count, crop.rows)
    case .downSampling(let factor):
      einthoven_thin_rows(CropRows.variant, factor, crop.count, crop.rows)
    case .baselineWander(let maximum):
      crop.addWander(maximum, rate, valuesPerMillivolt, &generator)
    case .electromyogram(let maximum):
      crop.addElectromyogram(maximum, valuesPerMillivolt, &generator)
    case .powerline(let maximum, let frequency, let harmonics):
      crop.addPowerline(maximum, frequency, harmonics, rate, valuesPerMillivolt, &generator)
    case .baselineShift(let maximum):
      crop.addShift(maximum, rate, valuesPerMillivolt, &generator)
    case .physiologicalNoise(let level, let frequency, let harmonics):
      let maxima = NoiseMaxima.levels[max(1, min(level, NoiseMaxima.levels.count)) - 1]
      crop.addWander(maxima.wander, rate, valuesPerMillivolt, &generator)
      crop.addElectromyogram(maxima.electromyogram, valuesPerMillivolt, &generator)
      crop.addPowerline(maxima.powerline, frequency, harmonics, rate, valuesPerMillivolt, &generator)
      crop.addShift(maxima.shift, rate, valuesPerMillivolt, &generator)
    }
  }
}

extension CropRows {
  /// The kernels' best variant here.
  static let variant = einthoven_best_variant()
}
