import ArgumentParser
import ECGData

struct Plot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a record on ECG paper, or the frequency response of filters.",
    discussion: """
      Example: einthoven plot 00001_hr --output 1.svg
               einthoven plot shards:42 --from 5 --layout stacked --output 42.svg
               einthoven plot --filters recipe.yaml --rate 500 --output response.svg

      A record is a WFDB record, DIRECTORY:ID of shards, or DIRECTORY:ID of a raw
      collection. Ten seconds of it are drawn in true size, 25 mm/s and 10 mm/mV:
      three rows of four leads over ten seconds of II, or twelve rows where a lead
      is marked or less is left. What an audit finds in these seconds is marked.

      With --filters the picture has the gain of each filter and of all together and,
      if a filter is causal, the delay. Pictures are SVG files.
      """)

  @Argument(
    help: "A WFDB record, or one record of shards or of a raw collection as DIRECTORY:ID.",
    completion: .file())
  var record: String?

  @Option(help: "Where in the record to begin: seconds or h:m:s.")
  var from: String?

  @Option(help: "Three rows of four leads, or twelve rows.")
  var layout: Layout?

  @Flag(help: "Mark nothing.")
  var plain = false

  @Option(help: "The source of a record of shards, by its adapter's name, where several have its id.")
  var source: String?

  @Option(help: "A recipe in YAML.", completion: .file(extensions: ["yaml", "yml"]))
  var filters: String?

  @Option(help: "Sampling rate in Hz at which the filters run: that of the recordings. (default: 500)")
  var rate: Double?

  @Option(
    name: .shortAndLong, help: "The picture; standard output if left out.",
    completion: .file(extensions: ["svg"]))
  var output: String?

  @OptionGroup(title: "Raw collections") var sources: SourceArguments

  enum Layout: String, ExpressibleByArgument, CaseIterable {
    case standard
    case stacked

    var placement: RecordPicture.Layout {
      switch self {
      case .standard: .standard
      case .stacked: .stacked
      }
    }
  }

  func validate() throws {
    guard (record == nil) != (filters == nil) else {
      throw ValidationError("Give either a record or --filters.")
    }
    if filters == nil, rate != nil { throw ValidationError("--rate is of --filters.") }
    if record == nil, from != nil || layout != nil || plain || source != nil {
      throw ValidationError("--from, --layout, --plain and --source are of a record.")
    }
    if let rate, !(rate.isFinite && (1...1e6).contains(rate)) {
      throw ValidationError("--rate must be a number of Hz from 1 to 1000000.")
    }
    if let from, WFDBHeader.seconds(of: from) == nil {
      throw ValidationError("--from \"\(from)\" is no time: write 2.5 or 0:01:30.")
    }
  }

  func run() async throws {
    try await Console.run {
      if let filters {
        let picture = try response(of: filters)
        try put(picture.svg, picture.write)
      } else {
        let picture = try picture(of: record ?? "")
        try put(picture.svg, picture.write)
      }
    }
  }

  private func put(_ svg: () -> String, _ write: (String) throws -> Void) throws {
    if let output { try write(output) } else { try Console.output(bytes: Array(svg().utf8)) }
  }

  private func picture(of place: String) throws -> RecordPicture {
    let seconds = from.flatMap { WFDBHeader.seconds(of: $0) } ?? 0
    let (path, id) = RecordPlace.parse(place)
    guard let id else {
      guard !RecordPlace.isDirectory(path) else {
        throw ECGError(
          .invalidArgument, "is a directory", file: path, advice: "name one record of it as \(path):ID")
      }
      return try RecordPicture(record: path, from: seconds, layout: layout?.placement, isMarked: !plain)
    }
    return try RecordPicture(
      directory: path, record: id, source: source, as: sources.dataset, options: sources.options(),
      from: seconds, layout: layout?.placement, isMarked: !plain)
  }

  private func response(of filters: String) throws -> FrequencyResponsePicture {
    let recipe = try Recipe(contentsOf: filters)
    do {
      return try FrequencyResponsePicture(
        recipe.filters, rate: rate ?? 500, outputRate: recipe.rate.hertz)
    } catch let error as ECGError {
      throw error.located(file: filters)
    }
  }
}
