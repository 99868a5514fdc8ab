// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Einthoven",
  products: [
    .library(name: "ECGData", targets: ["ECGData"]),
    .library(name: "ECGTraining", targets: ["ECGTraining"]),
    .executable(name: "einthoven", targets: ["einthoven"]),
  ],
  traits: [
    .trait(name: "FLAC", description: "WFDB signal formats 508, 516 and 524, by libFLAC (libflac-dev)."),
    .trait(name: "HDF5", description: "HDF5 files, by libhdf5 and libdeflate (libhdf5-dev, libdeflate-dev)."),
    .trait(name: "Training", description: "Pretraining and evaluation, on oneDNN (libdnnl-dev)."),
    .default(enabledTraits: ["FLAC", "HDF5", "Training"]),
  ],
  dependencies: [
    // Subcommands, flags and help of the tool.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // SHA-256 of shards, keys and plans.
    .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
    // Recipes.
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    .systemLibrary(name: "CFLAC", pkgConfig: "flac", providers: [.apt(["libflac-dev"])]),
    // The chunks of HDF5 files, half of whose reading is inflating: twice as fast as zlib, but of whole streams only.
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Loops compiled for several instruction sets, chosen when they run.
    .target(name: "CKernels"),
    // The guard is in the C files, so every Swift file above them compiles the same with and without
    // the trait; without it the engine refuses to start and says why.
    .target(
      name: "COneDNN",
      cSettings: [.define("EINTHOVEN_TRAINING", .when(traits: ["Training"]))],
      linkerSettings: [.linkedLibrary("dnnl", .when(traits: ["Training"]))]),
    .target(
      name: "ECGData",
      dependencies: [
        .target(name: "CFLAC", condition: .when(traits: ["FLAC"])),
        .target(name: "CDeflate", condition: .when(traits: ["HDF5"])),
        .target(name: "CHDF5", condition: .when(traits: ["HDF5"])),
        "CKernels", "CZlib", "Yams",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      // Compiled in, so that the tool can be moved without them.
      resources: [.embedInCode("Datasets/Tables")]),
    .target(
      name: "ECGTraining", dependencies: ["COneDNN", "ECGData"],
      // Compiled in, as above.
      resources: [.embedInCode("Recipes")]),
    .executableTarget(
      name: "einthoven",
      dependencies: [
        "ECGData", "ECGTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // `swift run -c release bench GROUP`; part of no product.
    .executableTarget(
      name: "bench",
      dependencies: [
        "CAllocations", "CKernels", "CZlib", "ECGData", "ECGTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "tools/bench", exclude: ["allocations", "peers"]),
    .target(name: "CAllocations", path: "tools/bench/allocations"),
    // Fixtures that the tests share; part of no product.
    .target(name: "TestSupport", dependencies: ["ECGData"], path: "Tests/TestSupport"),
    .testTarget(name: "ECGDataTests", dependencies: ["CKernels", "ECGData", "TestSupport"]),
    .testTarget(name: "ECGTrainingTests", dependencies: ["COneDNN", "ECGTraining", "ECGData"]),
    .testTarget(name: "einthovenTests", dependencies: ["einthoven", "ECGData", "TestSupport"]),
  ]
)

for target in package.targets where target.type != .system {
  var settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
  if Context.environment["EINTHOVEN_WARNINGS_AS_ERRORS"] != nil {
    settings.append(.treatAllWarnings(as: .error))
  }
  target.swiftSettings = settings
}
