import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// Objectives of views against PyTorch, against their definitions in Double, and against finite differences.
@Suite @ComputeActor struct ObjectiveTests {
  private static let cases = Result { try Golden.read("objectives") }

  private func golden(_ name: String) throws -> Golden { try #require(try Self.cases.get()[name]) }

  /// Expects a loss of an input, and the gradient, to be the stored ones.
  private func expect(
    _ golden: Golden, of name: String = "x", _ objective: (Tensor, Tape) throws -> Tensor
  ) throws {
    let x = try golden.tensor(name).requiringGradient()
    let tape = Tape()
    let loss = try objective(x, tape)
    try golden.expect(loss, equals: "loss")
    try tape.backward(from: loss)
    try golden.expect(x.gradient, equals: "gradient.\(name)")
  }

  private func swav(_ golden: Golden) throws -> SwAV {
    var objective = SwAV()
    objective.views = try golden.number("views")
    objective.codeViews = try golden.number("codeViews")
    objective.rounds = try golden.number("rounds")
    objective.epsilon = Float(try #require(golden.numbers["epsilon"]))
    objective.temperature = Float(try #require(golden.numbers["temperature"]))
    objective.dividesByAllViews = try golden.number("dividesByAllViews") == 1
    return objective
  }

  private func prototypes(_ vectors: Golden.Values) throws -> Prototypes {
    var generator = SplitMix64(state: 0)
    let prototypes = try Prototypes(vectors.shape[0], width: vectors.shape[1], generator: &generator)
    try prototypes.weight.set(vectors.values)
    return prototypes
  }

  // MARK: Golden

  @Test(arguments: ["ntxent", "ntxent.cold", "ntxent.original", "ntxent.original.cold"])
  func contrastOfViews(name: String) throws {
    let golden = try golden(name)
    let temperature = Float(try #require(golden.numbers["temperature"]))
    let isOriginal = try golden.number("isOriginal") == 1
    let objective = NTXent(temperature: temperature, candidates: isOriginal ? .original : .others)
    try expect(golden) { try objective($0, tape: $1) }
  }

  @Test func predictionOfTargets() throws {
    let golden = try golden("byol")
    let targets = try golden.tensor("targets").requiringGradient()
    try expect(golden, of: "predictions") { try BYOL()(predictions: $0, targets: targets, tape: $1) }
    #expect(targets.gradient == nil)
  }

  @Test(arguments: ["swav", "swav.queue", "swav.hard", "swav.original", "swav.unbalanced"])
  func predictionOfCodes(name: String) throws {
    let golden = try golden(name)
    let objective = try swav(golden)
    let prototypes = try prototypes(golden.values("prototypes"))
    var queue: EmbeddingQueue?
    if let earlier = golden.arrays["queue"] {
      queue = try EmbeddingQueue(views: earlier.shape[0], capacity: earlier.shape[1], width: earlier.shape[2])
      try queue?.push(
        Tensor(earlier.values, shape: [earlier.shape[0] * earlier.shape[1], earlier.shape[2]]),
        of: earlier.shape[0])
    }
    try golden.expect(
      objective.codes(of: golden.tensor("x").normalizedRows(), prototypes: prototypes, queue: queue),
      equals: "codes")
    try expect(golden) { try objective($0, prototypes: prototypes, queue: queue, tape: $1) }
    try golden.expect(prototypes.weight.gradient, equals: "gradient.prototypes")
  }

  @Test(arguments: ["head.simclr", "head.byol"]) func projection(name: String) throws {
    let golden = try golden(name)
    let head = ProjectionHead(
      hidden: try golden.number("hidden"), outputs: try golden.number("outputs"),
      isNormalized: try golden.number("isNormalized") == 1)
    var generator = SplitMix64(state: 0)
    let network = try head.network(inputs: golden.number("inputs"), generator: &generator)
    try network.load(golden.state())
    let x = try golden.tensor("x").requiringGradient()
    let tape = Tape()
    let y = try network(x, tape: tape)
    try golden.expect(y, equals: "y")
    try tape.backward(from: y, gradient: golden.tensor("gradient"))
    try golden.expect(x.gradient, equals: "gradient.x")
    try golden.expectGradients(of: network)
  }

  @Test func figuresOfEmbeddings() throws {
    let golden = try golden("health")
    let health = try EmbeddingHealth(golden.tensor("x"), secondViews: golden.tensor("second"))
    for (name, figure) in [
      ("standardDeviation", health.standardDeviation), ("uniformity", health.uniformity),
      ("alignment", try #require(health.alignment)),
    ] {
      #expect(try relativeError([Float(figure)], golden.values(name).values) < 1e-6, "\(name)")
    }
  }

  // MARK: Definitions

  /// Rows of length 1, in Double.
  private func unit(_ x: Tensor) throws -> [[Double]] {
    let values = try x.values.map(Double.init)
    return (0..<x.shape[0]).map { row in
      let row = values[row * x.shape[1]..<(row + 1) * x.shape[1]]
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / norm }
    }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  @Test(arguments: [Float(0.05), 0.5, 3]) func contrastByDefinition(temperature: Float) throws {
    let x = try normal(8, 3)
    let z = try unit(x)
    var expected = 0.0
    for row in 0..<8 {
      let logits = (0..<8).map { dot(z[row], z[$0]) / Double(temperature) }
      let sum = (0..<8).filter { $0 != row }.reduce(0) { $0 + exp(logits[$1]) }
      expected += (log(sum) - logits[(row + 4) % 8]) / 8
    }
    let loss = try NTXent(temperature: temperature)(x).scalar
    #expect(abs(Double(loss) - expected) < 1e-5 * max(1, expected))
  }

  /// At temperature 1 the original takes away what there is; below, more candidates remain.
  @Test func originalCandidates() throws {
    let x = try normal(8, 3)
    func loss(_ temperature: Float, _ candidates: NTXent.Candidates) throws -> Float {
      try NTXent(temperature: temperature, candidates: candidates)(x).scalar
    }
    #expect(try abs(loss(1, .original) - loss(1, .others)) < 1e-6)
    #expect(try loss(0.5, .original) > loss(0.5, .others) + 0.1)
    #expect(try loss(0.004, .original).isFinite)
  }

  @Test func cosinesByDefinition() throws {
    let (predictions, targets) = (try normal(6, 4, seed: 1), try normal(6, 4, seed: 2))
    let (p, z) = (try unit(predictions), try unit(targets))
    let expected = (0..<3).reduce(0.0) { $0 - 2 * dot(p[$1], z[$1 + 3]) / 3 - 2 * dot(p[$1 + 3], z[$1]) / 3 }
    let loss = try BYOL()(predictions: predictions, targets: targets).scalar
    #expect(abs(Double(loss) - expected) < 1e-6)
    #expect(try abs(BYOL()(predictions: predictions, targets: predictions.exchanged()).scalar + 4) < 1e-6)
  }

  @Test func rateOfTheTarget() {
    let byol = BYOL()
    #expect(byol.decay(step: 0, of: 100) == 0.996)
    #expect(abs(byol.decay(step: 50, of: 100) - 0.998) < 1e-12)
    #expect(byol.decay(step: 25, of: 100) < 0.997)
    #expect(byol.decay(step: 100, of: 100) == 1)
    #expect(byol.decay(step: 101, of: 100) == 1)
    #expect(byol.decay(step: -1, of: 0) == 0.996)
  }

  /// Codes of many rounds share each prototype alike; a signal's add up to 1, however many rounds there are.
  @Test(arguments: [0, 1, 3, 100]) func codesAreBalanced(rounds: Int) throws {
    var objective = SwAV()
    objective.rounds = rounds
    objective.views = 2
    objective.codeViews = 1
    var generator = SplitMix64(state: 1)
    let prototypes = try Prototypes(7, width: 4, generator: &generator)
    let codes = try objective.codes(of: normal(60, 4).normalizedRows(), prototypes: prototypes).values
    for signal in 0..<30 {
      #expect(abs(codes[signal * 7..<signal * 7 + 7].reduce(0, +) - 1) < 1e-5)
    }
    let shares = (0..<7).map { prototype in (0..<30).reduce(0) { $0 + codes[$1 * 7 + prototype] } }
    let worst = shares.map { abs($0 - 30 / 7) }.max() ?? 0
    #expect(rounds == 100 ? worst < 1e-3 : rounds > 0 || worst > 1)
  }

  @Test func figuresTellACollapse() throws {
    let spread = try EmbeddingHealth(normal(500, 64), secondViews: normal(500, 64, seed: 2))
    #expect(abs(spread.standardDeviation - 1) < 0.02)
    #expect(abs(spread.uniformity + 4) < 0.2)
    #expect(abs(try #require(spread.alignment) - 2) < 0.05)
    let one = try Tensor((0..<500).flatMap { _ in (0..<64).map { Float($0) } }, shape: [500, 64])
    let collapsed = try EmbeddingHealth(one, secondViews: one.scaled(by: 3))
    #expect(collapsed.standardDeviation < 1e-6)
    #expect(abs(collapsed.uniformity) < 1e-5)
    #expect(abs(try #require(collapsed.alignment)) < 1e-10)
    #expect(try EmbeddingHealth(one).alignment == nil)
    #expect(try EmbeddingHealth(Tensor([.nan, 0, 1, 1], shape: [2, 2])).uniformity.isNaN)
  }

  // MARK: Gradients

  nonisolated static let differentiable: [GradientTests.Case] = [
    .init("NT-Xent", [6, 4]) { try NTXent(temperature: 0.5)($0[0], tape: $1) },
    .init("NT-Xent of the original", [6, 4]) {
      try NTXent(temperature: 0.5, candidates: .original)($0[0], tape: $1)
    },
    .init("NT-Xent, scaled", [6, 4]) { try NTXent()($0[0], tape: $1).scaled(by: -0.5, tape: $1) },
    .init("BYOL", [6, 4]) { try BYOL()(predictions: $0[0], targets: normal(6, 4), tape: $1) },
    .init("SwAV with codes as they are", [9, 4]) {
      var objective = SwAV()
      objective.temperature = 0.5
      objective.views = 3
      var generator = SplitMix64(state: 2)
      let prototypes = try Prototypes(5, width: 4, generator: &generator)
      let codes = try objective.codes(of: normal(9, 4).normalizedRows(), prototypes: prototypes)
      return try objective.loss(
        of: $0[0].normalizedRows(tape: $1), predicting: codes, prototypes: prototypes, tape: $1)
    },
    .init("masked completion", [1, 2, 6]) {
      let masked = MaskedCompletion(block: 2, share: 0.5)
      var generator = SplitMix64(state: 3)
      let signals = try normal(1, 2, 6)
      return try masked.loss(
        completed: $0[0], signals: signals, mask: masked.mask(signals, generator: &generator).mask, tape: $1)
    },
  ]

  @Test(arguments: differentiable) func agreesWithFiniteDifferences(_ test: GradientTests.Case) throws {
    try GradientTests().agreesWithFiniteDifferences(test)
  }

  /// What was not measured is masked like all else, and counts in no loss.
  @Test func completionIsJudgedByMeasurements() throws {
    let signals = try normal(1, 2, 8)
    let measured = try Tensor([Float](repeating: 0, count: 8) + [1, 1, 0, 1, 1, 1, 1, 1], shape: [1, 2, 8])
    var generator = SplitMix64(state: 5)
    let masked = try MaskedCompletion(block: 4, share: 1).mask(
      signals, measured: measured, generator: &generator)
    #expect(masked.mask == [UInt8](repeating: 0, count: 8) + [1, 1, 0, 1, 1, 1, 1, 1])
    #expect(try masked.signals.values.allSatisfy { $0 == 0 })
    let other = try Tensor([Float](repeating: 7, count: 16), shape: [1, 2, 8])
    let values = try signals.values
    let squares: [Float] = [8, 9, 11, 12, 13, 14, 15].map { (7 - values[$0]) * (7 - values[$0]) }
    let expected = squares.reduce(0, +) / 7
    let loss = try MaskedCompletion().loss(completed: other, signals: signals, mask: masked.mask).scalar
    #expect(abs(loss - expected) < 1e-4)
    #expect(throws: ECGError.self) {
      try MaskedCompletion().mask(signals, measured: normal(1, 2, 7), generator: &generator)
    }
  }

  /// Codes take no gradient, frozen prototypes none either; trained ones go back to length 1.
  @Test func prototypesAreFrozenAndRenormalised() throws {
    var generator = SplitMix64(state: 4)
    let prototypes = try Prototypes(5, width: 4, generator: &generator)
    prototypes.setFrozen(true)
    let x = try normal(12, 4).requiringGradient()
    func step() throws {
      let tape = Tape()
      try tape.backward(from: SwAV()(x, prototypes: prototypes, tape: tape))
    }
    try step()
    #expect(prototypes.weight.gradient == nil)
    #expect(x.gradient != nil)
    prototypes.setFrozen(false)
    try step()
    #expect(prototypes.weight.gradient?.shape == [5, 4])
    try prototypes.weight.set(prototypes.weight.tensor.values.map { $0 * 3 + 1 })
    try prototypes.normalize()
    for vector in try unit(prototypes.weight.tensor).enumerated() {
      let stored = try prototypes.weight.tensor.values[vector.offset * 4..<vector.offset * 4 + 4]
      expectClose(Array(stored), vector.element.map { Float($0) }, tolerance: 1e-6)
    }
  }

  /// A target network is normalised by the batch it sees, and passes no gradient on.
  @Test func targetNetwork() throws {
    var generator = SplitMix64(state: 5)
    let online = try ProjectionHead.byol.network(inputs: 8, generator: &generator)
    let target = try ProjectionHead.byol.network(inputs: 8, generator: &generator)
    let average = try MovingAverage(of: online, in: target)
    let x = try normal(10, 8)
    let projections = try target(x, tape: Tape())
    #expect(!projections.requiresGradient)
    #expect(try projections.values == online(x, tape: Tape()).values)
    #expect(try relativeError(projections.values, target(x).values) > 0.1)
    try average.update(decay: BYOL().decay(step: 0, of: 1))
  }

  // MARK: Threads, and what is refused

  /// Loss and gradients are equal to the last bit at any number of threads.
  @Test func threadsDoNotShow() throws {
    defer { try? ComputeActor.setThreads(1) }
    var generator = SplitMix64(state: 6)
    let prototypes = try Prototypes(301, width: 16, generator: &generator)
    let queue = try EmbeddingQueue(capacity: 333, width: 16)
    try queue.push(normal(800, 16, seed: 2), of: 2)
    func values(threads: Int) throws -> [[Float]] {
      try ComputeActor.setThreads(threads)
      var all: [[Float]] = []
      let objectives: [(Tensor, Tape) throws -> Tensor] = [
        { try NTXent()($0, tape: $1) }, { try NTXent(candidates: .original)($0, tape: $1) },
        { try BYOL()(predictions: $0, targets: normal(606, 16, seed: 3), tape: $1) },
        { try SwAV()($0, prototypes: prototypes, queue: queue, tape: $1) },
      ]
      for objective in objectives {
        let x = try normal(606, 16).requiringGradient()
        let tape = Tape()
        prototypes.weight.clearGradient()
        let loss = try objective(x, tape)
        try tape.backward(from: loss)
        all += [try loss.values, try #require(x.gradient).values]
      }
      all.append(try #require(prototypes.weight.gradient).values)
      let health = try EmbeddingHealth(normal(606, 16))
      all.append([Float(health.uniformity)])
      return all
    }
    let one = try values(threads: 1)
    for threads in 2...3 { #expect(try values(threads: threads) == one, "\(threads) threads") }
  }

  /// What is not a number stays so, instead of an assignment that looks like one.
  @Test func brokenEmbeddingsAreSeen() throws {
    var generator = SplitMix64(state: 7)
    let prototypes = try Prototypes(5, width: 4, generator: &generator)
    var values = try normal(12, 4).values
    values[17] = .nan
    let x = try Tensor(values, shape: [12, 4])
    #expect(try NTXent()(x).scalar.isNaN)
    #expect(try BYOL()(predictions: x, targets: normal(12, 4)).scalar.isNaN)
    #expect(try SwAV()(x, prototypes: prototypes).scalar.isNaN)
  }

  @Test func refusals() throws {
    var generator = SplitMix64(state: 8)
    let prototypes = try Prototypes(5, width: 4, generator: &generator)
    let masked = MaskedCompletion()
    var wrong = SwAV()
    wrong.epsilon = 0
    var none = SwAV()
    none.codeViews = 0
    let signals = try normal(2, 3, 100)
    let attempts: [(String, @ComputeActor () throws -> Any)] = [
      ("[5, 4]", { try NTXent()(normal(5, 4)) }),
      ("[2, 4]", { try NTXent()(normal(2, 4)) }),
      ("[4, 4, 1]", { try NTXent()(normal(4, 4, 1)) }),
      ("temperature of 0.0", { try NTXent(temperature: 0)(normal(4, 4)) }),
      ("temperature of nan", { try NTXent(temperature: .nan)(normal(4, 4)) }),
      ("temperature of 1.5", { try NTXent(temperature: 1.5, candidates: .original)(normal(4, 4)) }),
      ("[5, 4]", { try BYOL()(predictions: normal(5, 4), targets: normal(5, 4)) }),
      ("[4, 5]", { try BYOL()(predictions: normal(4, 4), targets: normal(4, 5)) }),
      ("[13, 4]", { try SwAV()(normal(13, 4), prototypes: prototypes) }),
      ("width 4", { try SwAV()(normal(12, 5), prototypes: prototypes) }),
      ("epsilon 0.0", { try wrong(normal(12, 4), prototypes: prototypes) }),
      ("0 of 6 views", { try none(normal(12, 4), prototypes: prototypes) }),
      (
        "queue",
        { try SwAV()(normal(12, 4), prototypes: prototypes, queue: EmbeddingQueue(capacity: 8, width: 5)) }
      ),
      ("[13, 4]", { try EmbeddingQueue(capacity: 8, width: 4).push(normal(13, 4), of: 2) }),
      ("no tensor", { try EmbeddingQueue(capacity: 0, width: 4) }),
      ("no tensor", { try Prototypes(0, width: 4, generator: &generator) }),
      ("[1, 4]", { try EmbeddingHealth(normal(1, 4)) }),
      ("[3, 4]", { try EmbeddingHealth(normal(2, 4), secondViews: normal(3, 4)) }),
      ("[2, 3]", { try masked.mask(normal(2, 3), generator: &generator) }),
      ("1 ranges", { try masked.mask(signals, valid: [0..<9], generator: &generator) }),
      ("[2, 3, 100]", { try masked.mask(signals, valid: [0..<9, 5..<5], generator: &generator) }),
      ("[2, 3, 100]", { try masked.mask(signals, valid: [0..<9, 5..<101], generator: &generator) }),
      ("[2, 3, 100]", { try masked.mask(signals, valid: [-1..<9, 5..<9], generator: &generator) }),
      ("share of 2.0", { try MaskedCompletion(share: 2).mask(signals, generator: &generator) }),
      ("blocks of 0", { try MaskedCompletion(block: 0).mask(signals, generator: &generator) }),
      ("[2, 3, 9]", { try masked.loss(completed: normal(2, 3, 9), signals: signals, mask: []) }),
    ]
    for (part, attempt) in attempts {
      let error = #expect(throws: ECGError.self) { _ = try attempt() }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "") should mention \(part)")
    }
  }
}

extension Tensor {
  /// The rows of the second half, then those of the first.
  fileprivate func exchanged() throws -> Tensor {
    let values = try values
    return try Tensor(Array(values[(count / 2)...] + values[..<(count / 2)]), shape: shape)
  }
}
