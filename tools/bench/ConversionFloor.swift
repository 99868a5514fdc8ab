import CZlib
import Crypto
import ECGData
import Foundation

/// What no conversion of PTB-XL to 100 Hz can do without, and nothing else: each file read once by `pread` and through
/// SHA-256, 12 leads through the anti-alias filter of `resample_poly`, the result through CRC-32 and SHA-256.
///
/// The reading, decoding, checking, scaling and writing between these steps is left out, so a conversion that reached this
/// speed would do all of it for nothing.
struct ConversionFloor {
  private let paths: [String]
  private let signal: [Float]

  /// Takes the headers and signals of `records500`.
  init(_ folder: String) throws {
    let root = "\(folder)/records500"
    paths = (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".dat") || $0.hasSuffix(".hea") }.map { "\(root)/\($0)" }.sorted()
    signal = SimulatedRecord.millivolts(seed: 1).map { Float($0) }
  }

  /// Does it on all cores.
  ///
  /// - Returns: how many frames the results have.
  func run() throws -> Int {
    let resampler = try ResamplingMode.polyphase.resampler(from: 500, to: 100)
    let jobs = ProcessInfo.processInfo.activeProcessorCount
    let frames = UnsafeMutableBufferPointer<Int>.allocate(capacity: jobs)
    defer { frames.deallocate() }
    frames.initialize(repeating: 0)
    nonisolated(unsafe) let sums = frames
    DispatchQueue.concurrentPerform(iterations: jobs) { job in
      var output: [Float] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 18)
      for index in stride(from: job, to: paths.count, by: jobs) {
        let count = ConversionFloor.read(paths[index], into: &buffer)
        var hash = SHA256()
        buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        let digest = hash.finalize().withUnsafeBytes { $0.first }
        guard paths[index].hasSuffix(".dat"), digest != nil else { continue }
        resampler.resample(timeMajor: signal, leads: 12, into: &output)
        // Half of the bytes of Float: as many as int16 has.
        output.withUnsafeBytes { bytes in
          let stored = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
          var hash = SHA256()
          hash.update(bufferPointer: stored)
          let crc = crc32_z(0, stored.bindMemory(to: UInt8.self).baseAddress, stored.count)
          let digest = hash.finalize().withUnsafeBytes { $0.first }
          if crc != 0, digest != nil { sums[job] += output.count / 12 }
        }
      }
    }
    return sums.reduce(0, +)
  }

  private static func read(_ path: String, into buffer: inout [UInt8]) -> Int {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    return buffer.withUnsafeMutableBytes { max(0, pread(descriptor, $0.baseAddress, $0.count, 0)) }
  }
}
