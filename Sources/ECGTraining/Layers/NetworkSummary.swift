internal import ECGData

/// What a network consists of: for every layer its result's shape, its parameters and its work.
public struct NetworkSummary: Sendable {
  /// A layer.
  public struct Row: Sendable {
    /// Its name in the network's state, such as `stages.0.1.path.0.0`.
    public var name: String
    /// What it is.
    public var kind: String
    /// The shape of its result without the batch: [C, T], or [C].
    public var shape: [Int]
    /// Numbers that are trained.
    public var parameters: Int
    /// Multiplications, each with its addition, for one signal.
    public var multiplications: Int
  }

  /// The layers in the order in which they are applied.
  public private(set) var rows: [Row] = []
  private var path: [String] = []

  /// A summary of nothing.
  public init() {}

  /// Numbers that are trained.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  /// Floating-point operations for one signal, forward: two for each multiplication of a convolution, linear or LSTM layer.
  public var operations: Int { 2 * rows.reduce(0) { $0 + $1.multiplications } }

  /// Adds a layer under the present name.
  ///
  /// - Parameters:
  ///   - kind: What it is.
  ///   - module: The layer.
  ///   - shape: Its result's.
  ///   - multiplications: Those for each of its places.
  ///   - places: How often they are done.
  /// - Returns: the shape.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for a shape that is none or more work than can be counted.
  @ComputeActor mutating func add(
    _ kind: String, _ module: any Module, _ shape: [Int], multiplications: Int = 0, each places: Int = 1
  ) throws -> [Int] {
    _ = try Tensor.count(of: shape)
    let (work, overflow) = multiplications.multipliedReportingOverflow(by: places)
    guard !overflow, work < 1 << 50 else {
      throw ECGError(
        .invalidArgument, "\(kind) has more work than can be counted for a result of shape \(shape)")
    }
    rows.append(
      Row(
        name: path.joined(separator: "."), kind: kind, shape: shape,
        parameters: module.parameters.reduce(0) { $0 + $1.parameter.tensor.count }, multiplications: work))
    return shape
  }

  /// Adds what `body` adds under a name within the present one.
  mutating func within<Result>(_ name: String, _ body: (inout NetworkSummary) throws -> Result) rethrows
    -> Result
  {
    path.append(name)
    defer { path.removeLast() }
    return try body(&self)
  }
}

extension NetworkSummary: CustomStringConvertible {
  /// A table of the layers with their totals.
  public var description: String {
    let cells = rows.map {
      [
        $0.name, $0.kind, $0.shape.map(String.init).joined(separator: " × "), "\($0.parameters)",
        "\(2 * $0.multiplications)",
      ]
    }
    let table =
      [["layer", "kind", "result", "parameters", "operations"]] + cells
      + [["total", "", "", "\(parameters)", "\(operations)"]]
    let widths = (0..<5).map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < 3 ? cell + space : space + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
