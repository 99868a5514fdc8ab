/// Writes WFDB records of one signal file in format 16: a header and interleaved little-endian 16-bit
/// samples.
///
/// The header has the form of PTB-XL's: `FILE 16 GAIN(BASELINE)/UNIT RESOLUTION 0 INITIAL CHECKSUM 0 NAME`,
/// one line a signal (header(5) and signal(5) of the WFDB Applications Guide).
public enum WFDBWriter {
  /// What a header says of one signal, beside what follows from the samples.
  public struct Signal: Sendable, Equatable {
    /// The lead's name, the rest of its header line.
    public var name: String
    /// Counts in one physical unit.
    public var gain: Double
    /// The count of physical zero.
    public var baseline: Int
    /// The physical unit, without blanks.
    public var unit: String
    /// The converter's resolution in bits.
    public var resolution: Int

    /// Describes a signal; by default one of 1000 counts a millivolt.
    public init(
      name: String, gain: Double = 1000, baseline: Int = 0, unit: String = "mV", resolution: Int = 16
    ) {
      self.name = name
      self.gain = gain
      self.baseline = baseline
      self.unit = unit
      self.resolution = resolution
    }
  }

  /// The two files of a record.
  public struct Files: Sendable, Equatable {
    /// The text of `NAME.hea`.
    public var header: [UInt8]
    /// The bytes of `NAME.dat`.
    public var data: [UInt8]
  }

  /// Encodes a record whose samples are time-major `[T, signals]`.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) if the samples are no whole number of rows.
  public static func encode(
    recordName: String, rate: Double, signals: [Signal], samples: [Int16]
  ) throws -> Files {
    let width = signals.count
    guard width > 0, samples.count.isMultiple(of: width) else {
      throw ECGError(
        .invalidArgument, "\(samples.count) samples are no rows of \(width) signals", record: recordName)
    }
    let rateText = rate == rate.rounded() && abs(rate) < 1e9 ? String(Int(rate)) : String(rate)
    var text = "\(recordName) \(width) \(rateText) \(samples.count / width)\n"
    for (index, signal) in signals.enumerated() {
      var sum: UInt16 = 0
      for place in stride(from: index, to: samples.count, by: width) {
        sum &+= UInt16(bitPattern: samples[place])
      }
      let initial = samples.isEmpty ? 0 : samples[index]
      text += "\(recordName).dat 16 \(signal.gain)(\(signal.baseline))/\(signal.unit) \(signal.resolution) 0 "
      text += "\(initial) \(sum) 0 \(signal.name)\n"
    }
    // A closure: mapping a key path is a hundred times slower.
    let data = samples.map { $0.littleEndian }.withUnsafeBytes { [UInt8]($0) }
    return Files(header: Array(text.utf8), data: data)
  }

  /// Writes `NAME.hea` and `NAME.dat` into a directory that exists, over files of the same name.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) as ``encode(recordName:rate:signals:samples:)``, or
  ///   (`inputOutput`) if a file cannot be written.
  public static func write(
    recordName: String, rate: Double, signals: [Signal], samples: [Int16], to directory: String
  ) throws {
    try write(
      encode(recordName: recordName, rate: rate, signals: signals, samples: samples), recordName: recordName,
      to: directory)
  }

  /// Writes an encoded record into a directory that exists.
  static func write(_ files: Files, recordName: String, to directory: String) throws {
    for (suffix, bytes) in [("dat", files.data), ("hea", files.header)] {
      try File.write(bytes, to: File.join(directory, "\(recordName).\(suffix)"), isDurable: false)
    }
  }
}
