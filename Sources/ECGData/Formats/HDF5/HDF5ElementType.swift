#if HDF5
import CHDF5
#endif

/// The type of a dataset's elements.
public enum HDF5ElementType: Sendable, Hashable {
  /// IEEE 754 half precision.
  case float16
  /// IEEE 754 single precision.
  case float32
  /// IEEE 754 double precision.
  case float64
  /// Signed, 8 bits; h5py's booleans, an enumeration of these, count as this.
  case int8
  /// Signed, 16 bits.
  case int16
  /// Signed, 32 bits.
  case int32
  /// Signed, 64 bits.
  case int64
  /// Unsigned, 8 bits.
  case uint8
  /// Unsigned, 16 bits.
  case uint16
  /// Unsigned, 32 bits.
  case uint32
  /// Unsigned, 64 bits.
  case uint64
  /// Text of a fixed number of bytes, or of any length if nil.
  case text(byteCount: Int?)
  /// What this library does not read, by HDF5's name of its class.
  case other(String)

  /// Bytes of a number; nil for what is none.
  public var byteCount: Int? {
    switch self {
    case .int8, .uint8: 1
    case .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    case .text, .other: nil
    }
  }

  /// Bytes an element takes in its place: of text of any length, a length and where its bytes are.
  var storedByteCount: Int? {
    switch self {
    case .text(let byteCount): byteCount ?? HDF5GlobalHeap.referenceSize
    default: byteCount
    }
  }

  /// The types of numbers.
  static let numbers: [HDF5ElementType] = [
    .float32, .float16, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
  ]
}

#if HDF5
extension HDF5ElementType {
  /// A new datatype of libhdf5 for a number or text of a fixed number of bytes; under the library's lock.
  func makeDatatype(isBigEndian: Bool) -> HDF5Identifier? {
    let big: Int32 = isBigEndian ? 1 : 0
    let base: hid_t
    switch self {
    // There is no half precision by name before 1.14; h5py makes it in the same way.
    case .float16, .float32: base = hdf5_float32(big)
    case .float64: base = hdf5_float64(big)
    case .int8: base = hdf5_int8(big)
    case .int16: base = hdf5_int16(big)
    case .int32: base = hdf5_int32(big)
    case .int64: base = hdf5_int64(big)
    case .uint8: base = hdf5_uint8(big)
    case .uint16: base = hdf5_uint16(big)
    case .uint32: base = hdf5_uint32(big)
    case .uint64: base = hdf5_uint64(big)
    case .text(let byteCount?):
      guard byteCount > 0, let type = HDF5Identifier(H5Tcopy(hdf5_c_text()), { H5Tclose($0) }),
        H5Tset_size(type.value, byteCount) >= 0, H5Tset_strpad(type.value, H5T_STR_NULLPAD) >= 0,
        H5Tset_cset(type.value, H5T_CSET_UTF8) >= 0
      else { return nil }
      return type
    case .text, .other: return nil
    }
    guard let type = HDF5Identifier(H5Tcopy(base), { H5Tclose($0) }) else { return nil }
    if self == .float16 {
      guard H5Tset_fields(type.value, 15, 10, 5, 0, 10) >= 0, H5Tset_size(type.value, 2) >= 0,
        H5Tset_ebias(type.value, 15) >= 0
      else { return nil }
    }
    return type
  }

  /// The type that libhdf5 holds under an identifier, and whether its bytes are in big-endian order; under the
  /// library's lock.
  static func classify(_ type: hid_t) -> (type: HDF5ElementType, isBigEndian: Bool) {
    for number in numbers {
      for isBigEndian in [false, true] {
        if let known = number.makeDatatype(isBigEndian: isBigEndian), H5Tequal(type, known.value) > 0 {
          return (number, isBigEndian)
        }
      }
    }
    switch H5Tget_class(type) {
    case H5T_ENUM:
      guard let base = HDF5Identifier(H5Tget_super(type), { H5Tclose($0) }),
        H5Tget_class(base.value) == H5T_INTEGER
      else { return (.other("enumeration"), false) }
      return classify(base.value)
    case H5T_STRING:
      guard H5Tis_variable_str(type) <= 0 else { return (.text(byteCount: nil), false) }
      return (.text(byteCount: Int(clamping: H5Tget_size(type))), false)
    case H5T_INTEGER: return (.other("integer of no usual size"), false)
    case H5T_FLOAT: return (.other("floating-point number of no usual format"), false)
    case H5T_BITFIELD: return (.other("bit field"), false)
    case H5T_OPAQUE: return (.other("opaque"), false)
    case H5T_COMPOUND: return (.other("compound"), false)
    case H5T_REFERENCE: return (.other("reference"), false)
    case H5T_VLEN: return (.other("variable-length list"), false)
    case H5T_ARRAY: return (.other("array"), false)
    default: return (.other("type of an unknown class"), false)
    }
  }
}
#endif
