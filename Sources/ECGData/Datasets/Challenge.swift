/// The training data of the PhysioNet/CinC challenges of 2020 and 2021: WFDB headers over MATLAB v4 matrices.
///
/// Source: Perez Alday et al., Physiol. Meas. 41, 124003, 2020; Reyna et al., Computing in Cardiology 48, 2021.
///
/// Eight collections, told apart by the first letters of a record's name; a folder may hold one or all of them, at any
/// depth. No patient is named, so no split by patient is possible. The source tells no folds.
public struct Challenge: WFDBDataset {
  /// A collection of the challenge.
  struct Family: Sendable {
    /// What the names of its records begin with, digits following.
    let prefix: String
    /// The collection.
    let name: String
    /// Sampling rate in Hz.
    let rate: Double
    /// Duration in seconds, if all records have the same.
    let duration: Double?
  }

  static let families = [
    Family(prefix: "A", name: "CPSC", rate: 500, duration: nil),
    Family(prefix: "Q", name: "CPSC-Extra", rate: 500, duration: nil),
    Family(prefix: "I", name: "INCART", rate: 257, duration: 1800),
    Family(prefix: "S", name: "PTB", rate: 1000, duration: nil),
    Family(prefix: "HR", name: "PTB-XL", rate: 500, duration: 10),
    Family(prefix: "E", name: "Georgia", rate: 500, duration: nil),
    Family(prefix: "JS", name: "Chapman-Shaoxing and Ningbo", rate: 500, duration: 10),
  ]

  /// The collection of a record by its name; nil for names of another kind.
  static func family(of name: String) -> Family? {
    let letters = name.prefix { !$0.isNumber }
    let digits = name.dropFirst(letters.count)
    guard (4...5).contains(digits.count), digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return families.first { $0.prefix == letters }
  }

  /// The name of a record that has one of its own, from the path that it may be known by.
  static func family(ofRecord id: String) -> Family? { family(of: File.name(of: id)) }

  /// `challenge`.
  public static let name = "challenge"
  /// The collections found, by the names of the headers.
  public let recognition: String
  /// What the user told of the source.
  public let options: SourceOptions
  /// `SHA256SUMS.txt`, if it is there.
  public let publishedDigests: [String: String]
  let tree: WFDBTree

  /// Opens a folder whose records all are named as those of the challenges.
  public static func open(_ root: String, options: SourceOptions) throws -> Challenge? {
    let headers = WFDBTree.headers(below: root)
    let found = headers.map { family(of: String(File.name(of: $0).dropLast(4))) }
    guard !headers.isEmpty, found.allSatisfy({ $0 != nil }) else { return nil }
    let names = families.filter { family in found.contains { $0?.prefix == family.prefix } }.map {
      "\($0.prefix)* (\($0.name))"
    }
    return Challenge(
      recognition: "headers named \(names.joined(separator: ", "))", options: options,
      publishedDigests: try SHA256Sums.read(File.join(root, SHA256Sums.fileName)),
      tree: try WFDBTree(root, headers: headers, errata: Errata.of(name)) { record in
        record.attributes["collection"] = Challenge.collection(of: record.id)
      })
  }

  /// By the collection.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) {
    let family = Challenge.family(ofRecord: record.id)
    return (family?.rate, family?.duration)
  }

  /// The collection's name; Chapman–Shaoxing is JS00001 to JS10646, Ningbo what follows.
  static func collection(of id: String) -> String? {
    guard let family = family(ofRecord: id) else { return nil }
    guard family.prefix == "JS", let number = Int(File.name(of: id).dropFirst(2)) else { return family.name }
    return number <= 10_646 ? "Chapman-Shaoxing" : "Ningbo"
  }
}
