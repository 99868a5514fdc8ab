#if FLAC
import CFLAC
#endif

/// Encodes integers as a FLAC stream in memory.
///
/// Encoding is libFLAC's: another version of it may give other bytes of the same samples.
enum FLACEncoder {
  #if FLAC
  /// FLAC's own limit.
  static let channelLimit = 8

  /// Encodes samples [n, channels] of at most `bits` bits.
  ///
  /// - Parameters:
  ///   - samples: a sample of each channel after another.
  ///   - channels: 1 to 8.
  ///   - bits: of each sample.
  ///   - rate: Hz for the stream's header, which takes small whole numbers; it is only told.
  /// - Returns: the stream.
  /// - Throws: `ECGError.Code.invalidArgument` if libFLAC refuses.
  static func encode(_ samples: [Int32], channels: Int, bits: Int, rate: Double) throws -> [UInt8] {
    guard (1...channelLimit).contains(channels), samples.count.isMultiple(of: channels),
      let encoder = FLAC__stream_encoder_new()
    else {
      throw ECGError(.invalidArgument, "FLAC takes 1 to \(channelLimit) signals a file, not \(channels)")
    }
    defer { FLAC__stream_encoder_delete(encoder) }
    let sink = Sink()
    FLAC__stream_encoder_set_channels(encoder, UInt32(channels))
    FLAC__stream_encoder_set_bits_per_sample(encoder, UInt32(bits))
    FLAC__stream_encoder_set_sample_rate(encoder, UInt32(min(max(rate.rounded(), 1), 65_535)))
    FLAC__stream_encoder_set_total_samples_estimate(encoder, FLAC__uint64(samples.count / channels))
    FLAC__stream_encoder_set_compression_level(encoder, 5)
    FLAC__stream_encoder_set_streamable_subset(encoder, 0)
    let status = FLAC__stream_encoder_init_stream(
      encoder, Sink.write, Sink.seek, Sink.tell, nil, Unmanaged.passUnretained(sink).toOpaque())
    var isDone = status == FLAC__STREAM_ENCODER_INIT_STATUS_OK
    // In pieces: the library counts in 32 bits.
    let piece = channels << 20
    for start in stride(from: 0, to: samples.count, by: piece) where isDone {
      let part = samples[start..<min(start + piece, samples.count)]
      isDone = part.withUnsafeBufferPointer {
        FLAC__stream_encoder_process_interleaved(encoder, $0.baseAddress, UInt32($0.count / channels)) != 0
      }
    }
    let isFinished = FLAC__stream_encoder_finish(encoder) != 0
    guard isDone, isFinished else {
      throw ECGError(.invalidArgument, "libFLAC cannot encode \(channels) signals of \(bits) bits")
    }
    return sink.bytes
  }

  private final class Sink {
    var bytes: [UInt8] = []
    var position = 0

    static func of(_ pointer: UnsafeMutableRawPointer?) -> Sink? {
      pointer.map { Unmanaged<Sink>.fromOpaque($0).takeUnretainedValue() }
    }

    static let write: FLAC__StreamEncoderWriteCallback = { _, buffer, count, _, _, client in
      guard let sink = Sink.of(client), let buffer else {
        return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR
      }
      let part = UnsafeBufferPointer(start: buffer, count: count)
      let overlap = min(count, sink.bytes.count - sink.position)
      sink.bytes.replaceSubrange(sink.position..<(sink.position + overlap), with: part)
      sink.position += count
      return FLAC__STREAM_ENCODER_WRITE_STATUS_OK
    }

    /// At the end the stream's header is written again, with the number of samples and their MD5.
    static let seek: FLAC__StreamEncoderSeekCallback = { _, offset, client in
      guard let sink = Sink.of(client), let place = Int(exactly: offset), place <= sink.bytes.count else {
        return FLAC__STREAM_ENCODER_SEEK_STATUS_ERROR
      }
      sink.position = place
      return FLAC__STREAM_ENCODER_SEEK_STATUS_OK
    }

    static let tell: FLAC__StreamEncoderTellCallback = { _, offset, client in
      offset?.pointee = FLAC__uint64(Sink.of(client)?.position ?? 0)
      return FLAC__STREAM_ENCODER_TELL_STATUS_OK
    }
  }
  #else
  /// Refuses: this build has no libFLAC.
  static func encode(_ samples: [Int32], channels: Int, bits: Int, rate: Double) throws -> [UInt8] {
    throw ECGError(
      .unsupported, "FLAC is not written: this build has no libFLAC", advice: "build with the trait FLAC")
  }
  #endif
}
