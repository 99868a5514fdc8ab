import ArgumentParser
import ECGData
import Foundation

/// Group `convert`: whole collections into shards, from a warm cache, on all cores: both contestants have as many
/// processes or threads as the machine has cores.
///
/// Ours syncs its shards. What that takes is told by a second run with `TMPDIR` in memory, such as `/dev/shm`.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Converting collections to shards, on all cores.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Records of each collection.")
  var records = 1024

  func validate() throws {
    guard records > 0 else { throw ValidationError("records have to be positive") }
  }

  func run() throws {
    try options.run { duel, emit in
      let python = options.peers ? try PythonPeer(script: "convert.py", python: options.python) : nil
      if let python { say("peers: \(python.versions)") }
      let temporary = try TemporaryFolder()
      var folders: [String: String] = [:]
      for item in ConvertCase.all {
        if folders[item.collection.rawValue] == nil {
          let folder = "\(temporary.path)/\(item.collection.rawValue)"
          try item.collection.write(records, to: folder)
          folders[item.collection.rawValue] = folder
        }
        let folder = folders[item.collection.rawValue] ?? ""
        let output = "\(temporary.path)/shards"
        let ours = { (seconds: Double) in
          try timed(records, seconds: seconds) { try item.convert(folder, to: output) }
        }
        func compare(_ name: String?, _ peer: ((Double) throws -> Round)?) throws {
          try emit(
            Row(
              group: "convert", name: item.name, unit: "records", bytes: item.collection.bytes,
              allocations: nil, peerName: name, result: duel.run(ours: ours, peer: peer)))
        }
        if let python {
          for peer in item.peers {
            try compare(peer.name) { try python.round(peer.work, folder: folder, seconds: $0) }
          }
        }
        if item.collection == .ptbxl {
          let floor = try ConversionFloor(folder)
          try compare("floor: pread, SHA-256, FIR, CRC") { seconds in
            try timed(records, seconds: seconds) { try floor.run() }
          }
        } else if python == nil {
          try compare(nil, nil)
        }
      }
    }
  }
}

/// A collection and the rate that it is brought to.
private struct ConvertCase {
  /// A simulated collection; its name is its folder's.
  enum Collection: String {
    case contiguous
    case gzip
    case ptbxl

    /// What a record has in its file, before compression.
    var bytes: Int { self == .ptbxl ? 5000 * 12 * 2 : ConvertCase.frames * 12 * 4 }

    func write(_ records: Int, to folder: String) throws {
      guard self != .ptbxl else {
        return try Simulation(layout: "ptb-xl", records: records, seed: 1).write(
          to: folder, jobs: ProcessInfo.processInfo.activeProcessorCount)
      }
      try ConvertCase.writeCODE15(
        records, to: folder,
        self == .contiguous
          ? HDF5Writer.Storage()
          : HDF5Writer.Storage(chunkShape: [1, ConvertCase.frames, 12], gzip: 4, shuffle: true))
    }
  }

  var name: String
  var collection: Collection
  /// nil for the collection's own.
  var rate: Int?

  /// Kinds of work of `peers/convert.py`.
  var peers: [(work: String, name: String)] {
    let rate = rate.map(String.init) ?? "native"
    return collection == .ptbxl
      ? [("wfdb-\(rate)", "wfdb + scipy, all cores"), ("ptbxl-\(rate)", "NumPy + scipy with checks")]
      : [("code15-\(rate)", "h5py + scipy, all cores")]
  }

  static let frames = 4096

  static let all = [
    ConvertCase(name: "CODE-15 contiguous to 100 Hz", collection: .contiguous, rate: 100),
    ConvertCase(name: "CODE-15 contiguous native", collection: .contiguous),
    ConvertCase(name: "CODE-15 gzip to 100 Hz", collection: .gzip, rate: 100),
    ConvertCase(name: "CODE-15 gzip native", collection: .gzip),
    ConvertCase(name: "PTB-XL to 100 Hz", collection: .ptbxl, rate: 100),
  ]

  /// Converts the collection; returns what the peer has to agree on: of samples that are only scaled the checksums of
  /// all records, of resampled ones, which differ in the last bit, the number.
  func convert(_ folder: String, to output: String) throws -> Int {
    try? FileManager.default.removeItem(atPath: output)
    var recipe = Recipe()
    if let rate { recipe.rate = try Recipe.Rate("\(rate)") }
    var converter = Converter(sources: [try Datasets.open(folder)], output: output, recipe: recipe)
    converter.jobs = ProcessInfo.processInfo.activeProcessorCount
    let manifest = try converter.run().manifest
    guard rate == nil else { return manifest.shards.reduce(0) { $0 + $1.samples } }
    let shards = try ShardSet(output)
    return (0..<shards.count).reduce(0) { $0 ^ Int(shards.crc32($1)) }
  }

  /// One part of the layout of CODE-15 %: 10 s at 400 Hz between zeros, Float in units of 0.5 mV.
  private static func writeCODE15(_ records: Int, to folder: String, _ storage: HDF5Writer.Storage) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let hearts = (0..<min(records, 32)).map { seed in
      var generator = SplitMix64("bench", UInt64(seed))
      return SimulatedECG(using: &generator).samples(rate: 400)
    }
    let file = try HDF5Writer("\(folder)/exams_part0.hdf5")
    let tracings = try file.dataset(
      "tracings", shape: [records, frames, 12], type: .float32, storage: storage)
    let ids = try file.dataset("exam_id", shape: [records], type: .int64)
    var table = "exam_id,age,is_male,1dAVb,RBBB,LBBB,SB,ST,AF,patient_id,normal_ecg,trace_file\n"
    for record in 0..<records {
      let heart = hearts[record % hearts.count]
      let size = 2 * (1 + 0.001 * Double(record / hearts.count))
      let padding = [Float](repeating: 0, count: (frames * 12 - heart.count) / 2)
      try tracings.append(padding + heart.map { Float($0 * size) } + padding)
      try ids.append([Int64(record + 1)])
      table +=
        "\(record + 1),\(20 + record % 70),\(record.isMultiple(of: 2) ? "True" : "False"),"
        + "False,False,False,False,False,True,\(record / 2),False,exams_part0.hdf5\n"
    }
    try file.close()
    try table.write(toFile: "\(folder)/exams.csv", atomically: false, encoding: .utf8)
  }
}
