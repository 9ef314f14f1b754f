// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
// Without the module of regular expressions, which every file has otherwise: one search for a text in a text links all of it, and a
// start pays for what is linked (docs/decisions/0030-own-command-line.md).
let lean: [SwiftSetting] =
    strict + [.unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"])]
let strictC: [CSetting] = [.treatAllWarnings(as: .error)]

// `make test-tsan` sets it: ThreadSanitizer needs another layout of address space, and can't look into code that a signal
// handler leaves by a jump. docs/HACKING.md says more.
let isThreadSanitized = Context.environment["EDGEHOST_SANITIZE"] == "thread"
let guestText = Context.packageDirectory + "/Sources/CIsolate/guest_text.h"
let sanitizedC: [CSetting] = [
    .define("EDGE_THREAD_SANITIZER"), .unsafeFlags(["-fno-sanitize=thread", "-include", guestText]),
]
let isolateC: [CSetting] = isThreadSanitized ? strictC + sanitizedC : strictC
let storage: [SwiftSetting] = isThreadSanitized ? lean + [.define("EDGE_THREAD_SANITIZER")] : lean

// What the loader does before `main` is a good part of a start: no symbol is exported, so that few are looked up, and none is looked
// up later, in the middle of a guest.
let linking = [
    "-use-ld=lld", "-Xclang-linker", "-static-libgcc", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker",
    "now",
]

let package = Package(
    name: "edgehost",
    products: [.executable(name: "edgehost", targets: ["edgehost"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .target(
            name: "CIsolate",
            cSettings: isolateC,
            linkerSettings: [
                .linkedLibrary(":liblua5.4.a"), .linkedLibrary("m"),
                // What tells one executable from another; images in files are for the one that wrote them.
                .unsafeFlags(["-Xlinker", "--build-id=sha1"]),
            ]
        ),
        .target(name: "CProcess", cSettings: strictC),
        .systemLibrary(name: "CLMDB", providers: [.apt(["liblmdb-dev"])]),
        .target(name: "EdgeIsolate", dependencies: ["CIsolate"], swiftSettings: lean),
        .target(name: "EdgeStorage", dependencies: ["CLMDB"], swiftSettings: storage),
        .target(
            name: "EdgeRuntime",
            dependencies: ["EdgeIsolate", "EdgeStorage"],
            resources: [.embedInCode("Prelude/prelude.lua")],
            swiftSettings: lean
        ),
        .target(
            name: "EdgeServer",
            dependencies: [
                "CProcess", "EdgeRuntime", "EdgeStorage",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: lean
        ),
        .executableTarget(
            name: "edgehost",
            dependencies: ["EdgeServer"],
            swiftSettings: lean,
            linkerSettings: [.unsafeFlags(linking, .when(platforms: [.linux], configuration: .release))]
        ),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(
            name: "EdgehostTests",
            dependencies: ["edgehost", "EdgeServer"],
            swiftSettings: strict
        ),
        .testTarget(name: "EdgeStorageTests", dependencies: ["EdgeStorage"], swiftSettings: strict),
        .testTarget(name: "EdgeIsolateTests", dependencies: ["EdgeIsolate"], swiftSettings: strict),
        .testTarget(
            name: "EdgeRuntimeLoadingTests",
            dependencies: ["EdgeRuntime", "EdgeServer", "EdgeIsolate"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FixtureTests",
            dependencies: [
                "EdgeServer", "EdgeRuntime", "EdgeStorage", "EdgeIsolate",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HostileTests",
            dependencies: [
                "EdgeServer", "EdgeRuntime", "EdgeStorage",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["EdgeServer", "EdgeRuntime", "EdgeStorage", "EdgeIsolate"],
            exclude: ["Corpus", "Driver"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EdgeServerBenchTests",
            dependencies: [
                "EdgeServer", "EdgeRuntime",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EdgeServerHTTPTests",
            dependencies: [
                "EdgeServer", "EdgeRuntime",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
