import Foundation

#if HDF5
import CHDF5
#endif

/// The one door to libhdf5.
///
/// It may be built without thread safety, and with it has one lock of its own, so every call is made under one
/// lock of the process.
/// What costs time (reading contiguous bytes, inflating chunks) happens outside it.
enum HDF5Library {
  /// Recursive: an identifier may be closed by a deinit while the lock is held.
  private static let lock = NSRecursiveLock()

  #if HDF5
  /// Once: no clean-up at exit under threads that still read.
  private static let start: Void = {
    H5dont_atexit()
    H5open()
  }()

  /// Runs `body` under the lock.
  static func call<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    _ = start
    // No traces of errors on the terminal; where the library was built thread-safe, each thread has its own say.
    H5Eset_auto2(hdf5_error_stack(), nil, nil)
    return try body()
  }

  /// The innermost message of the library's last error, empty if it left none; under the lock.
  static var lastError: String {
    var text = ""
    withUnsafeMutablePointer(to: &text) { text in
      let visit: H5E_walk2_t = { _, error, context in
        guard let text = context?.assumingMemoryBound(to: String.self), let pointer = error?.pointee.desc,
          text.pointee.isEmpty
        else { return 0 }
        text.pointee = String(cString: pointer)
        return 0
      }
      _ = H5Ewalk2(hdf5_error_stack(), H5E_WALK_UPWARD, visit, text)
    }
    return text
  }

  /// `message`, with what the library says in brackets; under the lock.
  static func failure(_ message: String, _ file: String) -> ECGError {
    let detail = lastError
    return ECGError(.malformed, detail.isEmpty ? message : "\(message) (libhdf5: \(detail))", file: file)
  }

  /// Why a file could not be written: what the system told the library, else the library's own words; under the lock,
  /// and before anything is closed, which would forget it.
  static func writeFailure(_ file: String) -> ECGError {
    let detail = lastError
    let number = detail.range(of: "errno = ").flatMap {
      Int32(detail[$0.upperBound...].prefix { $0.isNumber })
    }
    // A folder that does not exist is not the file's absence.
    if let number, number != ENOENT { return ECGError.system("written", file, number) }
    return ECGError(
      .inputOutput, "cannot be written (libhdf5: \(detail))", file: file, advice: "check its folder")
  }

  /// An access list for links that leads into no other file and through at most 16 soft links; under the lock.
  static func makeLinkAccess() -> hid_t {
    let access = H5Pcreate(hdf5_dataset_access())
    H5Pset_elink_cb(access, { _, _, _, _, _, _, _ in -1 }, nil)
    H5Pset_nlinks(access, 16)
    return access
  }
  #else
  static func unavailable(_ file: String) -> ECGError {
    ECGError(
      .unsupported, "is HDF5, and this build has no libhdf5", file: file, advice: "build with the trait HDF5")
  }
  #endif
}

#if HDF5
/// An identifier of libhdf5, closed with its last owner.
final class HDF5Identifier: Sendable {
  let value: hid_t
  private let close: @Sendable (hid_t) -> herr_t

  /// Takes over an identifier; nil if the call that made it failed.
  init?(_ value: hid_t, _ close: @escaping @Sendable (hid_t) -> herr_t) {
    guard value >= 0 else { return nil }
    self.value = value
    self.close = close
  }

  deinit {
    HDF5Library.call { _ = close(value) }
  }
}
#endif
