import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct UsageTests {
  @Test(arguments: [
    ["--help"], ["convert", "--help"], ["validate", "--help"], ["inspect", "--help"], ["read", "--help"],
    ["stream", "--help"], ["simulate", "--help"], ["export", "--help"], ["plot", "--help"],
  ])
  func helpsWithAnExample(arguments: [String]) throws {
    let result = try Tool.run(arguments)
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(result.output.contains("USAGE") && result.output.contains("Example"))
  }

  /// Wrong usage is 64, as the help says, and nothing is written on stdout.
  @Test(arguments: [
    ["nonsense"], ["convert"], ["convert", "x"], ["convert", "x", "-o", "y", "--nonsense"],
    ["convert", "x", "-o", "y", "--jobs", "0"], ["convert", "x", "-o", "y", "--jobs", "many"],
    ["convert", "x", "-o", "y", "--limit", "0"], ["convert", "x", "-o", "y", "--shard-size", "12parsecs"],
    ["convert", "x", "-o", "y", "--shard-size", "-1"],
    ["convert", "x", "-o", "y", "--shard-size", "99999999999GiB"],
    ["stream", "x", "--batch", "many"], ["stream", "x", "--seed", "-1"], ["read"], ["inspect"], ["validate"],
    ["plot"], ["plot", "x", "--filters", "y"], ["plot", "x", "--rate", "100"],
    ["plot", "x", "--from", "soon"],
    ["plot", "--filters", "y", "--from", "1"], ["plot", "x", "--layout", "round"],
    ["simulate", "--layout", "ptb-xl", "x"], ["simulate", "--records", "5", "x"],
    ["simulate", "--layout", "ptb-xl", "--records", "0", "x"],
    ["simulate", "--layout", "ptb-xl", "--records", "5"],
  ])
  func refusesWrongUsage(arguments: [String]) throws {
    let result = try Tool.run(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty && !result.errors.isEmpty)
  }

  /// Right usage of what is not there: one line on stderr that names it, exit code 2.
  @Test(arguments: [
    (["convert", "/no/such/tree", "-o", "/no/such/output"], "/no/such/tree"),
    (["convert", "/dev/null", "-o", "/no/such/output"], "/dev/null"),
    (["convert", "/", "-o", "/no/such/output", "--dataset", "nonsense"], "nonsense"),
    (["convert", "/bin", "-o", "/no/such/output"], "/bin"),
    (["convert", "/", "-o", "/no/such/output", "--rate", "fast"], "fast"),
    (["convert", "/", "-o", "/no/such/output", "--rate", "-5"], "-5"),
    (["convert", "/", "-o", "/no/such/output", "--recipe", "/no/such/recipe.yaml"], "/no/such/recipe.yaml"),
    (["validate", "/no/such/path"], "/no/such/path"),
    (["inspect", "/no/such/path"], "/no/such/path"),
    (["read", "/no/such/record"], "/no/such/record"),
    (["plot", "/no/such/record"], "/no/such/record"),
    (["plot", "/dev:9"], "/dev"),
    (["plot", "/dev"], "/dev"),
    (["stream", "/no/such/shards"], "/no/such/shards"),
    (["stream", "/dev", "--folds", "8-1"], "/dev"),
    (["simulate", "--layout", "nonsense", "--records", "5", "/no/such/tree"], "nonsense"),
    (["simulate", "--layout", "code", "--records", "5", "--noise", "loud", "/no/such/tree"], "loud"),
    (["simulate", "--layout", "cpsc2018", "--records", "100000", "/no/such/tree"], "99999"),
    (["simulate", "--layout", "code", "--records", "5", "/dev"], "/dev"),
  ])
  func saysInOneLineWhatIsWrong(arguments: [String], named: String) throws {
    // Negative numbers need the joined form.
    let arguments = arguments.contains("-5") ? arguments.dropLast(2) + ["--rate=-5"] : arguments[...]
    let result = try Tool.run(Array(arguments))
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.hasPrefix("einthoven: error: ") && result.errors.contains(named))
  }
}
