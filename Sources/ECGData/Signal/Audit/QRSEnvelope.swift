import CKernels

/// How much each lead moves at the pace of QRS complexes.
///
/// Each lead is band-passed from 8 to 20 Hz, where QRS complexes outweigh P and T waves, muscle and wander
/// (Elgendi, PLoS ONE 8:e73557, 2013, on the best band), rectified and averaged over 100 ms; then it is divided by its own
/// 90 % quantile, so that leads of any size and unit have the same say. The median over the leads is the record's:
/// a burst in a few leads does not reach it.
struct QRSEnvelope {
  /// The leads of the bands.
  let leads: [Lead]
  /// Rows a second.
  let rate: Double
  /// The median over the leads that move.
  let joint: [Double]
  /// Pearson's correlation of each lead's envelope with the record's, in the leads' order; 0 for a lead that never moves.
  let agreements: [Double]
  /// The leads' envelopes as they are, time-major [rows, 12].
  let rows: [Double]
  /// The 90 % quantile of each, shape [12]; 0 for a lead that never moves.
  let sizes: [Double]
  /// Frames of the record a row, and rows by which the record is ahead of the envelopes.
  private let (step, delay): (Int, Int)

  /// The envelopes of a signal, averaged over `window` seconds; nil if no lead moves or it is shorter than that.
  init?(_ bands: SignalBands, window: Double = 0.1) {
    let length = max(1, Int((window * bands.coarseRate).rounded()))
    let count = bands.coarseCount - length + 1
    guard count > 1,
      let filter = try? SecondOrderSections.butter(
        order: 2, band: .bandpass(low: 8, high: 20), rate: bands.coarseRate)
    else { return nil }
    (leads, rate, step, delay) = (bands.leads, bands.coarseRate, bands.step, length / 2)
    let moving = filter.zeroPhase(timeMajor: bands.coarse, leads: Lead.count)
    let rows = [Double](unsafeUninitializedCapacity: count * Lead.count) { rows, initialized in
      einthoven_running_12(
        einthoven_best_variant(), moving, bands.coarseCount, length, rows.baseAddress)
      initialized = count * Lead.count
    }
    var sizes = [Double](repeating: 0, count: Lead.count)
    for lead in bands.leads {
      var sample = QRSEnvelope.thinned(rows, lead.rawValue, of: Lead.count, rate: rate)
      // Rounding leaves a constant lead a few femtovolts.
      if let high = sample.selectQuantile(0.9), high > 1e-3 { sizes[lead.rawValue] = high }
    }
    let moved = sizes.count { $0 > 0 }
    guard moved > 0 else { return nil }
    // The others lie half above and half below those that move, and leave the median where it is.
    var above = (Lead.count - moved + 1) / 2
    let shifts = sizes.map { size -> Double in
      guard size == 0 else { return 0 }
      above -= 1
      return above >= 0 ? .infinity : -.infinity
    }
    joint = [Double](unsafeUninitializedCapacity: count) { medians, initialized in
      einthoven_medians_12(
        einthoven_best_variant(), rows, count, sizes.map { $0 > 0 ? $0 : 1 }, shifts,
        moved.isMultiple(of: 2) ? 1 : 0, medians.baseAddress)
      initialized = count
    }
    (self.rows, self.sizes) = (rows, sizes)
    agreements = QRSEnvelope.agreements(of: bands.leads, rows, sizes, with: joint, rate: rate)
  }

  /// A column at about 50 Hz: an average over 100 ms has nothing to say beyond.
  static func thinned(_ rows: [Double], _ column: Int, of width: Int, rate: Double) -> [Double] {
    let step = max(1, Int(rate / 50))
    let count = (rows.count / width + step - 1) / step
    return rows.withUnsafeBufferPointer { rows in
      [Double](unsafeUninitializedCapacity: count) { line, initialized in
        for index in 0..<count { line[index] = rows[index * step * width + column] }
        initialized = count
      }
    }
  }

  /// The envelope of one lead relative to its own 90 % quantile; nil for a lead that never moves.
  func line(_ lead: Lead) -> [Double]? {
    let size = sizes[lead.rawValue]
    return size > 0
      ? stride(from: lead.rawValue, to: rows.count, by: Lead.count).map { rows[$0] / size } : nil
  }

  private static func agreements(
    of leads: [Lead], _ rows: [Double], _ sizes: [Double], with joint: [Double], rate: Double
  ) -> [Double] {
    let all = thinned(joint, 0, of: 1, rate: rate)
    let meanB = all.reduce(0, +) / Double(all.count)
    return leads.map { lead in
      guard sizes[lead.rawValue] > 0 else { return 0 }
      let line = thinned(rows, lead.rawValue, of: Lead.count, rate: rate)
      let meanA = line.reduce(0, +) / Double(line.count)
      var (product, squareA, squareB) = (0.0, 0.0, 0.0)
      for (a, b) in zip(line, all) {
        product += (a - meanA) * (b - meanB)
        squareA += (a - meanA) * (a - meanA)
        squareB += (b - meanB) * (b - meanB)
      }
      let scale = (squareA * squareB).squareRoot()
      return scale > 0 ? product / scale : 0
    }
  }

  /// The row of the envelopes for a frame that ``beats(_:)`` found.
  func row(at frame: Int) -> Int { frame / step - delay }

  /// The record's time of a row of the envelopes, in seconds.
  func seconds(of row: Int) -> Double { Double(row + delay) / rate }

  /// Peaks of an envelope, as frames of the signal.
  ///
  /// A peak counts from 0.4 of the level around it: the median of the maxima of nine pieces of 2 s, so that
  /// neither a single spike nor a pause moves the threshold much. Of two peaks within 200 ms (Pan and Tompkins,
  /// IEEE Trans. Biomed. Eng. 32:230–236, 1985: the refractory period) the higher one stays.
  func beats(_ envelope: [Double]) -> [Int] {
    let piece = max(1, Int(2 * rate))
    let pieces = max(1, envelope.count / piece)
    let maxima = (0..<pieces).map { index in
      envelope[(index * piece)..<min(envelope.count, (index + 1) * piece)].max() ?? 0
    }
    let levels = maxima.indices.map { index in
      let around = maxima[max(0, index - 4)..<min(pieces, index + 5)].sorted()
      let middle = around.count / 2
      return around.count.isMultiple(of: 2) ? (around[middle - 1] + around[middle]) / 2 : around[middle]
    }
    let refractory = Int(0.2 * rate)
    var beats: [Int] = []
    for frame in envelope.indices.dropFirst().dropLast()
    where envelope[frame] >= envelope[frame - 1] && envelope[frame] > envelope[frame + 1] {
      guard envelope[frame] >= 0.4 * levels[min(frame / piece, pieces - 1)] else { continue }
      if let last = beats.last, frame - last < refractory {
        if envelope[frame] > envelope[last] { beats[beats.count - 1] = frame }
      } else {
        beats.append(frame)
      }
    }
    return beats.map { ($0 + delay) * step + step / 2 }
  }
}
