import ArgumentParser
import ECGData

/// The command-line tool: one thin file a subcommand, which turns arguments into calls and events into lines.
@main
struct Einthoven: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "einthoven",
    abstract: "12-lead ECG data: convert, validate, stream, pretrain.",
    discussion: """
      Example, from raw files to an evaluated encoder:

        einthoven validate ptb-xl
        einthoven convert ptb-xl --rate 100 --output shards
        einthoven pretrain shards --method cpc --exclude-folds 9-10 --output runs/cpc
        einthoven evaluate shards --encoder runs/cpc --protocol linear --task ptbxl.all --output runs/linear

      An error is one line on stderr. Exit codes: 0 done, 1 done with findings or exclusions, 2 not done, 64 wrong usage.
      """,
    version: Release.version,
    subcommands: [
      Convert.self, MergeShards.self, Rebuild.self, Validate.self, Inspect.self, Read.self, Plot.self,
      ExportRecords.self, Stream.self, Pretrain.self,
      Evaluate.self, Predict.self, ReportRuns.self,
      Simulate.self,
    ])
}
