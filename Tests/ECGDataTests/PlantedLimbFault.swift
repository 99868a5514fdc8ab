@testable import ECGData

/// A fault put into the integer samples of a recording's limb leads, and what an audit should call it.
struct PlantedLimbFault {
  /// Faults that one column of a report counts together.
  var kind: String
  var faults: Set<LimbLeadFault>
  /// The samples of the six limb leads of a frame, changed; the other leads are at hand.
  var change: @Sendable (inout [Int32], _ frame: [Int32]) -> Void

  /// One of each kind on each lead or pair of leads.
  static let all: [PlantedLimbFault] = {
    let leads = LimbLaws.leads
    var all: [PlantedLimbFault] = []
    for a in 0..<6 {
      for b in (a + 1)..<6 {
        all.append(
          PlantedLimbFault(kind: "exchanged", faults: [.exchanged(leads[a], leads[b])]) { limb, _ in
            limb.swapAt(a, b)
          })
      }
      all.append(
        PlantedLimbFault(kind: "inverted", faults: [.inverted([leads[a]])]) { limb, _ in limb[a] = -limb[a] })
      for factor in [Int32(2), 10] {
        all.append(
          PlantedLimbFault(kind: "scaled", faults: [.scaled(leads[a], by: Double(factor))]) { limb, _ in
            limb[a] *= factor
          })
      }
      all.append(
        PlantedLimbFault(kind: "foreign", faults: [.foreign([leads[a]])]) { limb, frame in limb[a] = frame[7]
        })
      all.append(
        PlantedLimbFault(kind: "railed", faults: [.foreign([leads[a]])]) { limb, frame in
          limb[a] = frame[1] % 64 == 0 ? 31_000 : 32_767
        })
      all.append(PlantedLimbFault(kind: "flat", faults: [.flat([leads[a]])]) { limb, _ in limb[a] = 7 })
    }
    // CODE's two documents: channels named aVR, aVL, aVF that hold aVL, aVF, aVR, and the reverse.
    for turn in [[4, 5, 3], [5, 3, 4]] {
      all.append(
        PlantedLimbFault(
          kind: "CODE order",
          faults: [.reordered(names: [.aVR, .aVL, .aVF], hold: turn.map { leads[$0] })]
        ) { limb, _ in
          limb.replaceSubrange(3..<6, with: turn.map { limb[$0] })
        })
    }
    for order in [[1, 0, 3, 2, 5, 4], [5, 4, 3, 2, 1, 0], [3, 4, 5, 0, 1, 2]] {
      all.append(
        PlantedLimbFault(
          kind: "any order", faults: [.reordered(names: leads, hold: order.map { leads[$0] })]
        ) { limb, _ in
          limb = order.map { limb[$0] }
        })
    }
    return all
  }()

  /// The recording with the fault, its leads in canonical order.
  func planted(in recording: Recording) throws -> PhysicalSignal? {
    guard case .digital(let samples) = recording.samples else { return nil }
    let columns = Lead.allCases.compactMap { lead in
      recording.channels.firstIndex { LeadName($0.name)?.lead == lead }
    }
    guard columns.count == Lead.count else { return nil }
    var changed = samples
    var frame = [Int32](repeating: 0, count: Lead.count)
    for start in stride(from: 0, to: samples.count, by: recording.channels.count) {
      for (lead, column) in columns.enumerated() { frame[lead] = samples[start + column] }
      guard !frame.contains(Recording.missing) else { continue }
      var limb = Array(frame[..<6])
      change(&limb, frame)
      for (lead, value) in limb.enumerated() { changed[start + columns[lead]] = value }
    }
    return try PhysicalSignal(
      Recording(
        id: recording.id, rate: recording.rate, channels: recording.channels, samples: .digital(changed)),
      derive: false)
  }

  /// What an audit made of a planted fault.
  enum Outcome: String, CaseIterable {
    case named, ambiguous, misnamed, unexplained, unnoticed
  }

  /// Whether the audit names the fault, alone or among others.
  func outcome(_ audit: LimbLeadAudit?) -> Outcome {
    guard let audit, !audit.isLawful else { return .unnoticed }
    guard !audit.explanations.isEmpty else { return .unexplained }
    let isFound = audit.explanations.contains { found in
      faults.contains { expected in
        if case .scaled(let lead, let factor) = expected, case .scaled(lead, let other) = found.fault {
          return abs(other / factor - 1) < 0.05
        }
        return found.fault == expected
      }
    }
    return isFound ? audit.explanations.count == 1 ? .named : .ambiguous : .misnamed
  }
}
