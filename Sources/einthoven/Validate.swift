import ArgumentParser
import ECGData

struct Validate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Check raw collections and shard directories.")
  @OptionGroup var options: OutputOptions
}
