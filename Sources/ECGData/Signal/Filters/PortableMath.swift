/// The elementary functions that filter design needs, from additions, multiplications and divisions alone.
///
/// The C library's sine, tangent and exponential differ in their last bit between processors and versions, and
/// with them every filtered sample would. These are sums in a fixed order: the same bits everywhere, and
/// within a few units in the last place of the true value.
enum PortableMath {
  /// sin(π x), with x reduced exactly.
  static func sinPi(_ x: Double) -> Double {
    let rest = x.remainder(dividingBy: 2)
    let size = abs(rest)
    let folded = size > 0.5 ? 1 - size : size
    let value = folded <= 0.25 ? sine(Double.pi * folded) : cosine(Double.pi * (0.5 - folded))
    return rest < 0 ? -value : value
  }

  /// cos(π x), with x reduced exactly.
  static func cosPi(_ x: Double) -> Double {
    let size = abs(x.remainder(dividingBy: 2))
    if size <= 0.25 { return cosine(Double.pi * size) }
    return size < 0.75 ? sine(Double.pi * (0.5 - size)) : -cosine(Double.pi * (1 - size))
  }

  /// tan(π x).
  static func tanPi(_ x: Double) -> Double {
    sinPi(x) / cosPi(x)
  }

  /// eˣ − 1, good for small x as well.
  static func exponentialMinusOne(_ x: Double) -> Double {
    if abs(x) < 0.5 { return series(x) }
    return exponential(x) - 1
  }

  /// eˣ, for arguments whose result is a normal number.
  static func exponential(_ x: Double) -> Double {
    let turns = (x * 1.4426950408889634).rounded()
    // ln 2 in two parts, the first with so few bits that `turns` times it is exact.
    let rest = (x - turns * 0.693147180369123816490) - turns * 1.90821492927058770002e-10
    return Double(sign: .plus, exponent: Int(max(-1074, min(turns, 1023))), significand: 1 + series(rest))
  }

  /// The natural logarithm of a positive number.
  static func logarithm(_ x: Double) -> Double {
    let isLarge = x.significand > 1.4142135623730951
    let near = isLarge ? x.significand / 2 : x.significand
    let turns = Double(x.exponent) + (isLarge ? 1 : 0)
    // 2 artanh of a ratio of 0.172 at most.
    let ratio = (near - 1) / (near + 1)
    let square = ratio * ratio
    var sum = 0.0
    for order in stride(from: 23.0, through: 3, by: -2) { sum = sum * square + 1 / order }
    let rest = 2 * ratio + (2 * ratio * (sum * square) + turns * 1.90821492927058770002e-10)
    return turns * 0.693147180369123816490 + rest
  }

  /// The decibels `x` as a ratio of powers less one: 10^(x/10) − 1.
  static func powerRatioMinusOne(decibels x: Double) -> Double {
    exponentialMinusOne(x * 0.2302585092994045684)
  }

  /// The positive `degree`-th root of a number of 1 or more, by Newton's method from above.
  static func root(_ x: Double, degree: Int) -> Double {
    var value = Double(sign: .plus, exponent: Int(x.exponent) / degree + 1, significand: 1)
    while true {
      var power = 1.0
      for _ in 1..<degree { power *= value }
      let next = value - (value - x / power) / Double(degree)
      // Newton's steps fall towards the root until rounding stops them.
      guard next < value else { return value }
      value = next
    }
  }

  /// sin x for 0 ≤ x ≤ π/4.
  private static func sine(_ x: Double) -> Double {
    let square = x * x
    var sum = 0.0
    for order in stride(from: 21.0, through: 3, by: -2) { sum = (sum + 1) * -square / (order * (order - 1)) }
    return x + x * sum
  }

  /// cos x for |x| ≤ π/4.
  private static func cosine(_ x: Double) -> Double {
    let square = x * x
    var sum = 0.0
    for order in stride(from: 22.0, through: 2, by: -2) { sum = (sum + 1) * -square / (order * (order - 1)) }
    return 1 + sum
  }

  /// eˣ − 1 for |x| ≤ 1/2.
  private static func series(_ x: Double) -> Double {
    var sum = 0.0
    for order in stride(from: 19.0, through: 2, by: -1) { sum = (sum + 1) * x / order }
    return x + x * sum
  }
}
