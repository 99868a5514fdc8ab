internal import ECGData

/// Everything that a run needs to go on exactly: network, optimiser, position in the data.
struct TrainingState<Progress: Codable> {
  var model: [NamedValues]
  /// What the method remembers besides.
  var memory: [NamedValues]
  var optimizer: [NamedValues]
  /// The best network so far, if there is one.
  var best: [NamedValues]
  var stream: StreamState
  /// Where the metrics end that belong to it.
  var metrics: MetricsFile.Position
  var progress: Progress

  func write(to directory: RunDirectory) throws {
    func prefixed(_ prefix: String, _ values: [NamedValues]) -> [NamedValues] {
      values.map { NamedValues(name: "\(prefix).\($0.name)", shape: $0.shape, values: $0.values) }
    }
    try Checkpoint.write(
      prefixed("model", model) + prefixed("memory", memory) + prefixed("optimizer", optimizer)
        + prefixed("best", best),
      metadata: [
        "stream": TextFile.json(stream), "metrics": TextFile.json(metrics),
        "progress": TextFile.json(progress),
      ],
      to: directory.file(RunDirectory.resume))
  }

  /// The state that an unfinished run left, or nil.
  init?(_ directory: RunDirectory) throws {
    let path = directory.file(RunDirectory.resume)
    guard TextFile.exists(path) else { return nil }
    let (values, metadata) = try Checkpoint.read(path)
    func part(_ prefix: String) -> [NamedValues] {
      values.filter { $0.name.hasPrefix(prefix + ".") }.map {
        NamedValues(name: String($0.name.dropFirst(prefix.count + 1)), shape: $0.shape, values: $0.values)
      }
    }
    model = part("model")
    memory = part("memory")
    optimizer = part("optimizer")
    best = part("best")
    stream = try TextFile.decode(StreamState.self, metadata["stream"] ?? "", file: path)
    metrics = try TextFile.decode(MetricsFile.Position.self, metadata["metrics"] ?? "", file: path)
    progress = try TextFile.decode(Progress.self, metadata["progress"] ?? "", file: path)
  }

  init(
    model: [NamedValues], memory: [NamedValues] = [], optimizer: [NamedValues], best: [NamedValues],
    stream: StreamState, metrics: MetricsFile.Position, progress: Progress
  ) {
    self.model = model
    self.memory = memory
    self.optimizer = optimizer
    self.best = best
    self.stream = stream
    self.metrics = metrics
    self.progress = progress
  }
}
