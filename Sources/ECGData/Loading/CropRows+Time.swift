import CKernels

extension CropRows {
  /// ``Augmentation/Kind/randomResizedCrop(low:high:)``: draws the part's share, its start, then one number for each frame
  /// between the ends.
  func stretchPart(_ low: Double, _ high: Double, _ generator: inout SplitMix64) {
    guard count > 1 else { return }
    let part = length(of: generator.uniform(low..<high), least: 2)
    let start = generator.index(below: count - part + 1)
    einthoven_random_places(
      Self.variant, UInt(generator.state), part, count, taken, places, weights)
    generator.skip(count - 2)
    einthoven_lerp_rows(Self.variant, rows + Self.width * start, places, weights, count, spare)
    exchange()
  }

  /// ``Augmentation/Kind/timeOut(low:high:)``: draws the part's share, then its start.
  func blankPart(_ low: Double, _ high: Double, _ generator: inout SplitMix64) {
    let part = length(of: generator.uniform(low..<high), least: 0)
    let start = generator.index(below: count - part + 1)
    (rows + Self.width * start).update(repeating: 0, count: Self.width * part)
  }

  private func length(of share: Double, least: Int) -> Int {
    max(least, min(Int((share * Double(count)).rounded()), count))
  }

  /// ``Augmentation/Kind/dynamicTimeWarp(knots:radius:)``: draws a number for each knot.
  func warp(knots: Int, radius: Double, _ generator: inout SplitMix64) {
    guard count > 1 else { return }
    let last = Double(count - 1)
    let step = last / Double(knots + 1)
    let reach = min(radius, step / 2)
    numbers[0] = 0
    for knot in 1...knots {
      numbers[knot] = Double(knot) * step + reach * (2 * generator.uniform() - 1)
    }
    numbers[knots + 1] = last
    einthoven_warped_places(Self.variant, numbers, knots + 1, count, places, weights)
    einthoven_lerp_rows(Self.variant, rows, places, weights, count, spare)
    exchange()
  }
}
