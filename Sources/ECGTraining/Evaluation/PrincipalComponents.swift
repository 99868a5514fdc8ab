internal import ECGData

/// Where rows of numbers lie along the two directions in which they differ most.
///
/// By orthogonal iteration with a few directions more, and then the best within these (Golub and Van Loan, 2013, section 8.2);
/// the sign of a direction is that in which its largest number is positive.
struct PrincipalComponents {
  /// [N, 2].
  let coordinates: [[Double]]
  /// Of the variance, along each.
  let shares: [Double]

  /// Beyond, a picture tells no more.
  static let mostRows = 2000
  private static let directions = 6
  private static let mostRounds = 60

  /// - Parameter rows: [N, D].
  /// - Complexity: O(N · D) a round, of which there are 60 at most.
  init(of rows: [[Float]]) {
    let width = rows.first?.count ?? 0
    var mean = [Double](repeating: 0, count: width)
    for row in rows { for column in 0..<width { mean[column] += Double(row[column]) / Double(rows.count) } }
    let centred = rows.map { row in (0..<width).map { Double(row[$0]) - mean[$0] } }
    let variance = centred.joined().reduce(0) { $0 + $1 * $1 }
    guard variance > 0, variance.isFinite else {
      coordinates = rows.map { _ in [0, 0] }
      shares = [0, 0]
      return
    }
    var generator = SplitMix64("principal components")
    var basis = PrincipalComponents.orthonormal(
      (0..<min(PrincipalComponents.directions, width)).map { _ in
        (0..<width).map { _ in generator.uniform() - 0.5 }
      })
    var last = 0.0
    for _ in 0..<PrincipalComponents.mostRounds {
      let places = PrincipalComponents.places(centred, basis)
      // Squared lengths only grow, to the eigenvalues.
      let grown = places.reduce(0) { $0 + $1[0] * $1[0] + ($1.count > 1 ? $1[1] * $1[1] : 0) }
      if grown - last <= 1e-9 * grown { break }
      last = grown
      var next = [[Double]](repeating: [Double](repeating: 0, count: width), count: basis.count)
      for (row, place) in zip(centred, places) {
        for index in next.indices {
          for column in 0..<width { next[index][column] += place[index] * row[column] }
        }
      }
      basis = PrincipalComponents.orthonormal(next)
    }
    var axes = PrincipalComponents.sorted(basis, by: PrincipalComponents.places(centred, basis)).prefix(2)
    for index in axes.indices {
      let largest = axes[index].max { abs($0) < abs($1) } ?? 0
      if largest < 0 { axes[index] = axes[index].map { -$0 } }
    }
    let places = PrincipalComponents.places(centred, Array(axes))
    let coordinates = places.map { $0 + [Double](repeating: 0, count: 2 - $0.count) }
    self.coordinates = coordinates
    shares = (0..<2).map { axis in coordinates.reduce(0) { $0 + $1[axis] * $1[axis] } / variance }
  }

  /// Inner products of rows and directions, [N, directions].
  private static func places(_ rows: [[Double]], _ basis: [[Double]]) -> [[Double]] {
    rows.map { row in
      basis.map { direction in
        var sum = 0.0
        for column in row.indices { sum += row[column] * direction[column] }
        return sum
      }
    }
  }

  /// Gram and Schmidt's, twice, as once leaves a rest; directions that depend on those before are left out.
  private static func orthonormal(_ directions: [[Double]]) -> [[Double]] {
    var basis: [[Double]] = []
    for direction in directions {
      var rest = direction
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for _ in 0..<2 {
        for other in basis {
          let share = zip(rest, other).reduce(0) { $0 + $1.0 * $1.1 }
          for column in rest.indices { rest[column] -= share * other[column] }
        }
      }
      let left = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if left > 1e-10 * length { basis.append(rest.map { $0 / left }) }
    }
    return basis
  }

  /// Turns directions within what they span so that they are apart in variance, the largest first: Jacobi's method.
  private static func sorted(_ basis: [[Double]], by places: [[Double]]) -> [[Double]] {
    let count = basis.count
    var matrix = (0..<count).map { one in
      (0..<count).map { other in places.reduce(0) { $0 + $1[one] * $1[other] } }
    }
    var directions = basis
    for _ in 0..<30 {
      for one in 0..<count {
        for other in (one + 1)..<max(count, one + 1) where matrix[one][other] != 0 {
          let angle = (matrix[other][other] - matrix[one][one]) / (2 * matrix[one][other])
          let tangent = (angle >= 0 ? 1 : -1) / (abs(angle) + (angle * angle + 1).squareRoot())
          let cosine = 1 / (tangent * tangent + 1).squareRoot()
          let sine = tangent * cosine
          for index in 0..<count {
            let (a, b) = (matrix[index][one], matrix[index][other])
            (matrix[index][one], matrix[index][other]) = (cosine * a - sine * b, sine * a + cosine * b)
          }
          for index in 0..<count {
            let (a, b) = (matrix[one][index], matrix[other][index])
            (matrix[one][index], matrix[other][index]) = (cosine * a - sine * b, sine * a + cosine * b)
          }
          let (a, b) = (directions[one], directions[other])
          directions[one] = zip(a, b).map { cosine * $0 - sine * $1 }
          directions[other] = zip(a, b).map { sine * $0 + cosine * $1 }
        }
      }
    }
    return (0..<count).sorted { matrix[$0][$0] > matrix[$1][$1] }.map { directions[$0] }
  }
}
