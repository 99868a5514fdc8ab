import ArgumentParser

/// The command-line tool.
@main
struct Einthoven: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "einthoven", abstract: "12-lead ECG data.")
}
