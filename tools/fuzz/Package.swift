// swift-tools-version: 6.2
import PackageDescription

// A package of its own: with `--sanitize=fuzzer` every executable gets libFuzzer's main, so nothing else may
// be built with it.
let package = Package(
  name: "EinthovenFuzz",
  dependencies: [.package(name: "Einthoven", path: "../..")],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [.product(name: "ECGData", package: "Einthoven")],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
        // No main: libFuzzer has it.
        .unsafeFlags(["-parse-as-library"]),
      ])
  ]
)
