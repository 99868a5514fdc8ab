import ArgumentParser
import ECGData

/// Options of noise that is added to test records.
struct NoiseArguments: ParsableArguments {
  @Option(help: "Levels of physiological noise, such as 1-6.")
  var noise: String?

  @Option(
    help:
      "native: made at the recordings' own rate, filtered and resampled as they were; p1: as the paper's code."
  )
  var noiseMode = "native"

  @Option(
    help: "A recording of noise, such as em of nstdb; may be given several times.", completion: .file())
  var noiseRecord: [String] = []

  @Option(
    help: """
      Signal-to-noise ratios of --noise-record in decibels, 24,18,12,6,0,-6 unless told; --snr=-6,0 begins below 0.
      """)
  var snr: String?

  /// Refuses options that have no effect, and a mode that is none.
  func check() throws {
    guard ["native", "p1"].contains(noiseMode) else {
      throw ValidationError("--noise-mode \"\(noiseMode)\" is neither native nor p1.")
    }
    if noiseRecord.isEmpty, snr != nil { throw ValidationError("--snr is of --noise-record.") }
    if noise == nil, noiseMode != "native" { throw ValidationError("--noise-mode is of --noise.") }
  }

  /// All noises, the levels first.
  ///
  /// - Throws: `ECGError` for one that is none.
  func kinds() throws -> [RecordNoise.Kind] {
    let levels = try noise.map { text in
      do { return try Folds(text).values.sorted() } catch {
        throw ECGError(.invalidArgument, "--noise \"\(text)\" is not of the form 3 or 1-6")
      }
    }
    let text = snr ?? "24,18,12,6,0,-6"
    let ratios = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let ratio = Double(part) else {
        throw ECGError(.invalidArgument, "--snr \"\(text)\" is no list of numbers such as 12,6,0")
      }
      return ratio
    }
    let kinds: [RecordNoise.Kind] =
      (levels ?? []).map { noiseMode == "p1" ? .p1(level: Int($0)) : .physiological(level: Int($0)) }
      + noiseRecord.flatMap { path in ratios.map { .recorded(path: path, decibels: $0) } }
    for kind in kinds { try kind.check() }
    return kinds
  }
}
