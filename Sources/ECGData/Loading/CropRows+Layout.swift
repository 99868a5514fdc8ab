internal import CKernels

extension CropRows {
  /// Fills the gaps of leads, linearly between the values at both sides; at the crop's ends the nearest value is held.
  ///
  /// - Parameters:
  ///   - counts: shape [count, 12], from which the rows were made.
  ///   - leads: those that the record has.
  func fillGaps(of counts: UnsafePointer<Int16>, _ leads: LeadMask) {
    for lead in Lead.allCases where leads.contains(lead) {
      var last: Int?
      for frame in 0..<count where counts[frame * Lead.count + lead.rawValue] != Quantizer.missing {
        if let last {
          if frame - last > 1 { fill(last, frame, lead.rawValue) }
        } else {
          hold(frame, at: 0..<frame, lead.rawValue)
        }
        last = frame
      }
      if let last { hold(last, at: (last + 1)..<count, lead.rawValue) }
    }
  }

  /// Zeroes the leads that a record lacks: noise of them is no signal.
  func clear(without leads: LeadMask) {
    for lead in Lead.allCases where !leads.contains(lead) {
      for frame in 0..<count { rows[frame * CropRows.width + lead.rawValue] = 0 }
    }
  }

  private func fill(_ last: Int, _ next: Int, _ lead: Int) {
    let left = rows[last * CropRows.width + lead]
    let rise = rows[next * CropRows.width + lead] - left
    for frame in (last + 1)..<next {
      rows[frame * CropRows.width + lead] = left + rise * (Float(frame - last) / Float(next - last))
    }
  }

  private func hold(_ frame: Int, at frames: Range<Int>, _ lead: Int) {
    let value = rows[frame * CropRows.width + lead]
    for other in frames { rows[other * CropRows.width + lead] = value }
  }

  /// Writes the rows in the layout of a batch.
  ///
  /// - Parameters:
  ///   - valid: how many.
  ///   - frames: those of the crop.
  ///   - layout: of the values.
  ///   - values: room for the crop.
  ///   - variant: of the kernels.
  func write(
    _ valid: Int, of frames: Int, _ layout: BatchLayout, to values: UnsafeMutablePointer<Float>,
    _ variant: einthoven_variant
  ) {
    switch layout {
    case .leadMajor: einthoven_rows_to_leads(variant, rows, valid, frames, values)
    case .timeMajor: einthoven_rows_to_frames(rows, valid, values)
    case .blocked: values.update(from: rows, count: valid * CropRows.width)
    }
  }
}
