/// What this is a release of.
public enum Release {
  /// Of libraries and tool; results and pages name it.
  public static let version = "0.1.0"
}
