internal import CZlib

/// zlib streams in memory: RFC 1950 and 1951.
enum MATInflation {
  /// Deflate makes at best 258 bytes of 2 bits, which is 1032 times.
  private static let largestRatio = 1032

  /// What is wrong with a stream; the caller knows where it stands.
  struct Fault: Error {
    var message: String
  }

  /// The bytes that a stream holds, whose size its first element's tag tells.
  ///
  /// Memory is taken in steps, as what was inflated before bears out, and no more than the tag claims.
  ///
  /// - Parameters:
  ///   - stream: The whole zlib stream.
  ///   - size: What the whole will take, from its first 8 bytes; it throws if that is too much.
  /// - Returns: 8 bytes, and as many as `size` says.
  /// - Throws: ``Fault`` if the stream breaks, ends early or late, or its checksum differs.
  static func inflate(
    _ stream: UnsafeRawBufferPointer, size: (UnsafeRawBufferPointer) throws -> Int
  ) throws -> [UInt8] {
    var state = z_stream()
    guard inflateInit_(&state, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Fault(message: "zlib cannot begin")
    }
    defer { inflateEnd(&state) }
    var input = Input(rest: stream[...])

    var tag: (UInt64) = 0
    let (whole, first) = try withUnsafeMutableBytes(of: &tag) { tag in
      let count = try fill(tag, &state, &input)
      guard count == 8 else { throw Fault(message: "the zlib stream ends after \(count) bytes") }
      return (try size(UnsafeRawBufferPointer(tag)), Array(tag))
    }
    guard whole >= 8, (whole - 8) / largestRatio <= stream.count else {
      throw Fault(message: "\(stream.count) bytes of zlib cannot hold the \(whole) that they claim")
    }
    var bytes = first
    var capacity = min(whole, 4 * stream.count + 4096)
    while true {
      let have = bytes.count
      bytes = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
        let buffer = UnsafeMutableRawBufferPointer(buffer)
        buffer.copyBytes(from: bytes)
        bytes = []
        initialized = have
        initialized +=
          try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[have..<capacity]), &state, &input)
      }
      guard bytes.count == capacity else {
        throw Fault(message: "the zlib stream ends after \(bytes.count) of \(whole) bytes")
      }
      if capacity == whole { break }
      capacity = min(whole, 4 * capacity)
    }
    // The end is where the checksum is compared.
    var extra: UInt8 = 0
    let rest = try withUnsafeMutableBytes(of: &extra) { try fill($0, &state, &input) }
    guard rest == 0 else {
      throw Fault(message: "the zlib stream goes on after the \(whole) bytes it claims")
    }
    return bytes
  }

  /// The first bytes that a stream holds, its checksum not compared.
  ///
  /// - Parameters:
  ///   - stream: The zlib stream, or its begin.
  ///   - count: How many bytes are asked for.
  /// - Returns: As many, or those that the stream has.
  /// - Throws: ``Fault`` if the stream breaks.
  static func inflate(_ stream: UnsafeRawBufferPointer, first count: Int) throws -> [UInt8] {
    var state = z_stream()
    guard inflateInit_(&state, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Fault(message: "zlib cannot begin")
    }
    defer { inflateEnd(&state) }
    var input = Input(rest: stream[...])
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = try fill(UnsafeMutableRawBufferPointer(buffer), &state, &input, mayBeCut: true)
    }
  }

  /// What zlib has not yet been given; its counts are of 32 bits.
  private struct Input {
    var rest: Slice<UnsafeRawBufferPointer>
  }

  /// Inflates until the buffer is full or the stream ends.
  ///
  /// - Returns: Bytes that were written.
  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, _ state: inout z_stream, _ input: inout Input,
    mayBeCut: Bool = false
  ) throws -> Int {
    var done = 0
    while done < buffer.count {
      if state.avail_in == 0, !input.rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: input.rest.prefix(1 << 30))
        input.rest = input.rest.dropFirst(part.count)
        // zlib does not write there; its declaration is older than const.
        state.next_in = UnsafeMutablePointer(mutating: part.bindMemory(to: UInt8.self).baseAddress)
        state.avail_in = UInt32(part.count)
      }
      let room = min(buffer.count - done, 1 << 30)
      state.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self).advanced(by: done)
      state.avail_out = UInt32(room)
      let status = CZlib.inflate(&state, Z_NO_FLUSH)
      done += room - Int(state.avail_out)
      switch status {
      case Z_OK: continue
      case Z_STREAM_END: return done
      case Z_BUF_ERROR where state.avail_in == 0 && input.rest.isEmpty:
        if mayBeCut { return done }
        throw Fault(message: "the zlib stream is cut off")
      default:
        throw Fault(
          message: "the zlib stream is broken: \(state.msg.map { String(cString: $0) } ?? "\(status)")")
      }
    }
    return done
  }
}
