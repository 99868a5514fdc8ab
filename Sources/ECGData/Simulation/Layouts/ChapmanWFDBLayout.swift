/// Chapman–Shaoxing and Ningbo as PhysioNet publishes them (ecg-arrhythmia 1.0.0, Zheng et al., 2022).
///
/// `WFDBRecords/01/010/JS00001.{hea,mat}` …, a hundred records a folder and ten folders in one of the next level, `RECORDS`
/// at the root naming the folders and in each folder naming its records, `ConditionNames_SNOMED-CT.csv` with a byte order
/// mark, `SHA256SUMS.txt`. Headers have the early form of the challenges' without a date.
struct ChapmanWFDBLayout: SimulationLayout {
  static let name = ChapmanWFDB.name
  static let capacity = 99_999
  static let digestFolders = ["WFDBRecords"]

  private static let file = ChallengeFile(form: .early(date: nil))
  private static let list = "RECORDS"
  private let records: Int

  init(records: Int, seed: UInt64) { self.records = records }

  var tables: [SimulatedTable] {
    [
      SimulatedTable(path: Self.list),
      SimulatedTable(
        path: "ConditionNames_SNOMED-CT.csv", header: ChapmanConditionNames.csv, sections: 0),
    ]
  }

  func id(of index: Int) -> String { "JS\(padded(index + 1, 5))" }
  func admits(_ ecg: SimulatedECG) -> Bool { ChapmanRecorder.admit(ecg) }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    let index = record.index
    let group = padded(index / 1000 + 1, 2)
    let folder = "WFDBRecords/\(group)/\(group)\(index / 100 % 10)"
    let microvolts = ChapmanRecorder.steps(signal).map {
      $0 == Recording.missing
        ? $0 : Int32((Double(Int($0) * ChapmanRecorder.step) / 100).rounded(.toNearestOrEven))
    }
    let axis = StatementCodes.axis(record.ecg.axis)?.snomed
    let codes = StatementCodes.names(of: record.statements, in: \.snomed) + [axis].compactMap(\.self)
    var content = SimulatedContent(
      files: try Self.file.files(of: record, in: folder, counts: microvolts, rate: 500, codes: codes),
      labels: ChallengeFile.labels(codes))
    let isFirst = index.isMultiple(of: 100)
    if isFirst { content.lines.append(SimulatedContent.Line(table: Self.list, text: folder + "/\n")) }
    if index % 100 == 99 || index == records - 1 {
      // The list comes with the folder's last record, so that files come in the order of their paths.
      let names = (index / 100 * 100...index).map { id(of: $0) + "\n" }.joined()
      content.files.append(SimulatedContent.File(path: "\(folder)/\(Self.list)", bytes: Array(names.utf8)))
    }
    return content
  }
}

/// The text of a `ConditionNames_SNOMED-CT.csv` with the codes that simulated records can have; the descriptions are our
/// own.
private enum ChapmanConditionNames {
  static let csv =
    "\u{FEFF}Acronym Name,Full Name,Snomed_CT\r\n"
    + names.map { "\($0.0),\($0.1),\($0.2)\r\n" }.joined()

  private static let names = [
    ("1AVB", "AV block of the first degree", "270492004"),
    ("2AVB", "AV block of the second degree", "195042002"),
    ("3AVB", "AV block of the third degree", "27885002"),
    ("ALS", "axis turned to the left", "39732003"),
    ("APB", "premature beat of the atria", "284470004"),
    ("AQW", "Q wave abnormal", "164917005"),
    ("ARS", "axis turned to the right", "47665007"),
    ("IVB", "slow conduction within the ventricles", "698252002"),
    ("LBBB", "left bundle branch block", "164909002"),
    ("LFBBB", "block of the left anterior fascicle", "445118002"),
    ("LVH", "hypertrophy of the left ventricle", "164873001"),
    ("LVHV", "voltages as in left ventricular hypertrophy", "55827005"),
    ("LVQRSAL", "voltages low in all leads", "251146004"),
    ("MI", "infarction", "164865005"),
    ("PRIE", "PR interval long", "164947007"),
    ("QTIE", "QT interval long", "111975006"),
    ("RAH", "enlarged right atrium", "446358003"),
    ("RBBB", "right bundle branch block", "59118001"),
    ("RVH", "hypertrophy of the right ventricle", "89792004"),
    ("STDD", "ST segment lowered", "429622005"),
    ("STE", "ST segment raised", "164931005"),
    ("STTC", "ST-T changes", "428750005"),
    ("TWC", "T wave changed", "164934002"),
    ("TWO", "T wave inverted", "59931005"),
    ("VPB", "premature beat of a ventricle", "427172004"),
    ("WPW", "preexcitation", "74390002"),
    ("SB", "sinus rhythm below 60 a minute", "426177001"),
    ("SR", "sinus rhythm", "426783006"),
    ("AFIB", "fibrillation of the atria", "164889003"),
    ("ST", "sinus rhythm above 100 a minute", "427084000"),
    ("AF", "flutter of the atria", "164890007"),
    ("SA", "sinus rhythm of changing rate", "427393009"),
    ("SVT", "tachycardia from above the ventricles", "426761007"),
  ]
}
