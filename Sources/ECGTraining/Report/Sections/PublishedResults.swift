/// What the two papers report, to lie beside a report's rows.
///
/// Mehari and Strodthoff (2022): macro AUC of the 71 statements of PTB-XL on its fold 10, mean and standard deviation over 10 runs.
/// Gedon et al. (2021): mean and standard deviation of the figures they give.
enum PublishedResults {
  /// A figure and its standard deviation.
  struct Figure: Sendable {
    var mean: Double
    var deviation: Double
  }

  /// A network, how it was pretrained, and what it reached.
  struct Row: Sendable {
    var network: String
    var pretraining: String
    /// In the order of the table's columns.
    var figures: [Figure]
  }

  /// A paper's table.
  struct Table: Sendable {
    var task: String
    var caption: String
    var columns: [String]
    var rows: [Row]
  }

  static let tables: [Table] = [
    Table(
      task: "ptbxl.all",
      caption:
        "Published, on fold 10 of the whole PTB-XL: macro AUC (sd of 10 runs), Mehari and Strodthoff (2022)",
      columns: ["Linear", "Fine-tuned or supervised"],
      rows: [
        row("xresnet1d50", "none", (0.721, 0.016), (0.924, 0.005)),
        row("CPC's network", "none", (0.711, 0.007), (0.932, 0.003)),
        row("xresnet1d50", "SimCLR", (0.883, 0.003), (0.927, 0.003)),
        row("xresnet1d50", "BYOL", (0.878, 0.002), (0.929, 0.002)),
        row("CPC's network", "CPC", (0.927, 0.001), (0.942, 0.001)),
        row("CPC's network", "CPC without PTB-XL in the pool", (0.919, 0.001), (0.940, 0.002)),
      ]),
    Table(
      task: "ptbxl.all",
      caption: "Published, on the whole PTB-XL: fine-tuned and supervised, Gedon et al. (2021)",
      columns: ["Fmax", "Macro AUC"],
      rows: [
        row("U-ResNet", "none", (0.667, 0.037), (0.917, 0.004)),
        row("U-ResNet", "masked completion on CODE", (0.638, 0.034), (0.919, 0.003)),
      ]),
    Table(
      task: "cpsc2018",
      caption: "Published, on the whole CPSC2018: fine-tuned and supervised, Gedon et al. (2021)",
      columns: ["F2", "G2", "Macro AUC"],
      rows: [
        row("U-ResNet", "none", (0.775, 0.004), (0.533, 0.016), (0.953, 0.001)),
        row("U-ResNet", "masked completion on CODE", (0.780, 0.013), (0.538, 0.019), (0.954, 0.001)),
      ]),
  ]

  private static func row(_ network: String, _ pretraining: String, _ figures: (Double, Double)...) -> Row {
    Row(
      network: network, pretraining: pretraining, figures: figures.map { Figure(mean: $0.0, deviation: $0.1) }
    )
  }
}
