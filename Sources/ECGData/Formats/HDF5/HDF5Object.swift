#if HDF5
import CHDF5

/// A group or dataset of an HDF5 file by itself: its attributes, and what a group holds by hard links.
///
/// Every function takes libhdf5's lock for itself.
struct HDF5Object: Sendable {
  /// What an object is.
  enum Kind: Sendable {
    case group
    case dataset
    /// A type with a name, or what later versions may add.
    case other
  }

  /// Its path from the root, which is empty itself.
  let path: String
  let kind: Kind
  private let file: HDF5File
  private let identifier: HDF5Identifier

  /// The root group.
  init(root identifier: HDF5Identifier, of file: HDF5File) {
    path = ""
    kind = .group
    self.file = file
    self.identifier = identifier
  }

  /// Opens what a group holds by a link, whose name leads neither on nor back.
  init(_ name: String, in group: HDF5Object) throws {
    let path = group.path.isEmpty ? name : "\(group.path)/\(name)"
    guard !name.isEmpty, !name.contains("/"), name != "." else {
      throw ECGError(
        .malformed, "its group '\(group.path)' has a link named '\(name)'", file: group.file.path)
    }
    (identifier, kind) = try HDF5Library.call {
      let object = try HDF5Object.open(name, in: group.identifier, path, group.file.path)
      return (object, HDF5Object.kind(of: object))
    }
    file = group.file
    self.path = path
  }

  /// Opens an object by a link of a group, into no other file; under the library's lock.
  static func open(
    _ name: String, in group: HDF5Identifier, _ path: String, _ file: String
  ) throws -> HDF5Identifier {
    let access = HDF5Library.makeLinkAccess()
    defer { H5Pclose(access) }
    guard let object = HDF5Identifier(H5Oopen(group.value, name, access), { H5Oclose($0) }) else {
      throw HDF5Library.failure("its object '\(path)' cannot be opened", file)
    }
    return object
  }

  /// What an object is; under the library's lock.
  static func kind(of identifier: HDF5Identifier) -> Kind {
    switch H5Iget_type(identifier.value) {
    case H5I_DATASET: .dataset
    case H5I_GROUP, H5I_FILE: .group
    default: .other
    }
  }

  /// The group's hard links in order of name, with the address that is the same for every link to an object.
  func links(_ room: inout HDF5LinkRoom) throws -> [(name: String, address: UInt64)] {
    try HDF5Library.call { try room.links(of: identifier, file: file.path) }
  }

  /// The dataset, with its claims checked.
  func dataset() throws -> HDF5Dataset {
    try HDF5Dataset(path, HDF5Storage(identifier, of: file, name: path))
  }

  /// Bytes that an attribute may have.
  private static let attributeLimit = 256

  /// An attribute of a single number or a single text of fixed length; nil if there is none of the name.
  ///
  /// - Throws: `ECGError.Code.malformed` if it is broken, `unsupported` if it is anything else, or longer than
  ///   256 bytes.
  func attribute(_ name: String) throws -> HDF5Attribute? {
    try HDF5Library.call {
      func broken() -> ECGError {
        HDF5Library.failure("the attribute \(name) of '\(path)' is broken", file.path)
      }
      let found = H5Aexists(identifier.value, name)
      guard found != 0 else { return nil }
      guard found > 0,
        let attribute = HDF5Identifier(H5Aopen(identifier.value, name, hdf5_default()), { H5Aclose($0) }),
        let type = HDF5Identifier(H5Aget_type(attribute.value), { H5Tclose($0) }),
        let space = HDF5Identifier(H5Aget_space(attribute.value), { H5Sclose($0) })
      else { throw broken() }
      let element = HDF5ElementType.classify(type.value).type
      let size: Int? = if case .text(let byteCount) = element { byteCount } else { element.byteCount }
      guard let size, (1...HDF5Object.attributeLimit).contains(size), H5Tget_size(type.value) == size,
        H5Sget_simple_extent_npoints(space.value) == 1
      else {
        throw ECGError(
          .unsupported,
          "the attribute \(name) of '\(path)' is not one number, nor one text of 1 to \(HDF5Object.attributeLimit) bytes",
          file: file.path)
      }
      var bytes = [UInt8](repeating: 0, count: size)
      guard H5Aread(attribute.value, type.value, &bytes) >= 0 else { throw broken() }
      return HDF5Attribute(type: element, bytes: bytes)
    }
  }
}

/// An attribute's one value as it is stored.
struct HDF5Attribute: Sendable {
  var type: HDF5ElementType
  var bytes: [UInt8]

  /// The text without the zeros or blanks that fill it up; nil for a number.
  var text: String? {
    guard case .text = type else { return nil }
    return HDF5Dataset.text(bytes[...])
  }

  /// Whether a number is not 0.
  var isTrue: Bool { bytes.contains { $0 != 0 } }
}

/// What is left of the links that are listed at most of one file.
struct HDF5LinkRoom {
  private var links = HDF5File.linkLimit
  /// Bytes of their names: links may share one long name.
  private var nameBytes = 1 << 24

  /// Names and addresses of a group's hard links, in order of name; under the library's lock.
  mutating func links(of group: HDF5Identifier, file: String) throws -> [(name: String, address: UInt64)] {
    struct Links {
      var found: [(name: String, address: UInt64)] = []
      var room: HDF5LinkRoom
    }
    var links = Links(room: self)
    let status = withUnsafeMutablePointer(to: &links) { links in
      hdf5_visit_links(
        group.value,
        { _, name, info, context in
          guard let links = context?.assumingMemoryBound(to: Links.self), let name, let info else {
            return -1
          }
          guard links.pointee.room.take(name) else { return 1 }
          if info.pointee.type == H5L_TYPE_HARD {
            links.pointee.found.append((String(cString: name), hdf5_link_address(info)))
          }
          return 0
        }, links)
    }
    self = links.room
    guard status <= 0 else {
      throw ECGError(
        .unsupported, "has more than \(HDF5File.linkLimit) links, or longer names than 16 MiB", file: file)
    }
    guard status == 0 else { throw HDF5Library.failure("a group of it cannot be listed", file) }
    return links.found
  }

  private mutating func take(_ name: UnsafePointer<CChar>) -> Bool {
    links -= 1
    nameBytes -= strlen(name)
    return links >= 0 && nameBytes >= 0
  }
}
#endif
