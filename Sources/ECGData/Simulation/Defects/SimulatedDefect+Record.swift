/// Defects of what a collection tells about a record, before any layout has put it into words.
extension SimulatedDefect {
  /// Plants the defect in a record; a kind that is not of the record leaves it as it is.
  ///
  /// - Parameters:
  ///   - record: as it was simulated.
  ///   - other: the record that ``other`` names.
  ///   - layout: the collection's.
  func alter(_ record: inout SimulatedRecord, other: SimulatedRecord?, layout: String) {
    switch kind {
    // What is over 89 is written as 300 by PTB-XL.
    case .absurdAge: record.age = layout == PTBXL.name ? -1 : 300
    case .missingAge: record.age = nil
    case .noCodes: record.statements = []
    case .patientInTwoFolds:
      if let other { record.patient = other.patient }
    case .duplicate, .duplicateRelabelled, .duplicateScaled:
      guard let other else { return }
      record.ecg = other.ecg
      record.statements = other.statements
      if kind == .duplicateRelabelled {
        // Every vocabulary has fibrillation.
        let rhythm = other.states("AFIB") ? "SR" : "AFIB"
        record.statements = [SimulatedECG.Statement(code: rhythm, likelihood: 0)]
      }
    default: break
    }
  }
}
