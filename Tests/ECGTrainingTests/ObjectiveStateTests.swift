import ECGData
import Testing

@testable import ECGTraining

/// What objectives draw and keep: masks, and queues of embeddings.
@Suite @ComputeActor struct ObjectiveStateTests {
  private func mask(
    _ objective: MaskedCompletion, _ signals: Tensor, _ valid: [Range<Int>]? = nil, seed: UInt64 = 1
  ) throws -> MaskedCompletion.Masked {
    var generator = SplitMix64("mask", seed)
    return try objective.mask(signals, valid: valid, generator: &generator)
  }

  /// Whole blocks on all leads are zero, the rest is as it was; the mask marks what of them is valid.
  @Test(arguments: 1...20) func blocksAreMaskedOnAllLeads(seed: UInt64) throws {
    let signals = try normal(3, 2, 1000)
    let valid = [100..<900, 0..<1000, 511..<513]
    let masked = try mask(MaskedCompletion(), signals, valid, seed: seed)
    let (before, after) = (try signals.values, try masked.signals.values)
    for (index, range) in valid.enumerated() {
      var masks: [[Bool]] = []
      for lead in 0..<2 {
        let row = (index * 2 + lead) * 1000
        masks.append((0..<1000).map { after[row + $0] == 0 })
        for step in 0..<1000 {
          let isMasked = masks[lead][step]
          #expect(isMasked || after[row + step] == before[row + step])
          #expect(masked.mask[row + step] == (isMasked && range.contains(step) ? 1 : 0))
        }
      }
      #expect(masks[0] == masks[1])
      let blocks = Set((0..<1000).filter { masks[0][$0] }.map { $0 / 64 })
      #expect(!blocks.isEmpty)
      #expect(blocks.isSubset(of: Set(range.lowerBound / 64...(range.upperBound - 1) / 64)))
      #expect(blocks.allSatisfy { $0 * 64 + 64 > 1000 || masks[0][$0 * 64..<$0 * 64 + 64].allSatisfy { $0 } })
    }
  }

  /// A quarter of 63 blocks, and of 2 blocks a quarter plus the case that none was drawn.
  @Test(arguments: [(63, 0.25), (2, 0.53125)]) func sharesAreAsDocumented(blocks: Int, share: Double) throws {
    let signals = try Tensor(repeating: 1, shape: [2000, 1, blocks * 4])
    let masked = try mask(MaskedCompletion(block: 4), signals)
    let found = Double(masked.mask.reduce(0) { $0 + Int($1) }) / Double(masked.mask.count)
    // Four standard deviations of 2000 signals.
    #expect(abs(found - share) < (blocks == 63 ? 0.005 : 0.03))
  }

  @Test func masksAreDrawnByTheGenerator() throws {
    let signals = try normal(4, 2, 500)
    let first = try mask(MaskedCompletion(), signals).mask
    #expect(try mask(MaskedCompletion(), signals).mask == first)
    #expect(try mask(MaskedCompletion(), signals, seed: 2).mask != first)
    #expect(try mask(MaskedCompletion(share: 0), signals).mask.contains(1))
    #expect(try mask(MaskedCompletion(share: 1), signals).mask.allSatisfy { $0 == 1 })
  }

  /// Only masked samples count.
  @Test func errorOfMaskedSamples() throws {
    let signals = try normal(1, 1, 8)
    let completed = try signals.adding(Tensor([0, 0, 3, 4, 100, 0, 0, 0], shape: [1, 1, 8]))
    let loss = try MaskedCompletion(block: 2).loss(
      completed: completed, signals: signals, mask: [0, 0, 1, 1, 0, 0, 0, 0])
    #expect(abs(try loss.scalar - 12.5) < 1e-4)
  }

  private func rows(_ values: ClosedRange<Int>) throws -> Tensor {
    // Of length 1 whatever they are, and different.
    try Tensor(values.flatMap { [Float($0), 1] }, shape: [values.count, 2])
  }

  /// The embeddings of a view, as numbers that `rows` made them of.
  private func content(_ queue: EmbeddingQueue, view: Int) throws -> [Int] {
    let values = try #require(try queue.state().first).values
    return (0..<queue.capacity).map { row in
      let place = (view * queue.capacity + row) * 2
      return Int((values[place] / max(values[place + 1], 1e-6)).rounded())
    }
  }

  @Test func queuesKeepTheLatest() throws {
    let queue = try EmbeddingQueue(capacity: 5, width: 2)
    try queue.push(rows(1...6), of: 3)
    #expect(try content(queue, view: 0) == [1, 2, 0, 0, 0])
    #expect(try content(queue, view: 1) == [3, 4, 0, 0, 0])
    try queue.push(rows(11...14), of: 2)
    #expect(!queue.isFull)
    try queue.push(rows(21...24), of: 2)
    #expect(queue.isFull)
    #expect(try content(queue, view: 0) == [21, 22, 11, 12, 1])
    #expect(try content(queue, view: 1) == [23, 24, 13, 14, 3])
    try queue.push(rows(31...44), of: 2)
    #expect(try content(queue, view: 1) == [38, 39, 40, 41, 42])
  }

  @Test func queuesAreStored() throws {
    let queue = try EmbeddingQueue(capacity: 5, width: 2)
    try queue.push(rows(1...6), of: 2)
    let stored = try queue.state()
    let other = try EmbeddingQueue(capacity: 5, width: 2)
    try other.load(stored)
    for queue in [queue, other] { try queue.push(rows(7...10), of: 2) }
    #expect(try other.state() == queue.state())
    #expect(other.isFull)
    for wrong in [[], [stored[0]], stored + stored] {
      let error = #expect(throws: ECGError.self) { try other.load(wrong) }
      #expect(error?.code == .mismatch)
    }
    let smaller = try EmbeddingQueue(capacity: 4, width: 2)
    #expect(throws: ECGError.self) { try smaller.load(stored) }
    for count: Float in [-1, 6, 2.5, .nan] {
      #expect(throws: ECGError.self) {
        try other.load([stored[0], NamedValues(name: "queue.count", shape: [], values: [count])])
      }
    }
    #expect(try other.state() == queue.state())
  }

  /// Earlier embeddings count from when there are enough of them, and are not changed by that.
  @Test func queuesCountOnceFull() throws {
    var generator = SplitMix64(state: 1)
    let prototypes = try Prototypes(7, width: 4, generator: &generator)
    let queue = try EmbeddingQueue(capacity: 20, width: 4)
    let x = try normal(30, 4)
    func loss(_ queue: EmbeddingQueue?) throws -> Float {
      try SwAV()(x, prototypes: prototypes, queue: queue).scalar
    }
    let alone = try loss(nil)
    try queue.push(normal(38, 4), of: 2)
    #expect(try loss(queue) == alone)
    try queue.push(normal(2, 4), of: 2)
    let before = try queue.state()
    #expect(try loss(queue) != alone)
    #expect(try queue.state() == before)
  }
}
