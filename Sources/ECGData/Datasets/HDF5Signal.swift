/// A whole HDF5 dataset as one recording.
enum HDF5Signal {
  /// Reads [leads, samples].
  ///
  /// - Parameters:
  ///   - dataset: of two axes, the first as long as there are leads.
  ///   - id: the record's id.
  ///   - leads: names of the rows.
  ///   - rate: in Hz.
  ///   - microvoltsPerUnit: what 1 stands for.
  /// - Returns: the recording, in microvolt.
  /// - Throws: as the reading of the dataset.
  static func recording(
    _ dataset: HDF5Dataset, id: String, leads: [String], rate: Double, microvoltsPerUnit: Double
  ) throws -> Recording {
    let values = try dataset.read(rows: 0..<dataset.rowCount, as: Double.self)
    return try recording(
      leadMajor: values, id: id, leads: leads, rate: rate, microvoltsPerUnit: microvoltsPerUnit)
  }

  /// Turns [leads, samples] into a recording's [samples, leads].
  static func recording(
    leadMajor values: [Double], id: String, leads: [String], rate: Double, microvoltsPerUnit: Double
  ) throws -> Recording {
    let frames = leads.isEmpty ? 0 : values.count / leads.count
    let samples = [Double](unsafeUninitializedCapacity: frames * leads.count) { samples, initialized in
      for (lead, _) in leads.enumerated() {
        for frame in 0..<frames {
          samples[frame * leads.count + lead] = values[lead * frames + frame] * microvoltsPerUnit
        }
      }
      initialized = frames * leads.count
    }
    return try Recording(
      id: id, rate: rate, channels: leads.map { Recording.Channel(name: $0, unit: "uV", gain: 1) },
      samples: .physical(samples))
  }
}
