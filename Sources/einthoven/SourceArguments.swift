import ArgumentParser
import ECGData

/// What the user tells of raw sources that their files do not.
struct SourceArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The collection's name, or auto to recognise it.",
      discussion:
        "Names: \(Datasets.all.map { $0.name }.joined(separator: ", ")). hdf5 and csv are never recognised by themselves."
    ))
  var dataset = "auto"

  @Option(help: "Sampling rate in Hz of a source whose files state none.")
  var sourceRate: Double?

  @Option(help: "Unit of a source whose files state none, as mV or as a number of µV.")
  var sourceUnit: String?

  @Option(help: "Leads of a source's columns, in order, as I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6.")
  var sourceLeads: String?

  @Option(help: "Name of the HDF5 dataset that holds the signals.")
  var sourceSignal: String?

  @Option(help: "Name of the HDF5 dataset that holds the records' ids.")
  var sourceIds: String?

  @Flag(help: "Read wrong gains and the like as they stand, against the published corrections.")
  var noErrata = false

  /// The options of a recipe with those of the command line over them.
  func options(over recipe: SourceOptions = SourceOptions()) throws -> SourceOptions {
    var options = recipe
    if let sourceRate { options.rate = sourceRate }
    if let sourceUnit { options.microvoltsPerUnit = try SourceOptions.microvolts(sourceUnit) }
    if let sourceLeads {
      options.leads = sourceLeads.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    if let sourceSignal { options.signal = sourceSignal }
    if let sourceIds { options.ids = sourceIds }
    if noErrata { options.errata = false }
    return options
  }
}
