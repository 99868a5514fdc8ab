import ArgumentParser
import ECGData
import ECGTraining
import Foundation

/// Group `step`: whole training steps of the papers' networks, forward, loss, backward and optimiser, on a batch in memory.
///
/// The peer is PyTorch in eager mode, at its best of two memory formats; `peers/step.py` tells what a step is.
struct Step: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Training steps of CPC, SimCLR on xresnet1d50, and the U-ResNet.")

  /// A network with its objective.
  enum Work: String, CaseIterable, ExpressibleByArgument {
    case cpc, simclr, uresnet
  }

  @OptionGroup var options: BenchOptions

  @Option(help: "Threads of each contestant.")
  var threads = 2

  @Option(help: "Steps of a round.")
  var steps = 5

  @Option(help: "Only one network: \(Work.allCases.map(\.rawValue).joined(separator: ", ")).")
  var work: Work?

  @Option(help: "Only one precision: f32 or bf16.")
  var precision: String?

  func validate() throws {
    guard threads > 0, steps > 0 else { throw ValidationError("threads and steps have to be positive") }
    guard ["f32", "bf16", nil].contains(precision) else {
      throw ValidationError("the precision is f32 or bf16")
    }
  }

  func run() throws {
    try options.run { duel, emit in
      let python = options.peers ? try PythonPeer(script: "step.py", python: options.python) : nil
      if let python { say("peers: \(python.versions)") }
      say("ours: \(ComputeActor.engineName)")
      for work in Work.allCases where self.work ?? work == work {
        for type in ["f32", "bf16"] where precision ?? type == type {
          try measure(work, type, duel, python, emit)
        }
      }
    }
  }

  private func measure(
    _ work: Work, _ precision: String, _ duel: Duel, _ python: PythonPeer?, _ emit: (Row) throws -> Void
  ) throws {
    let threads = threads
    let steps = steps
    let step = try awaited {
      try TrainingStep(work, precision == "f32" ? .float32 : .bfloat16, threads: threads)
    }
    // A peer in bfloat16 may be slower than in Float32: ours is compared with both.
    let peers = python == nil ? [nil] : precision == "f32" ? ["f32"] : ["f32", "bf16"]
    for peer in peers {
      for layout in peer == nil ? ["plain"] : ["plain", "channels-last"] {
        let round = peer.map { peer in
          { (_: Double) in
            try python?.medianRound(
              StepCommand(
                work: work.rawValue, precision: peer, layout: layout, threads: threads, steps: steps))
              ?? Round(count: 0, seconds: 1, checksum: 0)
          }
        }
        let result = try duel.run(
          ours: { _ in
            let seconds = try awaited { try step.median(of: steps) }
            return Round(count: 1, seconds: seconds, checksum: 0)
          }, peer: round)
        try emit(
          Row(
            group: "step", name: "\(work.rawValue), \(precision)", unit: "steps", bytes: 0, allocations: nil,
            peerName: peer.map { "torch, \($0), \(layout)" }, result: result))
      }
    }
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.split(separator: " ")
      .dropFirst().first
    say("\(work.rawValue), \(precision): up to \(peak ?? "?") kB resident so far")
  }
}

/// A round of `peers/step.py`.
private struct StepCommand: Encodable {
  var work: String
  var precision: String
  var layout: String
  var threads: Int
  var steps: Int
}

/// A network, its objective and its optimiser, with a batch.
@ComputeActor private final class TrainingStep {
  private let run: @ComputeActor () throws -> Void

  init(_ work: Step.Work, _ type: ElementType, threads: Int) throws {
    try ComputeActor.setThreads(threads)
    var generator = SplitMix64("bench", 1)
    func normal(_ shape: [Int]) throws -> Tensor {
      try Tensor((0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) }, shape: shape)
    }
    switch work {
    case .cpc:
      let x = try normal([32, 12, 1000])
      let network = try CPCNetwork(generator: &generator)
      let optimizer = try Optimizer(network, OptimizerRecipe(.adamw, learningRate: 1e-4, weightDecay: 1e-3))
      run = {
        let tape = Tape()
        let output = try network(x.converted(to: type), tape: tape)
        let loss = try InfoNCE()(
          predictions: network.predictions(from: output.context, tape: tape), tokens: output.tokens,
          generator: &generator, tape: tape
        ).loss
        try TrainingStep.finish(loss, tape, optimizer)
      }
    case .simclr:
      let x = try normal([512, 12, 250])
      let network = try XResNet1d(generator: &generator)
      let head = Sequential([
        try Linear(inputs: network.featureCount, outputs: 512, generator: &generator), ReLU(),
        try Linear(inputs: 512, outputs: 16, generator: &generator),
      ])
      let parameters =
        network.parameters + head.parameters.map { (name: "head.\($0.name)", parameter: $0.parameter) }
      let optimizer = try Optimizer(
        [Optimizer.Group(parameters)], OptimizerRecipe(.adam, learningRate: 2.29e-3, weightDecay: 1e-6))
      run = {
        let tape = Tape()
        let features = try network.features(x.converted(to: type), lengths: nil, tape: tape)
        let loss = try NTXent()(head(features, tape: tape), tape: tape)
        try TrainingStep.finish(loss, tape, optimizer)
      }
    case .uresnet:
      let x = try normal([16, 12, 4096])
      let network = try UResNet(generator: &generator)
      let optimizer = try Optimizer(network, OptimizerRecipe(.adam, learningRate: 1e-3, weightDecay: 0))
      let mask = (0..<x.count).map { UInt8($0 / 64 % 4 == 0 ? 1 : 0) }
      let values = try x.values
      let masked = try Tensor(zip(values, mask).map { $1 == 1 ? 0 : $0 }, shape: x.shape)
      run = {
        let tape = Tape()
        network.reseed(&generator)
        let completed = try network(masked.converted(to: type), tape: tape)
        let loss = try completed.meanSquaredError(targets: x, mask: mask, tape: tape)
        try TrainingStep.finish(loss, tape, optimizer)
      }
    }
  }

  private static func finish(_ loss: Tensor, _ tape: Tape, _ optimizer: Optimizer) throws {
    optimizer.clearGradients()
    try tape.backward(from: loss)
    try optimizer.step()
  }

  /// The median duration of some steps, in seconds.
  func median(of steps: Int) throws -> Double {
    let clock = ContinuousClock()
    var seconds: [Double] = []
    for _ in 0..<steps {
      let start = clock.now
      try run()
      seconds.append((clock.now - start) / .seconds(1))
    }
    return bench.median(seconds)
  }
}

/// Runs a closure on the compute thread and waits for it.
private func awaited<Result: Sendable>(_ body: @escaping @ComputeActor @Sendable () throws -> Result) throws
  -> Result
{
  let done = DispatchSemaphore(value: 0)
  nonisolated(unsafe) var result: Swift.Result<Result, any Error>?
  Task {
    do {
      let value = try await ComputeActor.run(body)
      result = .success(value)
    } catch {
      result = .failure(error)
    }
    done.signal()
  }
  done.wait()
  guard let result else { throw ECGError(.inputOutput, "the compute thread ended without a result") }
  return try result.get()
}
