import ArgumentParser
import ECGData
import Foundation
import Synchronization

/// Options that every subcommand has.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Say nothing but errors.")
  var quiet = false

  @Flag(help: "End with one JSON object on stdout.")
  var json = false
}

/// What the tool writes, and where: results on stdout, everything else on stderr.
enum Console {
  /// Runs a command's work; an error becomes one line and exit code 2.
  static func run(_ work: () async throws -> Void) async throws {
    // Every shard of a directory stays open, and directories of CODE's size have more than the usual limit.
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    // A limit on the size of files is told as a full disk is: by the write that fails.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try await work()
    } catch let error as ECGError {
      line("einthoven: \(error.code == .interrupted ? "" : "error: ")\(error)")
      throw ExitCode(2)
    } catch let exit as ExitCode {
      throw exit
    } catch {
      line("einthoven: error: \(error)")
      throw ExitCode(2)
    }
  }

  /// A line on stderr.
  static func line(_ text: String) {
    // Where not even an error can be told, there is nobody to tell.
    try? write(Array((printable(text) + "\n").utf8), to: 2)
  }

  /// A line on stdout.
  static func output(_ text: String) throws { try output(bytes: Array((text + "\n").utf8)) }

  /// Bytes on stdout.
  static func output(bytes: [UInt8]) throws {
    guard isatty(1) == 1 else { return try write(bytes, to: 1) }
    try write(Array(printable(String(decoding: bytes, as: UTF8.self)).utf8), to: 1)
  }

  /// What a file holds reaches a terminal without its control characters.
  private static func printable(_ text: String) -> String {
    let shown = text.unicodeScalars.map { scalar in
      scalar != "\n" && (scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)) ? " " : scalar
    }
    return String(String.UnicodeScalarView(shown))
  }

  /// FileHandle's own writing ends the process where a disk is full.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw ECGError(.inputOutput, "cannot be written: \(String(cString: strerror(errno)))", file: "output")
      }
      rest = rest.dropFirst(count)
    }
  }

  /// One line of JSON on stdout, keys sorted.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try output(String(decoding: encoder.encode(value), as: UTF8.self))
  }
}

/// An interruption that Ctrl-C or SIGTERM requests; a second signal ends the process at once.
enum Signals {
  private static let requested = Interruption()

  static func interruption() -> Interruption {
    let interruption = requested
    for number in [SIGINT, SIGTERM] {
      // A handler proper: no thread has to be free to notice the signal, and none is lost while one is made ready. An
      // atomic store and signal(2) are all that it does.
      signal(number) { number in
        signal(number, SIG_DFL)
        Signals.requested.request()
      }
    }
    return interruption
  }
}

/// Progress on stderr: a bar on a terminal, a plain line every ten seconds elsewhere.
final class Progress: Sendable {
  private struct State {
    var total: Int
    var done = 0
    /// What was done before this run.
    var before = 0
    /// When the work ends even if not all is done.
    var deadline: Double?
    var lastShown: Double
  }

  private let state: Mutex<State>
  private let isQuiet: Bool
  private let isTerminal = isatty(2) == 1
  private let start = Progress.now
  private let noun: String

  private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

  init(_ noun: String, total: Int = 0, quiet: Bool) {
    self.noun = noun
    isQuiet = quiet
    state = Mutex(State(total: total, lastShown: Progress.now))
  }

  var seconds: Double { Progress.now - start }

  /// Begins with what is done already; the work is over after so many seconds at the latest, if any are given.
  func begin(total: Int, done: Int, seconds: Double? = nil) {
    state.withLock {
      $0.total = total
      $0.done = done
      $0.before = done
      $0.deadline = seconds.map { Progress.now + $0 }
    }
  }

  /// Counts what is done; `note` tells more beside, from the seconds so far.
  func advance(by count: Int = 1, note: ((Double) -> String)? = nil) { update(note) { $0.done += count } }

  func advance(to done: Int) { update(nil) { $0.done = done } }

  private func update(_ note: ((Double) -> String)?, _ change: (inout State) -> Void) {
    let text: String? = state.withLock { state in
      change(&state)
      let now = Progress.now
      guard !isQuiet, now - state.lastShown >= (isTerminal ? 0.1 : 10) else { return nil }
      state.lastShown = now
      return describe(state) + (note.map { ", " + $0(seconds) } ?? "")
    }
    if let text { show(text) }
  }

  /// Removes the bar.
  func end() {
    if isTerminal, !isQuiet { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }

  private func show(_ text: String) {
    if isTerminal {
      FileHandle.standardError.write(Data("\r\(text)\u{1B}[K".utf8))
    } else {
      Console.line(text)
    }
  }

  private func describe(_ state: State) -> String {
    let rate = Double(state.done - state.before) / max(seconds, 1e-9)
    let pace = rate < 10 ? "\((rate * 10).rounded() / 10)" : "\(Int(rate))"
    let left =
      [
        rate > 0 && state.total > 0 ? Double(state.total - state.done) / rate : nil,
        state.deadline.map { max(0, $0 - Progress.now) },
      ].compactMap { $0 }.min().map { ", \(Progress.duration($0)) left" } ?? ""
    guard state.total > 0 else { return "\(state.done) \(noun), \(pace)/s\(left)" }
    let share = min(1, Double(state.done) / Double(state.total))
    let filled = Int(share * 30)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    return "\(isTerminal ? bar + " " : "")\(state.done)/\(state.total) \(noun), \(pace)/s\(left)"
  }

  /// Seconds in hours, minutes and seconds.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }
}

/// Sizes such as `256MiB`, `1GB` or plain bytes.
struct ByteCount: ExpressibleByArgument, CustomStringConvertible {
  let bytes: Int

  init(mebibytes: Int) { bytes = mebibytes << 20 }

  var description: String { bytes % (1 << 20) == 0 ? "\(bytes >> 20)MiB" : "\(bytes)" }

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let factors = [
      "": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 1_000_000,
      "g": 1 << 30, "gib": 1 << 30, "gb": 1_000_000_000,
    ]
    guard let number = Int(digits), number > 0,
      let factor = factors[argument.dropFirst(digits.count).lowercased()]
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    bytes = product
  }
}
