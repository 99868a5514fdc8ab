import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// One XML part of a workbook, read event by event; a subclass takes what it needs.
///
/// A document type declaration is refused before anything is parsed, so there are no entities but XML's own
/// five; so is an encoding other than UTF-8, and what is nested deeper than any workbook.
class XLSXPart: NSObject, XMLParserDelegate {
  /// Elements within elements.
  private static let depthLimit = 64

  /// The part and its file, as errors name them.
  final let part: String
  final let file: String
  /// The text that an element has so far, while it is wanted.
  final var text = ""
  final var wantsText = false
  private var depth = 0
  private var hasRoot = false
  private var error: ECGError?

  init(_ part: String, of archive: ZIPArchive) throws {
    self.part = part
    file = archive.file
    super.init()
    try parse(archive.read(part))
  }

  /// An element begins; its name has no prefix.
  func begin(_ element: Substring, _ attributes: [String: String]) throws {}

  /// An element ends; ``text`` is what it has had since text was wanted.
  func end(_ element: Substring) throws {}

  /// An error of this part.
  final func malformed(_ message: String) -> ECGError {
    ECGError(.malformed, "\(part): \(message)", file: file)
  }

  private func parse(_ bytes: [UInt8]) throws {
    let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    guard bytes.dropFirst(isMarked ? 3 : 0).first == UInt8(ascii: "<"), !bytes.contains(0),
      // FoundationXML ends the process at a name that is not UTF-8.
      String(validating: bytes, as: UTF8.self) != nil
    else {
      throw malformed("is no XML in UTF-8")
    }
    let data = Data(bytes)
    for declaration in ["<!DOCTYPE", "<!ENTITY"] where data.range(of: Data(declaration.utf8)) != nil {
      throw malformed("has a \(declaration), which no workbook has")
    }
    // The XML declaration; another encoding could hide what was looked for above.
    if bytes.dropFirst(isMarked ? 3 : 0).starts(with: "<?xml".utf8) {
      let head = String(decoding: bytes.prefix(200).prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
        .lowercased()
      if let range = head.range(of: "encoding") {
        let name = head[range.upperBound...].drop { " \t\r\n=\"'".contains($0) }.prefix {
          !"\"'".contains($0)
        }
        guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(name) else {
          throw ECGError(.unsupported, "\(part): is XML in \(name), not in UTF-8", file: file)
        }
      }
    }
    let parser = XMLParser(data: data)
    parser.delegate = self
    let isWhole = parser.parse()
    if let error { throw error }
    // The parser takes an end within elements for one.
    guard isWhole, hasRoot, depth == 0 else {
      throw malformed("is no well-formed XML near line \(parser.lineNumber)")
    }
  }

  final func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    guard error == nil else { return }
    depth += 1
    hasRoot = true
    do {
      guard depth <= XLSXPart.depthLimit else {
        throw malformed("nests more than \(XLSXPart.depthLimit) elements")
      }
      try begin(XLSXPart.local(element), attributes)
    } catch {
      stop(parser, error)
    }
  }

  final func parser(
    _ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?
  ) {
    guard error == nil else { return }
    depth -= 1
    do { try end(XLSXPart.local(element)) } catch { stop(parser, error) }
  }

  final func parser(_ parser: XMLParser, foundCharacters string: String) {
    if wantsText { text += string }
  }

  final func parser(_ parser: XMLParser, foundCDATA block: Data) {
    if wantsText { text += String(decoding: block, as: UTF8.self) }
  }

  private func stop(_ parser: XMLParser, _ error: any Error) {
    self.error = error as? ECGError ?? malformed("\(error)")
    parser.abortParsing()
  }

  /// A name without its prefix, which any writer may choose.
  private static func local(_ name: String) -> Substring {
    guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return name[...] }
    return name[name.utf8.index(after: colon)...]
  }
}

/// The relations of a part: which other parts it names, by id.
final class XLSXRelations: XLSXPart {
  struct Relation {
    /// The last word of its type: `worksheet`, `sharedStrings`, `styles`, `officeDocument`.
    let kind: String
    /// The name of the entry.
    let target: String
  }

  private(set) var relations: [String: Relation] = [:]
  private let folder: String

  /// Reads the relations of a part, `xl/_rels/workbook.xml.rels` for `xl/workbook.xml`; of the package for "".
  init(of owner: String, in archive: ZIPArchive) throws {
    let name = owner.split(separator: "/").last.map(String.init) ?? ""
    folder = String(owner.dropLast(name.count))
    try super.init("\(folder)_rels/\(name).rels", of: archive)
  }

  override func begin(_ element: Substring, _ attributes: [String: String]) throws {
    guard element == "Relationship", attributes["TargetMode"] != "External" else { return }
    guard let id = attributes["Id"], let type = attributes["Type"], let target = attributes["Target"] else {
      throw malformed("a relation lacks its id, type or target")
    }
    var path: [Substring] = target.hasPrefix("/") ? [] : folder.split(separator: "/")
    for step in target.split(separator: "/") where step != "." {
      if step == ".." { _ = path.popLast() } else { path.append(step) }
    }
    let kind = type.split(separator: "/").last.map(String.init) ?? ""
    relations[id] = Relation(kind: kind, target: path.joined(separator: "/"))
  }

  /// The target of the only relation of a kind, or nil.
  func target(_ kind: String) throws -> String? {
    let targets = relations.values.filter { $0.kind == kind }
    guard targets.count <= 1 else { throw malformed("has \(targets.count) relations of the kind \(kind)") }
    return targets.first?.target
  }
}

/// The number formats of cells.
final class XLSXStyles: XLSXPart {
  /// What each cell format (`cellXfs`) shows.
  private(set) var kinds: [XLSXDates.Kind] = []
  private var custom: [String: XLSXDates.Kind] = [:]
  private var isInCellFormats = false

  override func begin(_ element: Substring, _ attributes: [String: String]) {
    switch element {
    case "numFmt":
      if let id = attributes["numFmtId"], let code = attributes["formatCode"] {
        custom[id] = XLSXDates.kind(code: code)
      }
    case "cellXfs": isInCellFormats = true
    case "xf" where isInCellFormats:
      let id = attributes["numFmtId"] ?? "0"
      kinds.append(custom[id] ?? XLSXDates.kind(builtIn: Int(id) ?? 0))
    default: break
    }
  }

  override func end(_ element: Substring) {
    if element == "cellXfs" { isInCellFormats = false }
  }
}

/// The texts that cells share.
final class XLSXStrings: XLSXPart {
  private(set) var strings: [String] = []
  private var string = ""
  private var phonetic = 0

  override func begin(_ element: Substring, _ attributes: [String: String]) {
    switch element {
    case "si": string = ""
    case "rPh": phonetic += 1
    case "t" where phonetic == 0:
      text = ""
      wantsText = true
    default: break
    }
  }

  override func end(_ element: Substring) {
    switch element {
    case "si": strings.append(XLSXText.unescaped(string))
    case "rPh": phonetic -= 1
    case "t" where wantsText:
      string += text
      wantsText = false
    default: break
    }
  }
}
