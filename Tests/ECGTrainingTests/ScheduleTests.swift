import ECGData
import Testing

@testable import ECGTraining

@Suite struct ScheduleTests {
  @Test func courses() {
    let constant = Schedule()
    #expect((0..<20).allSatisfy { constant.factor(step: $0, of: 20) == 1 })

    let cosine = Schedule(.warmupCosine, warmup: 4)
    #expect((0..<4).map { cosine.factor(step: $0, of: 20) } == [0.25, 0.5, 0.75, 1])
    #expect(cosine.factor(step: 4, of: 20) == 1)
    #expect(abs(cosine.factor(step: 12, of: 20) - 0.5) < 1e-6)
    #expect((4..<19).allSatisfy { cosine.factor(step: $0 + 1, of: 20) < cosine.factor(step: $0, of: 20) })
    #expect((0..<0.02).contains(cosine.factor(step: 19, of: 20)))

    let cycle = Schedule(.oneCycle)
    #expect(abs(cycle.factor(step: 0, of: 20) - 0.04) < 1e-7)
    #expect(cycle.factor(step: 5, of: 20) == 1)
    #expect(abs(cycle.factor(step: 19, of: 20) - 4e-6) < 1e-8)
  }

  @Test(arguments: Schedule.Shape.allCases) func golden(shape: Schedule.Shape) throws {
    let golden = try Golden(optimizer: "schedules")
    let schedule = Schedule(shape, warmup: try golden.number("warmUp"))
    let steps = try golden.number("steps")
    let expected = try golden.values(shape.rawValue).values
    #expect(expected.count == steps)
    for (step, factor) in expected.enumerated() {
      #expect(abs(schedule.factor(step: step, of: steps) - factor) <= 1e-6 * factor, "step \(step)")
    }
  }

  /// Trainings shorter than the warm-up, of a single step, and longer than foreseen.
  @Test(arguments: Schedule.Shape.allCases, [0, 1, 3, 10, 1000])
  func isAlwaysARate(shape: Schedule.Shape, steps: Int) {
    for warmup in [0, 1, 3, 10, 5000] {
      let schedule = Schedule(shape, warmup: warmup)
      for step in [-1, 0, 1, 2, 9, 999, 1_000_000] {
        let factor = schedule.factor(step: step, of: steps)
        #expect(factor >= 0 && factor <= 1, "\(schedule) at \(step) of \(steps): \(factor)")
      }
      #expect(
        schedule.factor(step: 1_000_000, of: steps) == schedule.factor(step: max(steps, 1) - 1, of: steps))
    }
  }

  @Test func yaml() throws {
    let schedule = try YAML.decode(
      "{shape: one_cycle, rise: 0.25}", over: Schedule(), file: "recipe.yaml")
    #expect(schedule.shape == .oneCycle && schedule.rise == 0.25 && schedule.initialDivisor == 25)
    #expect(try YAML.decode(YAML.encode(schedule), over: Schedule(), file: "recipe.yaml") == schedule)
  }

  @Test(arguments: [
    "warmup: -1", "rise: 1.5", "rise: .nan", "initial_divisor: 0", "final_divisor: .inf",
  ])
  func makesNoSense(setting: String) throws {
    let schedule = try YAML.decode("{\(setting)}", over: Schedule(), file: "recipe.yaml")
    #expect(throws: ECGError.self) {
      try schedule.check { guard $0 else { throw ECGError(.invalidArgument, $1) } }
    }
  }
}
