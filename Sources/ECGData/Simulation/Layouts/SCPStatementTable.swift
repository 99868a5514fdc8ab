/// The text of a `scp_statements.csv` with PTB-XL's columns and its 71 rows.
///
/// The descriptions are our own, and the columns that map to other vocabularies stay blank.
enum SCPStatementTable {
  /// The whole file, in PTB-XL's order of rows.
  static let csv: String = {
    let statements = Dictionary(uniqueKeysWithValues: PTBXLStatement.all.map { ($0.code, $0) })
    var lines = [
      ",description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass,Statement Category,"
        + "SCP-ECG Statement Description,AHA code,aECG REFID,CDISC Code,DICOM Code"
    ]
    func mark(_ isSet: Bool) -> String { isSet ? "1.0" : "" }
    for (code, text) in descriptions {
      guard let statement = statements[code] else { continue }
      let description = text.contains(",") ? "\"\(text)\"" : text
      let fields = [
        code, description, mark(statement.isDiagnostic), mark(statement.isForm), mark(statement.isRhythm),
        statement.superclass, statement.subclass, "", description, "", "", "", "",
      ]
      lines.append(fields.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  private static let descriptions: [(code: String, text: String)] = [
    ("NDT", "T wave changes without diagnostic value"),
    ("NST_", "ST changes of no specific kind"),
    ("DIG", "effect of digitalis"),
    ("LNGQT", "QT interval too long"),
    ("NORM", "nothing abnormal"),
    ("IMI", "infarction of the inferior wall"),
    ("ASMI", "infarction of the anterior wall and septum"),
    ("LVH", "hypertrophy of the left ventricle"),
    ("LAFB", "block of the left anterior fascicle"),
    ("ISC_", "ST-T changes of ischemia"),
    ("IRBBB", "right bundle branch block: incomplete"),
    ("1AVB", "AV block of the first degree"),
    ("IVCD", "slow conduction within the ventricles"),
    ("ISCAL", "ischemia: anterolateral leads"),
    ("CRBBB", "right bundle branch block: complete"),
    ("CLBBB", "left bundle branch block: complete"),
    ("ILMI", "infarction of the inferior and lateral walls"),
    ("LAO/LAE", "enlarged or overloaded left atrium"),
    ("AMI", "infarction of the anterior wall"),
    ("ALMI", "infarction of the anterior and lateral walls"),
    ("ISCIN", "ischemia: inferior leads"),
    ("INJAS", "subendocardial injury: anteroseptal leads"),
    ("LMI", "infarction of the lateral wall"),
    ("ISCIL", "ischemia: inferolateral leads"),
    ("LPFB", "block of the left posterior fascicle"),
    ("ISCAS", "ischemia: anteroseptal leads"),
    ("INJAL", "subendocardial injury: anterolateral leads"),
    ("ISCLA", "ischemia: lateral leads"),
    ("RVH", "hypertrophy of the right ventricle"),
    ("ANEUR", "ST-T changes as over an aneurysm"),
    ("RAO/RAE", "enlarged or overloaded right atrium"),
    ("EL", "effect of electrolytes or drugs"),
    ("WPW", "preexcitation (Wolff, Parkinson, White)"),
    ("ILBBB", "left bundle branch block: incomplete"),
    ("IPLMI", "infarction of the inferior, posterior and lateral walls"),
    ("ISCAN", "ischemia: anterior leads"),
    ("IPMI", "infarction of the inferior and posterior walls"),
    ("SEHYP", "hypertrophy of the septum"),
    ("INJIN", "subendocardial injury: inferior leads"),
    ("INJLA", "subendocardial injury: lateral leads"),
    ("PMI", "infarction of the posterior wall"),
    ("3AVB", "AV block of the third degree"),
    ("INJIL", "subendocardial injury: inferolateral leads"),
    ("2AVB", "AV block of the second degree"),
    ("ABQRS", "QRS complex abnormal"),
    ("PVC", "premature beat of a ventricle"),
    ("STD_", "ST segment lowered"),
    ("VCLVH", "voltages as in left ventricular hypertrophy"),
    ("QWAVE", "Q waves"),
    ("LOWT", "T waves low"),
    ("NT_", "T wave changes of no specific kind"),
    ("PAC", "premature beat of the atria"),
    ("LPR", "PR interval long"),
    ("INVT", "T waves inverted"),
    ("LVOLT", "voltages low in limb and chest leads"),
    ("HVOLT", "voltages high"),
    ("TAB_", "T waves abnormal"),
    ("STE_", "ST segment raised"),
    ("PRC(S)", "premature beats of unknown origin"),
    ("SR", "sinus rhythm"),
    ("AFIB", "fibrillation of the atria"),
    ("STACH", "sinus rhythm above 100 a minute"),
    ("SARRH", "sinus rhythm of changing rate"),
    ("SBRAD", "sinus rhythm below 60 a minute"),
    ("PACE", "pacemaker working normally"),
    ("SVARR", "arrhythmia from above the ventricles"),
    ("BIGU", "every second beat premature, of unknown origin"),
    ("AFLT", "flutter of the atria"),
    ("SVTAC", "tachycardia from above the ventricles"),
    ("PSVT", "tachycardia from above the ventricles, in attacks"),
    ("TRIGU", "every third beat premature, of unknown origin"),
  ]
}
