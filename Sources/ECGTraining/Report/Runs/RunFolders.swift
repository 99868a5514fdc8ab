internal import ECGData
internal import Foundation

/// The folders of runs below some paths.
struct RunFolders {
  /// Of finished runs, in the order of the paths and then of their names.
  private(set) var finished: [String] = []
  /// Those in which a run was begun, and those of a result without a recipe.
  private(set) var problems: [Report.Problem] = []
  /// Places of runs that are in either, without links.
  private var known: Set<String> = []
  /// Places that were looked into, without links: how deep, and whether anything was found.
  private var seen: [String: (depth: Int, isFound: Bool)] = [:]

  /// Levels of folders below a path that are looked into.
  private static let depth = 4

  /// - Parameters:
  ///   - paths: Folders of runs, or with such below them; hidden ones are left out.
  ///   - interruption: Asks for an end.
  /// - Throws: `ECGError.Code.notFound` for a path that is no folder, `invalidArgument` for one without a run, or `interrupted`.
  init(_ paths: [String], _ interruption: Interruption) throws {
    for path in paths {
      let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      guard RunFolders.isFolder(path) else {
        throw ECGError(.notFound, "is no folder", file: path, advice: "name a run, or a folder with runs")
      }
      guard try look(into: path, depth: RunFolders.depth, interruption) else {
        throw ECGError(
          .invalidArgument,
          "holds no run: neither it nor a folder up to \(RunFolders.depth) levels below has \(RunDirectory.recipe)",
          file: path, advice: "name a run of evaluate or pretrain, or a folder with such")
      }
    }
  }

  /// Whether anything was found.
  private mutating func look(into path: String, depth: Int, _ interruption: Interruption) throws -> Bool {
    try interruption.check(Report.interrupted)
    let place = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    // The same folder may be below two of the paths, and a link may lead to one above it: nothing new is there.
    if let before = seen[place], before.depth >= depth { return before.isFound }
    seen[place] = (depth, false)
    let names = TextFile.list(path)
    if RunFolders.isRun(names) {
      seen[place] = (RunFolders.depth, true)
      guard known.insert(place).inserted else { return true }
      let hasRecipe = names.contains(RunDirectory.recipe)
      if hasRecipe && names.contains(RunDirectory.result) {
        finished.append(path)
      } else {
        problems.append(
          Report.Problem(
            path: path,
            message: hasRecipe
              ? "is not finished: it has no \(RunDirectory.result)" : "has no \(RunDirectory.recipe)"))
      }
      return true
    }
    var isFound = false
    for name in names where depth > 0 && RunFolders.isFolder("\(path)/\(name)") {
      if try look(into: "\(path)/\(name)", depth: depth - 1, interruption) { isFound = true }
    }
    seen[place] = (depth, isFound)
    return isFound
  }

  /// Whether a folder with these names in it is a run's, finished or not.
  static func isRun(_ names: [String]) -> Bool {
    let (hasRecipe, hasResult) = (names.contains(RunDirectory.recipe), names.contains(RunDirectory.result))
    return hasRecipe && hasResult || hasRecipe && names.contains(RunDirectory.metrics)
      || hasResult && names.contains(RunDirectory.predictions)
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
