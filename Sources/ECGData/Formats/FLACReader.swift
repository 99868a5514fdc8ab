#if FLAC
import CFLAC
#endif

/// Decodes a FLAC file from any sample on, as interleaved integers.
///
/// Decoding is libFLAC's. One reader belongs to one thread at a time.
final class FLACReader {
  #if FLAC
  private let source: Source
  private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
  #endif
  /// Channels of the stream.
  let channels: Int
  /// Bits of a sample.
  let bits: Int
  /// Samples of each channel, as the stream states them; nil if it does not.
  let sampleCount: Int?

  #if FLAC
  /// Opens a stream and reads its header.
  ///
  /// - Throws: `ECGError.Code.malformed` if this is no FLAC stream.
  init(_ file: FileHandleForReading) throws {
    source = Source(file)
    guard let decoder = FLAC__stream_decoder_new() else {
      throw ECGError(.inputOutput, "no memory to decode it", file: file.path)
    }
    self.decoder = decoder
    let status = FLAC__stream_decoder_init_stream(
      decoder, Source.read, Source.seek, Source.tell, Source.length, Source.isAtEnd, Source.write,
      Source.metadata, Source.fail, Unmanaged.passUnretained(source).toOpaque())
    let isOpen = status == FLAC__STREAM_DECODER_INIT_STATUS_OK
    // A stream without its mark would be searched to its end for one.
    let mark = (try? file.read(at: 0, count: 4)) ?? []
    guard isOpen, mark == Array("fLaC".utf8),
      FLAC__stream_decoder_process_until_end_of_metadata(decoder) != 0, let info = source.info
    else {
      channels = 0
      bits = 0
      sampleCount = nil
      throw ECGError(.malformed, "is no FLAC stream", file: file.path)
    }
    channels = Int(info.channels)
    bits = Int(info.bits_per_sample)
    sampleCount = info.total_samples == 0 ? nil : Int(clamping: info.total_samples)
  }

  deinit {
    FLAC__stream_decoder_finish(decoder)
    FLAC__stream_decoder_delete(decoder)
  }

  /// Moves to a sample.
  ///
  /// - Throws: `malformed` if the stream has no such sample or breaks on the way.
  func seek(to sample: Int) throws {
    source.pending.removeAll(keepingCapacity: true)
    source.taken = 0
    guard sample > 0 || source.hasDecoded else { return }
    guard sample >= 0, FLAC__stream_decoder_seek_absolute(decoder, FLAC__uint64(sample)) != 0 else {
      throw ECGError(.malformed, "the FLAC stream has no sample \(sample)", file: source.file.path)
    }
  }

  /// Fills `samples` [n, channels] with what comes next.
  ///
  /// - Returns: how many samples of each channel there were: fewer than asked only where the stream ends or is
  ///   broken.
  func read(into samples: UnsafeMutableBufferPointer<Int32>) -> Int {
    var filled = 0
    let wanted = samples.count / channels * channels
    while filled < wanted {
      let available = min(source.pending.count - source.taken, wanted - filled)
      if available > 0 {
        for index in 0..<available { samples[filled + index] = source.pending[source.taken + index] }
        filled += available
        source.taken += available
        continue
      }
      source.pending.removeAll(keepingCapacity: true)
      source.taken = 0
      guard FLAC__stream_decoder_process_single(decoder) != 0, !source.isBroken else { break }
      let state = FLAC__stream_decoder_get_state(decoder)
      if source.pending.isEmpty, state == FLAC__STREAM_DECODER_END_OF_STREAM { break }
    }
    return filled / channels
  }

  /// What libFLAC calls back: the file's bytes one way, decoded blocks the other.
  private final class Source {
    let file: FileHandleForReading
    var position = 0
    var info: FLAC__StreamMetadata_StreamInfo?
    /// Decoded samples [n, channels] that nobody has taken yet.
    var pending: [Int32] = []
    var taken = 0
    var hasDecoded = false
    var isBroken = false

    init(_ file: FileHandleForReading) { self.file = file }

    static func of(_ pointer: UnsafeMutableRawPointer?) -> Source? {
      pointer.map { Unmanaged<Source>.fromOpaque($0).takeUnretainedValue() }
    }

    static let read: FLAC__StreamDecoderReadCallback = { _, buffer, count, client in
      guard let source = Source.of(client), let buffer, let count else {
        return FLAC__STREAM_DECODER_READ_STATUS_ABORT
      }
      let length = min(count.pointee, source.file.size - source.position)
      guard length > 0 else {
        count.pointee = 0
        return FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM
      }
      let target = UnsafeMutableRawBufferPointer(start: buffer, count: length)
      guard (try? source.file.read(at: source.position, into: target)) != nil else {
        return FLAC__STREAM_DECODER_READ_STATUS_ABORT
      }
      source.position += length
      count.pointee = length
      return FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
    }

    static let seek: FLAC__StreamDecoderSeekCallback = { _, offset, client in
      guard let source = Source.of(client), let place = Int(exactly: offset), place <= source.file.size else {
        return FLAC__STREAM_DECODER_SEEK_STATUS_ERROR
      }
      source.position = place
      return FLAC__STREAM_DECODER_SEEK_STATUS_OK
    }

    static let tell: FLAC__StreamDecoderTellCallback = { _, offset, client in
      guard let source = Source.of(client) else { return FLAC__STREAM_DECODER_TELL_STATUS_ERROR }
      offset?.pointee = FLAC__uint64(source.position)
      return FLAC__STREAM_DECODER_TELL_STATUS_OK
    }

    static let length: FLAC__StreamDecoderLengthCallback = { _, length, client in
      guard let source = Source.of(client) else { return FLAC__STREAM_DECODER_LENGTH_STATUS_ERROR }
      length?.pointee = FLAC__uint64(source.file.size)
      return FLAC__STREAM_DECODER_LENGTH_STATUS_OK
    }

    static let isAtEnd: FLAC__StreamDecoderEofCallback = { _, client in
      guard let source = Source.of(client) else { return 1 }
      return source.position >= source.file.size ? 1 : 0
    }

    static let write: FLAC__StreamDecoderWriteCallback = { _, frame, planes, client in
      guard let source = Source.of(client), let info = source.info, let planes,
        let header = frame?.pointee.header, header.channels == info.channels,
        header.bits_per_sample == info.bits_per_sample
      else { return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT }
      let channels = Int(header.channels)
      let count = Int(header.blocksize)
      source.hasDecoded = true
      source.pending.reserveCapacity(source.pending.count + count * channels)
      for sample in 0..<count {
        for channel in 0..<channels {
          guard let plane = planes[channel] else { return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT }
          source.pending.append(plane[sample])
        }
      }
      return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE
    }

    static let metadata: FLAC__StreamDecoderMetadataCallback = { _, metadata, client in
      guard let metadata, metadata.pointee.type == FLAC__METADATA_TYPE_STREAMINFO else { return }
      Source.of(client)?.info = metadata.pointee.data.stream_info
    }

    static let fail: FLAC__StreamDecoderErrorCallback = { _, _, client in Source.of(client)?.isBroken = true }
  }
  #else
  /// Refuses: this build has no libFLAC.
  init(_ file: FileHandleForReading) throws {
    throw ECGError(
      .unsupported, "is FLAC, and this build has no libFLAC", file: file.path,
      advice: "build with the trait FLAC")
  }

  func seek(to sample: Int) throws {}

  func read(into samples: UnsafeMutableBufferPointer<Int32>) -> Int { 0 }
  #endif
}
