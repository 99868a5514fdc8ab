import COneDNN
import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// Threads, plans, layouts and memory of the compute engine.
@Suite @ComputeActor struct RuntimeTests {
  private typealias SetLimit = @convention(c) (Int32) -> Void

  /// A function of the OpenMP that oneDNN brings along.
  private func openMP<Function>(_ name: String, as type: Function.Type) throws -> Function {
    unsafeBitCast(try #require(dlsym(nil, name)), to: type)
  }

  /// Where OpenMP's limits leave a loop one thread of those asked for, it does the others' parts too.
  @Test func noPartOfALoopIsLeftOut() throws {
    try ComputeActor.setThreads(3)
    defer { try? ComputeActor.setThreads(1) }
    let setLevels = try openMP("omp_set_max_active_levels", as: SetLimit.self)
    let levels = try openMP("omp_get_max_active_levels", as: (@convention(c) () -> Int32).self)()
    defer { setLevels(levels) }
    let ones = try Tensor(repeating: 1, shape: [1 << 18])
    let whole = try ones.adding(ones)
    setLevels(0)
    let alone = try ones.adding(ones)
    #expect(try whole.values.allSatisfy { $0 == 2 })
    #expect(try alone.values.allSatisfy { $0 == 2 })
  }

  /// A primitive divides its work among the threads there are when it is made.
  @Test func plansBelongToANumberOfThreads() throws {
    defer { try? ComputeActor.setThreads(1) }
    let (x, weight) = (try normal(3, 37), try normal(5, 37))
    var created: [Int64] = []
    for threads in [1, 2, 1, 2] {
      try ComputeActor.setThreads(threads)
      let before = ein_primitives_created()
      _ = try x.linear(weight: weight)
      created.append(ein_primitives_created() - before)
    }
    #expect(created[1] == created[0] && created[0] > 0)
    #expect(created[2...] == [0, 0])
  }

  /// Layouts of more shapes than anyone trains with stay few bytes each, and quick to find; in a process of their own,
  /// whose memory nothing else takes.
  @Test func manyLayouts() async {
    await #expect(processExitsWith: .success) {
      try await ComputeActor.run {
        func seconds(_ lengths: Range<Int>) throws -> Double {
          let clock = Stopwatch()
          for length in lengths { _ = try Layout([3, length]) }
          return clock.seconds
        }
        func resident() throws -> Int {
          let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
          return try #require(Int(pages[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
        let first = try Layout([3, 1_000_000])
        let before = try resident()
        let fresh = try seconds(1_001_000..<1_101_000)
        #expect(try resident() - before < 100_000 * 300)
        #expect(try Layout([3, 1_000_000]) == first)
        // Sought one by one in the first 1024 chains they would take 50 times as long as that.
        #expect(try seconds(1_001_000..<1_101_000) < 2 * fresh + 0.1)
      }
    }
  }

  /// No element lies at the stride of an axis of length 1, so it makes no other layout.
  @Test(arguments: [
    ([1, 4, 5], [20, 5, 1], [7, 5, 1]), ([3, 1, 5], [5, 5, 1], [5, 1, 1]),
    ([3, 4, 1], [4, 1, 1], [4, 1, 9]),
    ([3, 1, 5], [1, 15, 3], [1, 1, 3]),
  ])
  func stridesOfSingleElementsDoNotCount(shape: [Int], strides: [Int], others: [Int]) throws {
    let layout = try Layout(shape, strides: others)
    #expect(try layout == Layout(shape, strides: strides))
    #expect(try layout.strides == strides)
  }

  /// A request that the system refuses for want of memory succeeds if kept blocks make room for it.
  @Test func keptBlocksMakeRoom() async {
    await #expect(processExitsWith: .success) {
      func taken(_ bytes: Int) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        return ein_memory_take(bytes, &block) == EIN_OK ? block : nil
      }
      let kept = taken(300 << 20)
      ein_memory_give(kept)
      let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
      let pages = try #require(text.split(separator: " ").first.flatMap { UInt($0) })
      var limit = rlimit()
      limit.rlim_cur = pages * UInt(sysconf(Int32(_SC_PAGESIZE))) + 100 << 20
      limit.rlim_max = limit.rlim_cur
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
      #expect(kept != nil && taken(350 << 20) != nil)
    }
  }

  /// Rates far below 2⁻¹⁶ are kept to: 8 elements of 2²³ are expected to be dropped, and 128 would be by 16 bits.
  @Test func smallRatesOfDropout() throws {
    let x = try Tensor(repeating: 1, shape: [1 << 23])
    let dropped = try x.dropout(rate: 0x1p-20, seed: 1).values.count { $0 == 0 }
    #expect((1...24).contains(dropped))
    let half = try x.dropout(rate: 0.5, seed: 2).values.count { $0 == 0 }
    #expect(abs(half - 1 << 22) < 5 * 1449)
  }

  /// Layers of one network drop other elements.
  @Test func dropoutLayersDifferUnseeded() throws {
    var generator = SplitMix64(state: 5)
    let layers = try (0..<2).map { _ in try Dropout(rate: 0.5, generator: &generator) }
    let x = try Tensor(repeating: 1, shape: [64])
    let results = try layers.map { try $0(x, tape: Tape()).values }
    #expect(results[0] != results[1])
  }

  /// bfloat16 is computed in, or refused by name.
  @Test func bfloat16IsRefusedByName() throws {
    do {
      #expect(try Precision.bfloat16.elementType == .bfloat16)
      _ = try normal(1, 12, 20).converted(to: .bfloat16).conv1d(weight: normal(3, 12, 3))
    } catch let error as ECGError {
      #expect(error.message.contains("bfloat16") && error.advice?.contains("f32") == true)
    }
    #expect(try Precision.float32.elementType == .float32)
  }
}
