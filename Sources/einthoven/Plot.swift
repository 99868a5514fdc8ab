import ArgumentParser
import ECGData

struct Plot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw the frequency response of a recipe's filters.",
    discussion: """
      Example: einthoven plot --filters recipe.yaml --rate 500 --output response.svg

      The picture is an SVG file: the gain of each filter and of all together and, if a filter is causal, the delay.
      """)

  @Option(help: "A recipe in YAML.", completion: .file(extensions: ["yaml", "yml"]))
  var filters: String

  @Option(help: "Sampling rate in Hz at which the filters run: that of the recordings.")
  var rate = 500.0

  @Option(
    name: .shortAndLong, help: "The picture; standard output if left out.",
    completion: .file(extensions: ["svg"]))
  var output: String?

  func validate() throws {
    guard rate.isFinite, (1...1e6).contains(rate) else {
      throw ValidationError("--rate must be a number of Hz from 1 to 1000000.")
    }
  }

  func run() async throws {
    try await Console.run {
      let recipe = try Recipe(contentsOf: filters)
      do {
        let picture = try FrequencyResponsePicture(recipe.filters, rate: rate, outputRate: recipe.rate.hertz)
        if let output {
          try picture.write(to: output)
        } else {
          try Console.output(bytes: Array(picture.svg().utf8))
        }
      } catch let error as ECGError {
        throw error.located(file: filters)
      }
    }
  }
}
