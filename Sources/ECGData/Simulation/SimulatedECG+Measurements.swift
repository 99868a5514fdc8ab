/// What a recorder measures beside the intervals.
extension SimulatedECG {
  /// The frontal axis of the conducted T waves in degrees.
  var tAxis: Double { patient.leadField.axis(of: morphology.t) }

  /// Waves of the atria a minute; 0 where they cannot be seen.
  var atrialRate: Double {
    switch rhythm {
    case .flutter: 60 * sequence.flutterRate
    case .fibrillation:
      fibrillation.isEmpty
        ? 0 : 60 * fibrillation.reduce(0) { $0 + $1.frequency } / Double(fibrillation.count)
    case .paced: 0
    default: heartRate
    }
  }
}
