internal import ECGData
internal import Foundation

/// The folders of runs below some paths.
struct RunFolders {
  /// Of finished runs, in the order of the paths and then of their names.
  private(set) var finished: [String] = []
  /// Those in which a run was begun, and those of a result without a recipe.
  private(set) var problems: [Report.Problem] = []
  private var known: Set<String> = []

  /// Levels of folders below a path that are looked into.
  private static let depth = 4

  /// - Parameter paths: Folders of runs, or with such below them; hidden ones are left out.
  /// - Throws: `ECGError.Code.notFound` for a path that is no folder, or `invalidArgument` for one without a run.
  init(_ paths: [String]) throws {
    for path in paths {
      let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      guard RunFolders.isFolder(path) else {
        throw ECGError(.notFound, "is no folder", file: path, advice: "name a run, or a folder with runs")
      }
      guard look(into: path, depth: RunFolders.depth) else {
        throw ECGError(
          .invalidArgument,
          "holds no run: neither it nor a folder up to \(RunFolders.depth) levels below has \(RunDirectory.recipe)",
          file: path, advice: "name a run of evaluate or pretrain, or a folder with such")
      }
    }
  }

  /// Whether anything was found.
  private mutating func look(into path: String, depth: Int) -> Bool {
    let names = TextFile.list(path)
    let (hasRecipe, hasResult) = (names.contains(RunDirectory.recipe), names.contains(RunDirectory.result))
    if hasRecipe && hasResult || hasRecipe && names.contains(RunDirectory.metrics)
      || hasResult && names.contains(RunDirectory.predictions)
    {
      // The same folder may be below two of the paths.
      guard known.insert(URL(filePath: path).resolvingSymlinksInPath().path()).inserted else { return true }
      if hasRecipe && hasResult {
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
      if look(into: "\(path)/\(name)", depth: depth - 1) { isFound = true }
    }
    return isFound
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
