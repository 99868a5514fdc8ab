#if HDF5
import CDeflate
#endif

/// One step through which chunks pass when they are written, and back when they are read.
///
/// Source: HDF Group, "HDF5 File Format Specification" 3.0, section IV.A.2.l, and the filters of libhdf5.
struct HDF5Filter: Sendable, Equatable {
  /// The filters that are undone outside libhdf5.
  enum Kind: Int, Sendable {
    case deflate = 1
    case shuffle = 2
    case fletcher32 = 3
  }

  /// The number it is registered under.
  var number: Int
  /// Its name in the file, which may be empty.
  var storedName: String
  /// Its first parameter: the element size of a shuffle.
  var firstValue: Int?
  /// Whether libhdf5 has it and may be given a file's bytes to undo it.
  var isAvailable: Bool

  /// nbit and scaleoffset: libhdf5 1.10 reads beyond its memory where a chunk's parameters are wrong.
  static let unsafe: Set<Int> = [5, 6]

  var kind: Kind? { Kind(rawValue: number) }

  /// Its usual name.
  var name: String {
    switch number {
    case 1: "deflate"
    case 2: "shuffle"
    case 3: "fletcher32"
    case 4: "szip"
    case 5: "nbit"
    case 6: "scaleoffset"
    case 32000: "lzf"
    default: storedName.isEmpty ? "number \(number)" : storedName
    }
  }

  /// Bytes that a step may add to a chunk of `count` bytes when it is written: deflate on noise adds 5 in
  /// 16 KiB and a frame, a checksum 4.
  static func storedLimit(_ count: Int, filters: Int) -> Int { count + count / 1024 + 64 * (filters + 1) }

  /// Why bytes could not be turned back.
  struct Fault: Error {
    var what: String
  }

  /// Undoes the filters of a chunk.
  ///
  /// - Parameters:
  ///   - bytes: the chunk as stored.
  ///   - filters: as applied when it was written, each of a known kind.
  ///   - mask: bit i set where filter i was left out.
  ///   - chunk: where its elements go, of just their size.
  /// - Throws: `Fault`.
  static func undo(
    _ bytes: [UInt8], filters: [HDF5Filter], mask: UInt32, into chunk: UnsafeMutableRawBufferPointer
  ) throws {
    let steps = filters.enumerated().filter { index, _ in index >= 32 || mask & (1 << UInt32(index)) == 0 }
      .map(\.element)
    // The last step back writes into the chunk itself, those before it into memory of their own.
    var current = bytes
    for (index, step) in steps.enumerated().reversed() {
      let sums = steps[..<index].count { $0.kind == .fletcher32 }
      let isLast = index == 0
      let size = chunk.count + 4 * sums
      func place(_ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        guard !isLast else { return try body(chunk) }
        current = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
          try body(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size]))
          count = size
        }
      }
      switch step.kind {
      case .deflate:
        let stored = current
        try place { try inflate(stored, into: $0) }
      case .shuffle:
        guard current.count == size else {
          throw Fault(what: "has \(current.count) bytes to unshuffle, not \(size)")
        }
        let stored = current
        try place { unshuffle(stored, width: step.firstValue ?? 1, into: $0) }
      case .fletcher32:
        try verify(&current)
        if isLast { try fill(chunk, with: current) }
      case nil: throw Fault(what: "passed the filter '\(step.name)'")
      }
    }
    if steps.isEmpty { try fill(chunk, with: current) }
  }

  private static func fill(_ chunk: UnsafeMutableRawBufferPointer, with bytes: [UInt8]) throws {
    guard bytes.count == chunk.count else {
      throw Fault(what: "has \(bytes.count) bytes, not \(chunk.count)")
    }
    chunk.copyBytes(from: bytes)
  }

  /// Inflates a zlib stream that must give just as many bytes as there is room for.
  private static func inflate(_ bytes: [UInt8], into output: UnsafeMutableRawBufferPointer) throws {
    #if HDF5
    guard let decompressor = libdeflate_alloc_decompressor() else {
      throw Fault(what: "cannot be inflated: no memory")
    }
    defer { libdeflate_free_decompressor(decompressor) }
    var written = 0
    let result = bytes.withUnsafeBytes { input in
      libdeflate_zlib_decompress_ex(
        decompressor, input.baseAddress, input.count, output.baseAddress, output.count, nil, &written)
    }
    switch result {
    case LIBDEFLATE_SUCCESS where written == output.count: return
    case LIBDEFLATE_SUCCESS: throw Fault(what: "inflates to \(written) bytes, not \(output.count)")
    case LIBDEFLATE_INSUFFICIENT_SPACE: throw Fault(what: "inflates to more than its \(output.count) bytes")
    default: throw Fault(what: "does not inflate: its stream is broken or cut short")
    }
    #else
    throw Fault(what: "cannot be inflated: this build has no libdeflate")
    #endif
  }

  /// Puts back together elements of `width` bytes that were stored byte plane after byte plane.
  private static func unshuffle(_ bytes: [UInt8], width: Int, into output: UnsafeMutableRawBufferPointer) {
    let count = width > 1 ? bytes.count / width : 0
    bytes.withUnsafeBytes { input in
      guard let source = input.baseAddress, let goal = output.baseAddress else { return }
      switch width {
      case 2: interleave(source, goal, count, UInt16.self)
      case 4: interleave(source, goal, count, UInt32.self)
      case 8: interleave(source, goal, count, UInt64.self)
      default:
        for element in 0..<count {
          for byte in 0..<width {
            goal.storeBytes(
              of: source.load(fromByteOffset: byte * count + element, as: UInt8.self),
              toByteOffset: element * width + byte, as: UInt8.self)
          }
        }
      }
      // What fills no element was left as it is.
      let done = count * width
      (goal + done).copyMemory(from: source + done, byteCount: bytes.count - done)
    }
  }

  @inline(__always)
  private static func interleave<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ goal: UnsafeMutableRawPointer, _ count: Int, _: Word.Type
  ) {
    let planes = source.assumingMemoryBound(to: UInt8.self)
    for element in 0..<count {
      var word = Word(planes[element])
      for byte in 1..<MemoryLayout<Word>.size {
        word |= Word(planes[byte * count + element]) &<< Word(8 * byte)
      }
      goal.storeBytes(of: word.littleEndian, toByteOffset: element * MemoryLayout<Word>.size, as: Word.self)
    }
  }

  /// Checks the Fletcher checksum behind the bytes and takes it off.
  private static func verify(_ bytes: inout [UInt8]) throws {
    guard bytes.count >= 4 else { throw Fault(what: "is too short for its checksum") }
    let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    bytes.removeLast(4)
    let sum = fletcher32(bytes)
    // libhdf5 before 1.6.3 exchanged the bytes of each half; such files are read by later ones too.
    let exchanged = (sum & 0x00FF_00FF) << 8 | (sum & 0xFF00_FF00) >> 8
    guard stored == sum || stored == exchanged else { throw Fault(what: "differs from its checksum") }
  }

  /// The Fletcher checksum as libhdf5 forms it: over words of 16 bits, high byte first.
  static func fletcher32(_ bytes: [UInt8]) -> UInt32 {
    func fold(_ sum: UInt32) -> UInt32 { (sum & 0xFFFF) + (sum >> 16) }
    var first: UInt32 = 0
    var second: UInt32 = 0
    bytes.withUnsafeBufferPointer { bytes in
      let end = bytes.count / 2 * 2
      // 360 words are the most that 32 bits hold without folding.
      for start in stride(from: 0, to: end, by: 720) {
        for index in stride(from: start, to: min(start + 720, end), by: 2) {
          first &+= UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
          second &+= first
        }
        first = fold(first)
        second = fold(second)
      }
      if end < bytes.count {
        first &+= UInt32(bytes[end]) << 8
        second &+= first
        first = fold(first)
        second = fold(second)
      }
    }
    return fold(second) << 16 | fold(first)
  }
}
