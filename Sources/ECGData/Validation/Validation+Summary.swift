extension Validation.Report {
  /// How often a rule was broken at one severity.
  public struct RuleCount: Sendable, Equatable {
    /// The rule.
    public var rule: Rule
    /// How much these findings matter: a rule may have rows of several severities.
    public var severity: Severity
    /// How many there are.
    public var findings: Int { byPart.reduce(0, +) }
    /// Records, or files where no record is concerned, that have one.
    public var records: Int
    /// Findings of each path and, last, of the records of all paths beside each other.
    public var byPart: [Int]
  }

  /// A record, or a file where no record is concerned, with what was found in it.
  public struct Subject: Sendable {
    /// Which of the paths it belongs to.
    public var part: Int
    /// The record's id, or the file.
    public var record: String
    /// What was found, errors first; never empty.
    public var findings: [Finding]

    /// The worst finding's severity.
    public var severity: Severity { findings.first?.severity ?? .note }

    /// The rules that are broken, the worst first, with how often if that is more than once: `leads.flat, samples.zero ×2`.
    public var rules: String {
      var counts: [Rule: Int] = [:]
      for finding in findings { counts[finding.rule, default: 0] += 1 }
      var seen: Set<Rule> = []
      return findings.map(\.rule).filter { seen.insert($0).inserted }.map { rule in
        let count = counts[rule] ?? 1
        return rule.rawValue + (count > 1 ? " ×\(count)" : "")
      }.joined(separator: ", ")
    }
  }

  /// The broken rules: errors first, then those with the most findings.
  public var ruleCounts: [RuleCount] {
    struct Row: Hashable {
      var rule: Rule
      var severity: Severity
    }
    var counts: [Row: RuleCount] = [:]
    for subject in parts.enumerated().flatMap({ grouped($1.findings, part: $0) })
      + grouped(comparison, part: parts.count)
    {
      var seen: Set<Row> = []
      for finding in subject.findings {
        let row = Row(rule: finding.rule, severity: finding.severity)
        let none = [Int](repeating: 0, count: parts.count + 1)
        var count =
          counts[row] ?? RuleCount(rule: row.rule, severity: row.severity, records: 0, byPart: none)
        count.byPart[subject.part] += 1
        if seen.insert(row).inserted { count.records += 1 }
        counts[row] = count
      }
    }
    return counts.values.sorted {
      ($1.severity, $1.findings, $0.rule.rawValue) < ($0.severity, $0.findings, $1.rule.rawValue)
    }
  }

  /// All records and files with findings, the worst first: by their worst finding, then by how many they have, then in the
  /// order of the paths and their collections.
  public var subjects: [Subject] {
    let all = parts.enumerated().flatMap { grouped($1.findings, part: $0) }
    let order = all.indices.sorted {
      (all[$1].severity, all[$1].findings.count, $0) < (all[$0].severity, all[$0].findings.count, $1)
    }
    return order.map { all[$0] }
  }

  /// Findings by what they are about, in the order of first findings.
  private func grouped(_ findings: [Finding], part: Int) -> [Subject] {
    var places: [String: Int] = [:]
    var subjects: [Subject] = []
    for finding in findings {
      if let place = places[finding.record] {
        subjects[place].findings.append(finding)
      } else {
        places[finding.record] = subjects.count
        subjects.append(Subject(part: part, record: finding.record, findings: [finding]))
      }
    }
    for place in subjects.indices where subjects[place].findings.count > 1 {
      let own = subjects[place].findings
      subjects[place].findings = Severity.allCases.reversed().flatMap { severity in
        own.filter { $0.severity == severity }
      }
    }
    return subjects
  }
}
