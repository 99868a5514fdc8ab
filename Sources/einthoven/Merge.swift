import ArgumentParser
import ECGData

struct MergeShards: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Put finished shard directories together.",
    discussion: """
      Example: einthoven merge ptb-xl-shards chapman-shards --output all

      Shards keep their bytes; one manifest names them all. The directories must be of one recipe and have no record in
      common.
      """)

  @Argument(help: "Shard directories, in order.", completion: .directory)
  var directories: [String]

  @Option(name: .shortAndLong, help: "The directory to make, new or empty.", completion: .directory)
  var output: String

  @OptionGroup var options: OutputOptions

  func run() async throws {
    try await Console.run {
      let progress = Progress("files", quiet: options.quiet)
      let manifest = try Merge(directories, output: output).run(interruption: Signals.interruption()) { _ in
        progress.advance()
      }
      progress.end()
      try Committed(manifest).tell(output, options)
    }
  }
}

struct Rebuild: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the lost manifest of a finished conversion anew.",
    discussion: "Example: einthoven rebuild shards")

  @Argument(help: "A shard directory without manifest.json.", completion: .directory)
  var directory: String

  @OptionGroup var options: OutputOptions

  func run() async throws {
    try await Console.run {
      let progress = Progress("shards", quiet: options.quiet)
      let manifest = try Manifest.rebuild(directory, interruption: Signals.interruption()) { _ in
        progress.advance()
      }
      progress.end()
      try Committed(manifest).tell(directory, options)
    }
  }
}

/// What a directory holds once its manifest is written.
private struct Committed: Encodable {
  var stored, shards, generations, bytes: Int
  var fingerprint: String

  init(_ manifest: Manifest) {
    stored = manifest.counts.stored
    shards = manifest.shards.count
    generations = manifest.generations.count
    bytes = manifest.bytes
    fingerprint = manifest.fingerprint
  }

  func tell(_ directory: String, _ options: OutputOptions) throws {
    if !options.quiet {
      Console.line("\(directory): \(stored) records in \(shards) shards, \(bytes) bytes")
    }
    if options.json { try Console.json(self) }
  }
}
