import Foundation
import Synchronization

/// Fills batches ahead of their consumer by a few threads.
///
/// Steps are planned in groups of ``StreamReading/lookAhead``; the crops of a group are sorted by their place in the shards and
/// dealt out to the threads in pieces. Twice as many batches as a group has are in memory, so that one group is read while the
/// other is taken; threads wait for room, the consumer for its next batch.
final class BatchEngine: @unchecked Sendable {
  /// Crops that a thread takes at once.
  private static let piece = 16

  /// A batch's place in the ring: step s is in slot s modulo their number.
  private final class Slot {
    var storage: BatchStorage
    /// Rows still to be read.
    var rows = 0
    var failure: (any Error)?

    init(_ storage: BatchStorage) { self.storage = storage }
  }

  /// Steps that are read together.
  private final class Group {
    /// Record and row of each crop, ascending.
    let entries: UnsafeMutableBufferPointer<UInt64>
    var count = 0
    /// Entries that were dealt out, and that were read.
    var dealt = 0
    var read = 0
    var firstStep = 0
    /// The first step in its epoch.
    var stepInEpoch = 0
    var epoch: StreamPlan.Epoch?

    init(capacity: Int) { entries = .allocate(capacity: capacity) }

    deinit { entries.deallocate() }
  }

  let plan: StreamPlan
  private let reader: CropReader
  private let form: CropReader.Form
  private let lookAhead: Int
  private let epochs: Int?
  private let mappings: [FileMapping]

  // All below is guarded by `condition`, but for what a group's planner and readers have to themselves.
  private let condition = NSCondition()
  private let slots: [Slot]
  private var groups: [Group] = []
  private var spareGroups: [Group] = []
  private var epoch: StreamPlan.Epoch?
  /// Epoch and step of the next to be planned.
  private var nextEpoch: Int
  private var nextStep: Int
  private var planned = 0
  private var taken = 0
  private var released = 0
  /// Batches that were read and not yet taken.
  private var complete = 0
  private var isPlanning = false
  private let closed = Atomic(false)
  private var waiter: CheckedContinuation<Void, Never>?
  private var storedState: StreamState
  private var storedStatistics = StreamStatistics()

  /// Plans nothing yet; see ``start(threads:)``.
  ///
  /// - Throws: `ECGError.Code.inputOutput` if there is no memory for the batches.
  init(_ shards: ShardSet, _ plan: StreamPlan, from state: StreamState, epochs: Int?, reading: StreamReading)
    throws
  {
    self.plan = plan
    self.epochs = epochs
    let configuration = plan.configuration
    reader = CropReader(
      shards, normalization: configuration.normalization, statistics: configuration.statistics)
    form = CropReader.Form(
      layout: configuration.layout, missing: configuration.missing,
      augmentations: configuration.augmentations,
      integrity: reading.integrity)
    mappings = reading.isMapped ? try shards.map() : []
    storedState = state
    nextEpoch = state.epoch
    nextStep = state.next / configuration.batch
    // The batches in memory stay below 2 GiB, unless two of them are more.
    let shape = plan.shape
    var ahead = max(1, reading.lookAhead)
    if case .window(let length) = configuration.order {
      ahead = max(ahead, (min(length, plan.items.count) + configuration.batch - 1) / configuration.batch)
    }
    let bytes = max(1, shape.crops * shape.bytesPerCrop)
    lookAhead = min(ahead, max(1, (1 << 30) / bytes), max(1, plan.stepsPerEpoch))
    slots = try (0..<(2 * lookAhead)).map { _ in Slot(try BatchStorage(shape)) }
  }

  /// Begins to read.
  ///
  /// - Throws: `ECGError.Code.inputOutput` where the system allows no more threads.
  func start(threads: Int) throws {
    do {
      for _ in 0..<max(1, threads) { try startThread { [self] in work() } }
    } catch {
      close()
      throw error
    }
  }

  /// Ends all threads after the crop that each is at, and wakes the consumer.
  func close() {
    locked {
      closed.store(true, ordering: .releasing)
      condition.broadcast()
      return wake()
    }?.resume()
  }

  private var isClosed: Bool { closed.load(ordering: .acquiring) }

  var state: StreamState { locked { storedState } }
  var statistics: StreamStatistics { locked { storedStatistics } }

  private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  private func wake() -> CheckedContinuation<Void, Never>? {
    defer { waiter = nil }
    return waiter
  }
}

// MARK: - The consumer

extension BatchEngine {
  /// What there is for the consumer.
  private enum Delivery {
    case batch(Batch)
    case end
    case nothingYet
  }

  /// Waits for the next batch; nil after the last, and once the engine is closed.
  func next() throws -> Batch? {
    condition.lock()
    defer { condition.unlock() }
    try release()
    var begin: UInt64?
    defer { if let begin { storedStatistics.waitedSeconds += seconds(since: begin) } }
    while true {
      switch try deliver() {
      case .batch(let batch): return batch
      case .end: return nil
      case .nothingYet:
        begin = begin ?? DispatchTime.now().uptimeNanoseconds
        condition.wait()
      }
    }
  }

  /// The same without blocking a thread.
  func nextAsync() async throws -> Batch? {
    let begin = DispatchTime.now().uptimeNanoseconds
    var isFirst = true
    while true {
      try Task.checkCancellation()
      let found = try locked {
        if isFirst { try release() }
        return try deliver()
      }
      isFirst = false
      switch found {
      case .batch(let batch):
        locked { storedStatistics.waitedSeconds += seconds(since: begin) }
        return batch
      case .end: return nil
      case .nothingYet:
        await withTaskCancellationHandler {
          await withCheckedContinuation { park($0) }
        } onCancel: {
          locked { wake() }?.resume()
        }
      }
    }
  }

  /// Keeps a continuation until there is something to deliver.
  private func park(_ continuation: CheckedContinuation<Void, Never>) {
    let isReady = locked {
      if Task.isCancelled || isDeliverable { return true }
      waiter = continuation
      return false
    }
    if isReady { continuation.resume() }
  }

  private var isDeliverable: Bool {
    isClosed || hasEnded || taken < planned && slots[taken % slots.count].rows == 0
  }

  private var hasEnded: Bool { taken == planned && !isPlanning && nextEpoch >= epochs ?? .max }

  private func deliver() throws -> Delivery {
    if isClosed { return .end }
    if taken < planned {
      let slot = slots[taken % slots.count]
      guard slot.rows == 0 else { return .nothingYet }
      if let failure = slot.failure { throw failure }
      storedStatistics.deliveries += 1
      storedStatistics.ready += complete
      complete -= 1
      taken += 1
      storedState.advance(
        inEpoch: slot.storage.epoch, of: plan.items.count, isTailMasked: plan.configuration.tail == .masked)
      return .batch(Batch(storage: slot.storage))
    }
    return hasEnded ? .end : .nothingYet
  }

  /// Gives the last batch's memory back, or leaves it to whoever holds it still.
  private func release() throws {
    guard released < taken else { return }
    let slot = slots[released % slots.count]
    if !isKnownUniquelyReferenced(&slot.storage) { slot.storage = try BatchStorage(plan.shape) }
    released += 1
    condition.broadcast()
  }
}

// MARK: - The threads

extension BatchEngine {
  private func work() {
    let room = CropRoom()
    condition.lock()
    defer { condition.unlock() }
    while !isClosed {
      if let group = groups.first(where: { $0.dealt < $0.count }) {
        let first = group.dealt
        group.dealt = min(group.count, first + BatchEngine.piece)
        read(first..<group.dealt, of: group, room)
      } else if canPlan {
        planGroup()
      } else if nextEpoch >= epochs ?? .max, !isPlanning {
        return
      } else {
        let begin = DispatchTime.now().uptimeNanoseconds
        condition.wait()
        storedStatistics.readersWaitedSeconds += seconds(since: begin)
      }
    }
  }

  private var canPlan: Bool {
    guard !isPlanning, nextEpoch < epochs ?? .max else { return false }
    return planned - released + min(lookAhead, plan.stepsPerEpoch - nextStep) <= slots.count
  }

  /// Plans the next steps; called, and left, with the lock held.
  private func planGroup() {
    isPlanning = true
    let group = spareGroups.popLast() ?? Group(capacity: lookAhead * plan.shape.rows)
    var epoch = self.epoch
    let (number, step, first) = (nextEpoch, nextStep, planned)
    let steps = min(lookAhead, plan.stepsPerEpoch - step)
    condition.unlock()
    // The slots from `planned` on are nobody's, and an epoch is ordered once.
    if epoch?.number != number { epoch = plan.epoch(number, of: reader.shards) }
    if let epoch { fill(group, steps, from: step, of: epoch, slot: first) }
    condition.lock()
    self.epoch = epoch
    group.firstStep = first
    groups.append(group)
    // A rank may have no row in the last step of an epoch.
    complete += (first..<(first + steps)).count { slots[$0 % slots.count].rows == 0 }
    planned += steps
    nextStep += steps
    if nextStep >= plan.stepsPerEpoch { (nextEpoch, nextStep) = (nextEpoch + 1, 0) }
    isPlanning = false
    retire(group)
    condition.broadcast()
    wake()?.resume()
  }

  private func fill(_ group: Group, _ steps: Int, from step: Int, of epoch: StreamPlan.Epoch, slot first: Int)
  {
    (group.epoch, group.stepInEpoch) = (epoch, step)
    (group.count, group.dealt, group.read) = (0, 0, 0)
    let rows = plan.shape.rows
    for index in 0..<steps {
      let slot = slots[(first + index) % slots.count]
      let storage = slot.storage
      let places = plan.places(inStep: step + index)
      storage.begin(epoch: epoch.number)
      for row in 0..<places.count {
        let item = epoch[places.lowerBound + row]
        storage.records.append(item.record)
        group.entries[group.count] = UInt64(item.record) << 32 | UInt64(index * rows + row)
        group.count += 1
      }
      storage.clear(from: places.count)
      slot.rows = places.count
      slot.failure = nil
    }
    sort(UnsafeMutableBufferPointer(rebasing: group.entries[..<group.count]))
  }

  /// Reads some of a group's crops; called, and left, with the lock held.
  private func read(_ entries: Range<Int>, of group: Group, _ room: CropRoom) {
    condition.unlock()
    var failures: [(slot: Slot, error: any Error)] = []
    var runStart = entries.lowerBound
    for index in entries {
      if isClosed { break }
      let place = reader.shards.place(record(of: group, index))
      do {
        try readRow(group, index, place, room)
      } catch {
        failures.append((slot(of: group, index), error))
      }
      // A shard that changed under the reading makes its crops no longer what was asked for.
      if index + 1 < entries.upperBound,
        reader.shards.shardIndex(of: record(of: group, index + 1)) == place.shardIndex
      {
        continue
      }
      do {
        try place.shard.file.checkUnchanged()
      } catch {
        failures += (runStart...index).map { (slot(of: group, $0), error) }
      }
      runStart = index + 1
    }
    condition.lock()
    for (slot, error) in failures where slot.failure == nil { slot.failure = error }
    var isComplete = false
    for index in entries {
      let slot = slot(of: group, index)
      slot.rows -= 1
      if slot.rows == 0 {
        complete += 1
        isComplete = true
      }
    }
    storedStatistics.tally += room.take()
    group.read += entries.count
    retire(group)
    guard isComplete else { return }
    condition.broadcast()
    wake()?.resume()
  }

  private func retire(_ group: Group) {
    guard group.read == group.count else { return }
    groups.removeAll { $0 === group }
    group.epoch = nil
    spareGroups.append(group)
  }

  private func record(of group: Group, _ index: Int) -> Int { Int(group.entries[index] >> 32) }

  private func slot(of group: Group, _ index: Int) -> Slot {
    slots[(group.firstStep + Int(group.entries[index] & 0xFFFF_FFFF) / plan.shape.rows) % slots.count]
  }

  /// All views of one row.
  private func readRow(_ group: Group, _ index: Int, _ stored: ShardSequence.Place, _ room: CropRoom) throws {
    guard let epoch = group.epoch else { throw ECGError(.interrupted, "the stream was closed") }
    let shape = plan.shape
    let (step, row) = Int(group.entries[index] & 0xFFFF_FFFF).quotientAndRemainder(dividingBy: shape.rows)
    let item = epoch[plan.places(inStep: group.stepInEpoch + step).lowerBound + row]
    let storage = slots[(group.firstStep + step) % slots.count].storage
    let space = stored.frameCount - plan.frames
    var first: Int?
    for view in 0..<shape.views {
      var generator = SplitMix64(state: 0)
      let isDrawn = item.start == nil && space > 0
      if isDrawn || !form.augmentations.isEmpty {
        generator = SplitMix64(
          brief: "crop", plan.configuration.seed, UInt64(epoch.number), stored.key,
          UInt64(item.occurrence * shape.views + view))
      }
      let start = first ?? item.start ?? (isDrawn ? generator.index(below: space + 1) : 0)
      if plan.configuration.areViewsAtOnePlace { first = start }
      let place = view * shape.rows + row
      let valid = try reader.read(
        stored, start: start, frames: plan.frames, form, room: room, &generator,
        mapping: mappings.isEmpty ? nil : mappings[stored.shardIndex],
        into: storage.crop(place), mask: storage.cropMask(place))
      (storage.starts[place], storage.validFrames[place]) = (start, valid)
    }
  }
}

/// Sorts in place, without other memory (Williams's heapsort, CACM 7, 1964).
private func sort(_ values: UnsafeMutableBufferPointer<UInt64>) {
  func sift(_ root: Int, _ end: Int) {
    let value = values[root]
    var place = root
    while true {
      var child = 2 * place + 1
      guard child < end else { break }
      if child + 1 < end, values[child + 1] > values[child] { child += 1 }
      guard values[child] > value else { break }
      values[place] = values[child]
      place = child
    }
    values[place] = value
  }
  for root in stride(from: values.count / 2 - 1, through: 0, by: -1) { sift(root, values.count) }
  for end in stride(from: values.count - 1, to: 0, by: -1) {
    values.swapAt(0, end)
    sift(0, end)
  }
}

private func seconds(since begin: UInt64) -> Double {
  Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
}
