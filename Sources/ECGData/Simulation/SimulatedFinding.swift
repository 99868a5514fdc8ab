/// A diagnostic statement that the simulator can make visible.
///
/// Raw values are the codes of PTB-XL's `scp_statements.csv`.
enum SimulatedFinding: String, CaseIterable, Sendable {
  case inferiorInfarction = "IMI"
  case anteroseptalInfarction = "ASMI"
  case anteriorInfarction = "AMI"
  case lateralInfarction = "LMI"
  case inferolateralInfarction = "ILMI"
  case anterolateralInfarction = "ALMI"
  case nonDiagnosticT = "NDT"
  case nonSpecificST = "NST_"
  case ischemia = "ISC_"
  case anterolateralIschemia = "ISCAL"
  case inferiorIschemia = "ISCIN"
  case longQT = "LNGQT"
  case digitalis = "DIG"
  case leftBundleBranchBlock = "CLBBB"
  case rightBundleBranchBlock = "CRBBB"
  case incompleteRightBundleBranchBlock = "IRBBB"
  case leftAnteriorFascicularBlock = "LAFB"
  case intraventricularDelay = "IVCD"
  case firstDegreeBlock = "1AVB"
  case preexcitation = "WPW"
  case leftVentricularHypertrophy = "LVH"
  case rightVentricularHypertrophy = "RVH"
  case leftAtrialEnlargement = "LAO/LAE"

  /// The five diagnostic superclasses of PTB-XL, without the normal ECG.
  enum Superclass: String, CaseIterable, Sendable {
    case infarction = "MI"
    case repolarization = "STTC"
    case conduction = "CD"
    case hypertrophy = "HYP"
  }

  var superclass: Superclass {
    switch self {
    case .inferiorInfarction, .anteroseptalInfarction, .anteriorInfarction, .lateralInfarction,
      .inferolateralInfarction, .anterolateralInfarction:
      .infarction
    case .nonDiagnosticT, .nonSpecificST, .ischemia, .anterolateralIschemia, .inferiorIschemia, .longQT,
      .digitalis:
      .repolarization
    case .leftBundleBranchBlock, .rightBundleBranchBlock, .incompleteRightBundleBranchBlock,
      .leftAnteriorFascicularBlock, .intraventricularDelay, .firstDegreeBlock, .preexcitation:
      .conduction
    case .leftVentricularHypertrophy, .rightVentricularHypertrophy, .leftAtrialEnlargement:
      .hypertrophy
    }
  }

  /// How often it is drawn, relative to the others of its superclass; roughly PTB-XL's counts.
  var weight: Double {
    switch self {
    case .inferiorInfarction: 27
    case .anteroseptalInfarction: 24
    case .anteriorInfarction: 6
    case .lateralInfarction: 4
    case .inferolateralInfarction: 6
    case .anterolateralInfarction: 4
    case .nonDiagnosticT: 18
    case .nonSpecificST: 8
    case .ischemia: 13
    case .anterolateralIschemia: 7
    case .inferiorIschemia: 4
    case .longQT: 2
    case .digitalis: 2
    case .leftBundleBranchBlock: 6
    case .rightBundleBranchBlock: 6
    case .incompleteRightBundleBranchBlock: 11
    case .leftAnteriorFascicularBlock: 16
    case .intraventricularDelay: 8
    case .firstDegreeBlock: 8
    case .preexcitation: 1
    case .leftVentricularHypertrophy: 21
    case .rightVentricularHypertrophy: 3
    case .leftAtrialEnlargement: 4
    }
  }

  /// The form statements (likelihood 0) that come with it in a part of the records.
  var forms: [String] {
    switch self {
    case .inferiorInfarction, .anteroseptalInfarction, .anteriorInfarction, .lateralInfarction,
      .inferolateralInfarction, .anterolateralInfarction:
      ["ABQRS", "QWAVE"]
    case .nonDiagnosticT: ["LOWT"]
    case .nonSpecificST: ["STD_"]
    case .ischemia, .anterolateralIschemia, .inferiorIschemia: ["INVT", "STD_"]
    case .leftVentricularHypertrophy: ["VCLVH"]
    case .firstDegreeBlock: ["LPR"]
    case .longQT, .digitalis, .leftBundleBranchBlock, .rightBundleBranchBlock,
      .incompleteRightBundleBranchBlock, .leftAnteriorFascicularBlock, .intraventricularDelay, .preexcitation,
      .rightVentricularHypertrophy, .leftAtrialEnlargement:
      []
    }
  }

  /// What a reader would say of it, in the German of a 1990s cardiograph.
  var report: String {
    switch self {
    case .inferiorInfarction: "qrs abnorm, inferiorer infarkt, alter unbestimmt"
    case .anteroseptalInfarction: "anteroseptaler infarkt, alter unbestimmt"
    case .anteriorInfarction: "vorderwandinfarkt"
    case .lateralInfarction: "lateraler infarkt mÖglich"
    case .inferolateralInfarction: "inferolateraler infarkt, alter unbestimmt"
    case .anterolateralInfarction: "anterolateraler infarkt"
    case .nonDiagnosticT: "unspezifische t-wellen verÄnderung"
    case .nonSpecificST: "unspezifische st senkung"
    case .ischemia: "st & t abnorm, ischÄmie wahrscheinlich"
    case .anterolateralIschemia: "anterolaterale ischÄmie"
    case .inferiorIschemia: "inferiore ischÄmie"
    case .longQT: "qt-verlÄngerung"
    case .digitalis: "muldenfÖrmige st senkung, digitalis mÖglich"
    case .leftBundleBranchBlock: "linksschenkelblock"
    case .rightBundleBranchBlock: "rechtsschenkelblock"
    case .incompleteRightBundleBranchBlock: "unvollstÄndiger rechtsschenkelblock"
    case .leftAnteriorFascicularBlock: "linksanteriorer hemiblock"
    case .intraventricularDelay: "intraventrikulÄre leitungsverzÖgerung"
    case .firstDegreeBlock: "av-block 1. grades"
    case .preexcitation: "kurze pq-zeit, delta-welle, prÄexzitation"
    case .leftVentricularHypertrophy: "linksventrikulÄre hypertrophie"
    case .rightVentricularHypertrophy: "rechtsventrikulÄre hypertrophie"
    case .leftAtrialEnlargement: "p-sinistroatriale"
    }
  }
}
