/// Finds the records that have one signal, among all that a validation sees.
///
/// - Complexity: time O(n log n) and some 100 bytes a record for n records, and two readings of each that may be a copy.
struct Duplicates {
  /// What is told of a record.
  struct Subject {
    /// Its id, and where it is if there are several collections.
    var name: String
    var fold: UInt8
    var codes: [String]
  }

  /// Of a record that is like many, so many different ones are compared with it at most.
  private static let mostCompared = 16

  private let fingerprints: [SignalFingerprint]
  private let subject: (Int) -> Subject
  private let signal: (Int) throws -> PhysicalSignal
  /// For each record an earlier one of its group, or itself if it is the first: a forest whose roots are ``root(_:)``.
  private var parent: [Int]

  /// - Parameters:
  ///   - fingerprints: of all records.
  ///   - subject: what is told of a record, by its place among the fingerprints.
  ///   - signal: a record's samples; one that cannot be read again is no copy.
  init(
    _ fingerprints: [SignalFingerprint], subject: @escaping (Int) -> Subject,
    signal: @escaping (Int) throws -> PhysicalSignal
  ) {
    self.fingerprints = fingerprints
    self.subject = subject
    self.signal = signal
    parent = Array(fingerprints.indices)
  }

  /// A copy that is not exact.
  private struct Likeness {
    var record: Int
    var original: Int
    var scale: Double
    var rates: (Double, Double)
  }

  /// A finding for each group of equal signals, each copy that is none but for size, offset or rate, and each group whose
  /// labels differ or whose folds do; in the order of the records.
  mutating func findings(_ interruption: Interruption = Interruption()) throws -> [Finding] {
    let equal = exactGroups()
    let alike = try likenesses(interruption)
    var findings: [(place: Int, finding: Finding)] = equal.map { group in
      (
        group[0],
        Finding(
          record: subject(group[0]).name, rule: .signalDuplicate,
          "has the same signal as \(names(group.dropFirst()))")
      )
    }
    for copy in alike {
      let original = subject(copy.original).name
      let rates = copy.rates.0 == copy.rates.1 ? "" : ", at \(copy.rates.1) Hz instead of \(copy.rates.0) Hz"
      // Resampling smooths; it hardly changes the size.
      let size = abs(copy.scale - 1) < 0.05 ? "" : " at \((copy.scale * 100).rounded() / 100) of its size"
      findings.append(
        (
          copy.record,
          Finding(
            record: subject(copy.record).name, rule: .signalNearDuplicate,
            "has the signal of \(original)\(size)\(rates), but for an offset or rounding")
        ))
    }
    var groups: [Int: Set<Int>] = [:]
    for record in equal.joined() { groups[root(record), default: []].insert(record) }
    for record in alike.flatMap({ [$0.record, $0.original] }) {
      groups[root(record), default: []].insert(record)
    }
    for (first, group) in groups { findings += conflicts(group.sorted()).map { (first, $0) } }
    return findings.sorted { ($0.place, $0.finding.rule.rawValue) < ($1.place, $1.finding.rule.rawValue) }
      .map(\.finding)
  }

  private func names(_ group: some Sequence<Int>) -> String {
    group.map { subject($0).name }.joined(separator: " ")
  }

  /// Records of one digest, the first of each group for all.
  private mutating func exactGroups() -> [[Int]] {
    let order = fingerprints.indices.filter { fingerprints[$0].moves }.sorted { left, right in
      let (a, b) = (fingerprints[left].digest, fingerprints[right].digest)
      return (a.x, a.y, left) < (b.x, b.y, right)
    }
    var groups: [[Int]] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, fingerprints[order[end]].digest == fingerprints[order[start]].digest {
        end += 1
      }
      if end - start > 1 {
        groups.append(Array(order[start..<end]))
        for member in order[start..<end] { parent[member] = order[start] }
      }
      start = end
    }
    return groups.sorted { $0[0] < $1[0] }
  }

  /// The first record of a group of groups.
  private func root(_ record: Int) -> Int {
    var record = record
    while parent[record] != record { record = parent[record] }
    return record
  }

  /// Records, the first of their equals, that are copies of earlier ones.
  private mutating func likenesses(_ interruption: Interruption) throws -> [Likeness] {
    var found: [Likeness] = []
    var refused: Set<SIMD2<Int>> = []
    for table in 0..<SIMD8<UInt32>.scalarCount {
      var order: [(key: UInt32, record: UInt32)] = []
      for (record, fingerprint) in fingerprints.enumerated() where parent[record] == record {
        guard let keys = fingerprint.keys else { continue }
        order.append((keys[table], UInt32(truncatingIfNeeded: record)))
      }
      order.sort { $0 < $1 }
      var start = 0
      while start < order.count {
        var end = start + 1
        while end < order.count, order[end].key == order[start].key { end += 1 }
        if end - start > 1 {
          try compare(order[start..<end].map { Int($0.record) }, &found, &refused, interruption)
        }
        start = end
      }
    }
    return found
  }

  /// Compares records of one key with those before them that are no copies of each other.
  private mutating func compare(
    _ records: [Int], _ found: inout [Likeness], _ refused: inout Set<SIMD2<Int>>,
    _ interruption: Interruption
  ) throws {
    var originals: [(record: Int, signal: PhysicalSignal)] = []
    for record in records {
      try interruption.check("nothing is told")
      let pending = originals.filter {
        root($0.record) != root(record) && !refused.contains(SIMD2($0.record, record))
      }
      if originals.contains(where: { root($0.record) == root(record) }) { continue }
      guard let copy = try? signal(record) else { continue }
      let match = pending.lazy.compactMap { original in
        SignalFingerprint.scale(of: copy, asCopyOf: original.signal).map { (original, $0) }
      }.first
      if let (original, scale) = match {
        let (one, other) = (root(original.record), root(record))
        parent[max(one, other)] = min(one, other)
        found.append(
          Likeness(
            record: record, original: original.record, scale: scale, rates: (original.signal.rate, copy.rate))
        )
      } else {
        for original in pending { refused.insert(SIMD2(original.record, record)) }
        if originals.count < Duplicates.mostCompared { originals.append((record, copy)) }
      }
    }
  }

  /// What is wrong with the labels and folds of records with one signal.
  private func conflicts(_ group: [Int]) -> [Finding] {
    let subjects = group.map(subject)
    var findings: [Finding] = []
    let labelled = subjects.filter { Duplicates.disagree(subjects[0].codes, $0.codes) }
    if let other = labelled.first {
      // Copies with the first one's labels belong to the conflict, too.
      let same = subjects.dropFirst().filter { subject in !labelled.contains { $0.name == subject.name } }
      let here = same.isEmpty ? "here" : "here and in " + same.map(\.name).joined(separator: " ")
      findings.append(
        Finding(
          record: subjects[0].name, rule: .labelsDuplicateConflict,
          "with the same signal \(labelled.map(\.name).joined(separator: " ")) has other labels:"
            + " \(Duplicates.list(subjects[0].codes)) \(here),"
            + " \(Duplicates.list(other.codes)) there"))
    }
    let apart = subjects.filter { $0.fold > 0 && subjects[0].fold > 0 && $0.fold != subjects[0].fold }
    if !apart.isEmpty {
      let places = apart.map { "\($0.name) in fold \($0.fold)" }.joined(separator: ", ")
      findings.append(
        Finding(
          record: subjects[0].name, rule: .splitDuplicateLeak,
          "is in fold \(subjects[0].fold), with the same signal \(places)"))
    }
    return findings
  }

  private static func list(_ codes: [String]) -> String {
    codes.isEmpty ? "none" : codes.sorted().joined(separator: " ")
  }

  /// Whether two records' labels differ in a code system that both use.
  private static func disagree(_ one: [String], _ other: [String]) -> Bool {
    func system(_ code: String) -> Substring { code.prefix { $0 != ":" } }
    let shared =
      one.isEmpty || other.isEmpty
      ? Set((one + other).map(system)) : Set(one.map(system)).intersection(other.map(system))
    return Set(one.filter { shared.contains(system($0)) })
      != Set(other.filter { shared.contains(system($0)) })
  }
}
