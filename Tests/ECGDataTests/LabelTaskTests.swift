import ECGData
import TestSupport
import Testing

@Suite struct LabelTaskTests {
  /// The sizes that table I of the PTB-XL benchmark has (Strodthoff 2021).
  @Test(arguments: [
    ("ptbxl.all", 71), ("ptbxl.superclass", 5), ("ptbxl.subclass", 23), ("ptbxl.diagnostic", 44),
    ("ptbxl.form", 19),
    ("ptbxl.rhythm", 12),
  ])
  func hasTheBenchmarksClasses(name: String, count: Int) throws {
    let task = try LabelTask.named(name)
    #expect(task.classes.count == count)
    #expect(Set(task.classes).count == count)
    #expect(task.classes == task.classes.sorted())
    #expect(task.sources == ["ptb-xl"])
  }

  @Test func namesTheSuperclasses() throws {
    #expect(try LabelTask.named("ptbxl.superclass").classes == ["CD", "HYP", "MI", "NORM", "STTC"])
  }

  /// IMI and ASMI are infarctions; LVH is a hypertrophy; SR is a rhythm and no diagnosis.
  @Test(arguments: [
    (["scp:NORM", "scp:SR"], ["NORM"]), (["scp:IMI", "scp:ASMI", "scp:LVH"], ["HYP", "MI"]),
    (["scp:NDT", "scp:CLBBB"], ["CD", "STTC"]),
  ])
  func mapsCodesToSuperclasses(codes: [String], classes: [String]) throws {
    let task = try LabelTask.named("ptbxl.superclass")
    let row = try #require(
      task.target(source: "ptb-xl", statements: codes.map { Statement(code: $0, value: 0) }))
    #expect(zip(task.classes, row).filter { $0.1 == 1 }.map(\.0) == classes)
    #expect(row.allSatisfy { $0 == 0 || $0 == 1 })
  }

  @Test(arguments: [["scp:SR"], ["scp:nothing"], ["NORM"], []] as [[String]])
  func leavesOutRecordsWithoutAClass(codes: [String]) throws {
    #expect(
      try LabelTask.named("ptbxl.superclass").target(
        source: "ptb-xl", statements: codes.map { Statement(code: $0, value: 1) }) == nil)
  }

  @Test func listsTheTasksItKnows() throws {
    let error = try error { try LabelTask.named("ptbxl.none") }
    #expect(error.code == .invalidArgument && error.description.contains("ptbxl.superclass"))
  }
}
