import TestSupport
import Testing

@testable import ECGData

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

  /// The order of the columns is part of what is trained: it never changes.
  @Test(arguments: [
    ("ptbxl.all", 71, []), ("ptbxl.diagnostic", 44, []), ("ptbxl.subclass", 23, []), ("ptbxl.form", 19, []),
    ("ptbxl.superclass", 5, ["CD", "HYP", "MI", "NORM", "STTC"]),
    (
      "ptbxl.rhythm", 12,
      ["AFIB", "AFLT", "BIGU", "PACE", "PSVT", "SARRH", "SBRAD", "SR", "STACH", "SVARR", "SVTAC", "TRIGU"]
    ), ("cpsc2018", 9, ["Normal", "AF", "I-AVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE"]),
    ("code", 6, ["1dAVb", "RBBB", "LBBB", "SB", "AF", "ST"]),
    ("chapman.rhythm", 11, ["SB", "SR", "AFIB", "ST", "AF", "SA", "SVT", "AT", "AVNRT", "AVRT", "SAAWR"]),
    ("chapman.rhythm4", 4, ["AFIB", "GSVT", "SB", "SR"]),
    (
      "cinc2021", 26,
      [
        "AF", "AFL", "BBB", "Brady", "CLBBB|LBBB", "CRBBB|RBBB", "IAVB", "IRBBB", "LAD", "LAnFB", "LQRSV",
        "NSIVCB",
        "NSR", "PAC|SVPB", "PR", "PRWP", "PVC|VPB", "LPR", "LQT", "QAb", "RAD", "SA", "SB", "STach", "TAb",
        "TInv",
      ]
    ),
  ])
  func keepsClassesInOrder(name: String, count: Int, classes: [String]) throws {
    let task = try LabelTask.named(name)
    #expect(task.classes.count == count && Set(task.classes).count == count)
    if !classes.isEmpty { #expect(task.classes == classes) }
  }

  @Test(arguments: LabelTask.all) func namesKnownCodesAndSources(task: LabelTask) {
    // Of PhysioNet's table of conditions alone; the challenge has another code for it.
    let codes = task.codes.subtracting(["snomed:233896004"])
    #expect(!codes.isEmpty && codes.filter { !Vocabulary.knows($0) } == [])
    #expect(Set(Datasets.all.map { $0.name }).isSuperset(of: task.sources) && !task.sources.isEmpty)
  }

  @Test func hasElevenTasks() {
    #expect(LabelTask.all.count == 11 && Set(LabelTask.all.map(\.name)).count == 11)
  }

  private func classes(_ name: String, _ source: String, _ values: KeyValuePairs<String, Float>) throws
    -> [String]?
  {
    let task = try LabelTask.named(name)
    return task.target(source: source, statements: values.map { Statement(code: $0.key, value: $0.value) })
      .map {
        zip(task.classes, $0).filter { $0.1 == 1 }.map(\.0)
      }
  }

  /// Four pairs of codes are scored as one: Reyna et al., CinC 2021, table 2.
  @Test(arguments: [
    ("CLBBB|LBBB", 733_534_002, 164_909_002), ("CRBBB|RBBB", 713_427_006, 59_118_001),
    ("PAC|SVPB", 284_470_004, 63_593_006), ("PVC|VPB", 427_172_004, 17_338_001),
  ])
  func countsEquivalentCodesAsOne(name: String, first: Int, second: Int) throws {
    for code in [first, second] {
      #expect(try classes("cinc2021", "challenge", ["snomed:\(code)": 1]) == [name])
    }
    #expect(try classes("cinc2021", "chapman-wfdb", ["snomed:\(first)": 1, "snomed:\(second)": 1]) == [name])
  }

  /// What a task may not be asked of has no target; what is negative has one of zeros.
  @Test func masksWhatItMayNotBeAskedOf() throws {
    #expect(try classes("cinc2021", "cpsc2018", ["snomed:164889003": 1]) == nil)
    #expect(try classes("cinc2021", "wfdb", ["snomed:164889003": 1]) == nil)
    #expect(try classes("cinc2021", "challenge", [:]) == nil)
    #expect(try classes("cinc2021", "challenge", ["cpsc:AF": 1]) == nil)
    // A code that is not scored makes all scored ones negative.
    #expect(try classes("cinc2021", "challenge", ["snomed:55827005": 1]) == [])
    #expect(try classes("ptbxl.superclass", "challenge", ["scp:NORM": 1]) == nil)
    #expect(try classes("cpsc2018", "cpsc2018", ["cpsc:10": 1]) == nil)
    #expect(try classes("cpsc2018", "cpsc2018", ["cpsc:AF": 1, "cpsc:10": 1]) == ["AF"])
    #expect(try classes("chapman.rhythm", "chapman", ["chapman:AF": 1]) == ["AF"])
    #expect(try classes("chapman.rhythm4", "chapman", ["chapman:AF": 1]) == ["AFIB"])
    for code in ["snomed:233896004", "snomed:251166008"] {
      #expect(try classes("chapman.rhythm", "chapman-wfdb", [code: 1]) == ["AVNRT"])
      #expect(try classes("chapman.rhythm4", "chapman-wfdb", [code: 1]) == ["GSVT"])
    }
    #expect(try classes("chapman.rhythm", "chapman", ["chapman:RBBB": 1]) == nil)
  }

  @Test(arguments: ["code", "code-15", "code-test"]) func takesStatedZerosAsNegatives(source: String) throws {
    let zeros = Vocabulary.code.map { Statement(code: "code:\($0)", value: 0) }
    let task = try LabelTask.named("code")
    #expect(task.target(source: source, statements: zeros) == [0, 0, 0, 0, 0, 0])
    var one = zeros
    one[4].value = 1
    #expect(task.target(source: source, statements: one) == [0, 0, 0, 0, 1, 0])
    // A label that nobody gave is not one of 0.
    one.remove(at: 2)
    #expect(task.target(source: source, statements: one) == nil)
    #expect(task.target(source: "sph", statements: zeros) == nil)
  }
}
