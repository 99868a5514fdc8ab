/// How much each lead moves at the pace of QRS complexes.
///
/// Each lead is band-passed from 8 to 20 Hz, where QRS complexes outweigh P and T waves, muscle and wander
/// (Elgendi, PLoS ONE 8:e73557, 2013, on the best band), rectified and averaged over 100 ms; then it is divided by its own
/// 90 % quantile, so that leads of any size and unit have the same say. The median over the leads is the record's:
/// a burst in a few leads does not reach it.
struct QRSEnvelope {
  /// Seconds of the moving average.
  static let window = 0.1

  let rate: Double
  /// Frames by which the envelope's sample i is ahead of the signal's frame i.
  let delay: Int
  /// One envelope a column of the bands, relative to its own 90 % quantile; empty for a lead that never moves.
  let columns: [[Double]]
  /// The median over the columns.
  let joint: [Double]

  /// The envelopes of a signal; nil if no lead moves or it is shorter than the average.
  init?(_ bands: SignalBands) {
    let width = bands.leads.count
    let length = max(1, Int((QRSEnvelope.window * bands.rate).rounded()))
    let count = bands.frameCount - length + 1
    guard count > 1,
      let filter = try? SecondOrderSections.butter(
        order: 2, band: .bandpass(low: 8, high: 20), rate: bands.rate)
    else { return nil }
    rate = bands.rate
    delay = length / 2
    let moving = filter.zeroPhase(timeMajor: bands.bridged, leads: width)
    columns = (0..<width).map { column in
      var sum = 0.0
      var line = [Double](repeating: 0, count: count)
      for frame in 0..<bands.frameCount {
        sum += abs(moving[frame * width + column])
        if frame >= length { sum -= abs(moving[(frame - length) * width + column]) }
        if frame >= length - 1 { line[frame - length + 1] = max(0, sum) / Double(length) }
      }
      var sample = QRSEnvelope.thinned(line, rate: bands.rate)
      // Rounding leaves a constant lead a few femtovolts.
      guard let high = sample.selectQuantile(0.9), high > 1e-3 else { return [] }
      for index in line.indices { line[index] /= high }
      return line
    }
    let moved = columns.filter { !$0.isEmpty }
    guard !moved.isEmpty else { return nil }
    var row = [Double](repeating: 0, count: moved.count)
    joint = (0..<count).map { frame in
      for (index, column) in moved.enumerated() {
        // Insertion keeps the few values sorted as they come.
        let value = column[frame]
        var place = index
        while place > 0, row[place - 1] > value {
          row[place] = row[place - 1]
          place -= 1
        }
        row[place] = value
      }
      let middle = moved.count / 2
      return moved.count.isMultiple(of: 2) ? (row[middle - 1] + row[middle]) / 2 : row[middle]
    }
  }

  /// A line at about 50 Hz: an average over 100 ms has nothing to say beyond.
  private static func thinned(_ line: [Double], rate: Double) -> [Double] {
    stride(from: 0, to: line.count, by: max(1, Int(rate / 50))).map { line[$0] }
  }

  /// Pearson's correlation of each column with the record's envelope; 0 for a lead that never moves.
  var agreements: [Double] {
    let all = QRSEnvelope.thinned(joint, rate: rate)
    return columns.map { column in
      guard !column.isEmpty else { return 0 }
      let line = QRSEnvelope.thinned(column, rate: rate)
      let (meanA, meanB) = (line.reduce(0, +) / Double(line.count), all.reduce(0, +) / Double(all.count))
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
    return beats.map { $0 + delay }
  }
}
