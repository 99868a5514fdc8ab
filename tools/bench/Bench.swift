import ArgumentParser
import ECGData
import Foundation

/// Measures this library, and others beside it, in one run, on one thread unless a group says otherwise; a group is a subcommand and a file.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure Einthoven, and with --peers others beside it.",
    discussion: """
      Example: swift run -c release bench read --peers --python .build/python/bin/python

      Ours and a peer take turns in short rounds over the same files. A rate is the median of its rounds, the ratio \
      the median of the rounds' ratios (ours divided by the peer's), in brackets its least and greatest. Where it is \
      counted, allocs is how many blocks of memory ours asks for a record once it has done the work before.
      """,
    subcommands: [Read.self, Resample.self, Filter.self, Convert.self, Validate.self, Stream.self, Step.self])
}

/// Options that every group has.
struct BenchOptions: ParsableArguments {
  @Flag(help: "One JSON object a row on stdout.")
  var json = false

  @Flag(help: "Measure the peers too; they are Python's.")
  var peers = false

  @Option(help: "The Python interpreter that has the peers.", completion: .file())
  var python = "python3"

  @Option(help: "Rounds of each contestant.")
  var rounds = 7

  @Option(help: "Least length of a round in seconds.")
  var seconds = 0.5

  func validate() throws {
    guard rounds > 0, seconds > 0 else { throw ValidationError("rounds and seconds have to be positive") }
  }

  /// Runs a group and prints its rows as they come; an error becomes one line and exit code 2.
  func run(_ group: (Duel, _ emit: (Row) throws -> Void) throws -> Void) throws {
    #if DEBUG
    say("built without optimisation: these numbers say nothing; use swift run -c release")
    #endif
    do {
      var isFirst = true
      try group(Duel(rounds: rounds, seconds: seconds)) { row in
        let lines = json ? [try row.json] : isFirst ? [Row.heading, row.text] : [row.text]
        FileHandle.standardOutput.write(Data(lines.map { $0 + "\n" }.joined().utf8))
        isFirst = false
      }
    } catch let error as ECGError {
      say("error: \(error)")
      throw ExitCode(2)
    }
  }
}

/// A line on stderr.
func say(_ text: String) {
  FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
}
