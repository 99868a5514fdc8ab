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
  case inferoposteriorInfarction = "IPMI"
  case posteriorInfarction = "PMI"
  case anteroseptalInjury = "INJAS"
  case anterolateralInjury = "INJAL"
  case inferiorInjury = "INJIN"
  case nonDiagnosticT = "NDT"
  case nonSpecificST = "NST_"
  case ischemia = "ISC_"
  case anterolateralIschemia = "ISCAL"
  case inferiorIschemia = "ISCIN"
  case inferolateralIschemia = "ISCIL"
  case anteroseptalIschemia = "ISCAS"
  case lateralIschemia = "ISCLA"
  case aneurysm = "ANEUR"
  case longQT = "LNGQT"
  case digitalis = "DIG"
  case leftBundleBranchBlock = "CLBBB"
  case incompleteLeftBundleBranchBlock = "ILBBB"
  case rightBundleBranchBlock = "CRBBB"
  case incompleteRightBundleBranchBlock = "IRBBB"
  case leftAnteriorFascicularBlock = "LAFB"
  case leftPosteriorFascicularBlock = "LPFB"
  case intraventricularDelay = "IVCD"
  case firstDegreeBlock = "1AVB"
  case preexcitation = "WPW"
  case leftVentricularHypertrophy = "LVH"
  case rightVentricularHypertrophy = "RVH"
  case leftAtrialEnlargement = "LAO/LAE"
  case rightAtrialEnlargement = "RAO/RAE"

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
      .inferolateralInfarction, .anterolateralInfarction, .inferoposteriorInfarction, .posteriorInfarction,
      .anteroseptalInjury, .anterolateralInjury, .inferiorInjury:
      .infarction
    case .nonDiagnosticT, .nonSpecificST, .ischemia, .anterolateralIschemia, .inferiorIschemia,
      .inferolateralIschemia, .anteroseptalIschemia, .lateralIschemia, .aneurysm, .longQT, .digitalis:
      .repolarization
    case .leftBundleBranchBlock, .incompleteLeftBundleBranchBlock, .rightBundleBranchBlock,
      .incompleteRightBundleBranchBlock, .leftAnteriorFascicularBlock, .leftPosteriorFascicularBlock,
      .intraventricularDelay, .firstDegreeBlock, .preexcitation:
      .conduction
    case .leftVentricularHypertrophy, .rightVentricularHypertrophy, .leftAtrialEnlargement,
      .rightAtrialEnlargement:
      .hypertrophy
    }
  }

  /// Whether it shows as dead or dying wall: a Q wave, not an injury's ST alone.
  var isScar: Bool {
    switch self {
    case .anteroseptalInjury, .anterolateralInjury, .inferiorInjury: false
    default: superclass == .infarction
    }
  }

  /// How often it is drawn, relative to the others of its superclass; roughly PTB-XL's counts.
  var weight: Double {
    switch self {
    case .inferiorInfarction: 27
    case .anteroseptalInfarction: 24
    case .anteriorInfarction: 4
    case .lateralInfarction: 2
    case .inferolateralInfarction: 5
    case .anterolateralInfarction: 3
    case .inferoposteriorInfarction: 0.6
    case .posteriorInfarction: 0.3
    case .anteroseptalInjury: 2
    case .anterolateralInjury: 1.4
    case .inferiorInjury: 0.4
    case .nonDiagnosticT: 18
    case .nonSpecificST: 7.5
    case .ischemia: 1.5
    case .anterolateralIschemia: 6.5
    case .inferiorIschemia: 2.2
    case .inferolateralIschemia: 1.8
    case .anteroseptalIschemia: 1.7
    case .lateralIschemia: 1.4
    case .aneurysm: 1
    case .longQT: 1.2
    case .digitalis: 1.8
    case .leftBundleBranchBlock: 5.4
    case .incompleteLeftBundleBranchBlock: 0.8
    case .rightBundleBranchBlock: 5.4
    case .incompleteRightBundleBranchBlock: 11
    case .leftAnteriorFascicularBlock: 16
    case .leftPosteriorFascicularBlock: 1.8
    case .intraventricularDelay: 8
    case .firstDegreeBlock: 8
    case .preexcitation: 0.8
    case .leftVentricularHypertrophy: 21
    case .rightVentricularHypertrophy: 1.3
    case .leftAtrialEnlargement: 4.3
    case .rightAtrialEnlargement: 1
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
    case .inferoposteriorInfarction: "inferiorer und posteriorer infarkt"
    case .posteriorInfarction: "posteriorer infarkt mÖglich"
    case .anteroseptalInjury: "anteroseptale subendokardiale schÄdigung"
    case .anterolateralInjury: "anterolaterale subendokardiale schÄdigung"
    case .inferiorInjury: "inferiore subendokardiale schÄdigung"
    case .nonDiagnosticT: "unspezifische t-wellen verÄnderung"
    case .nonSpecificST: "unspezifische st senkung"
    case .ischemia: "st & t abnorm, ischÄmie wahrscheinlich"
    case .anterolateralIschemia: "anterolaterale ischÄmie"
    case .inferiorIschemia: "inferiore ischÄmie"
    case .inferolateralIschemia: "inferolaterale ischÄmie"
    case .anteroseptalIschemia: "anteroseptale ischÄmie"
    case .lateralIschemia: "laterale ischÄmie"
    case .aneurysm: "st-hebung wie bei aneurysma"
    case .longQT: "qt-verlÄngerung"
    case .digitalis: "muldenfÖrmige st senkung, digitalis mÖglich"
    case .leftBundleBranchBlock: "linksschenkelblock"
    case .incompleteLeftBundleBranchBlock: "unvollstÄndiger linksschenkelblock"
    case .rightBundleBranchBlock: "rechtsschenkelblock"
    case .incompleteRightBundleBranchBlock: "unvollstÄndiger rechtsschenkelblock"
    case .leftAnteriorFascicularBlock: "linksanteriorer hemiblock"
    case .leftPosteriorFascicularBlock: "linksposteriorer hemiblock"
    case .intraventricularDelay: "intraventrikulÄre leitungsverzÖgerung"
    case .firstDegreeBlock: "av-block 1. grades"
    case .preexcitation: "kurze pq-zeit, delta-welle, prÄexzitation"
    case .leftVentricularHypertrophy: "linksventrikulÄre hypertrophie"
    case .rightVentricularHypertrophy: "rechtsventrikulÄre hypertrophie"
    case .rightAtrialEnlargement: "p-dextroatriale"
    case .leftAtrialEnlargement: "p-sinistroatriale"
    }
  }
}
