extension Sample {
    static let imports: [Sample] = [
        Sample(
            .importGraph,
            "each target may import the one below",
            [
                SourceFile("Sources/edgehost/Main.swift", "import EdgeServer\nimport Glibc\n"),
                SourceFile("Sources/EdgeServer/A.swift", "import EdgeRuntime\nimport NIOPosix\nimport Logging\n"),
                SourceFile(
                    "Sources/EdgeRuntime/A.swift",
                    "internal import EdgeIsolate\nimport struct EdgeStorage.Key\n"
                ),
                SourceFile("Sources/EdgeIsolate/A.swift", "@preconcurrency import CIsolate\nimport Synchronization\n"),
                SourceFile("Sources/EdgeStorage/A.swift", "import CLMDB\nimport Glibc\n"),
                SourceFile("Tests/EdgeServerTests/A.swift", "import Foundation\n@testable import EdgeIsolate\n"),
            ]
        ),
        Sample(
            .importGraph,
            "the command line sees the server alone",
            "Sources/edgehost/A.swift",
            "import EdgeServer\nimport EdgeRuntime\nimport NIOCore\nimport Logging\n",
            lines: [2, 3, 4]
        ),
        Sample(
            .importGraph,
            "the server does not reach past the runtime",
            "Sources/EdgeServer/A.swift",
            "import EdgeIsolate\nimport CLMDB\nimport edgehost\n",
            lines: [1, 2, 3]
        ),
        Sample(
            .importGraph,
            "the runtime knows no sockets",
            "Sources/EdgeRuntime/A.swift",
            "import NIOCore\n@preconcurrency import NIOPosix\nimport CIsolate\n",
            lines: [1, 2, 3]
        ),
        Sample(
            .importGraph,
            "storage knows no Lua",
            "Sources/EdgeStorage/A.swift",
            "import EdgeIsolate\nimport EdgeRuntime\n",
            lines: [1, 2]
        ),
        Sample(
            .importGraph,
            "isolates know neither channels nor Foundation",
            "Sources/EdgeIsolate/A.swift",
            "import NIOCore\nimport Foundation\npublic import struct Foundation.Data\nimport FoundationEssentials\n",
            lines: [1, 2, 3, 4]
        ),
        Sample(.importGraph, "a new target needs an entry", "Sources/EdgeExtra/A.swift", "let a = 1\n", lines: [0]),
        Sample(
            .importGraph,
            "comments and strings import nothing",
            "Sources/EdgeIsolate/A.swift",
            "// import Foundation\nlet a = \"\"\"\n    import Foundation\n    \"\"\"\n"
        ),
        Sample(
            .luaHeaders,
            "private files of CIsolate",
            [
                SourceFile("Sources/CIsolate/lua.c", "#include <lua5.4/lua.h>\n#include \"lauxlib.h\"\n"),
                SourceFile("Sources/CIsolate/internal.h", "#include <lua5.4/lua.h>\n"),
                SourceFile("Sources/CIsolate/include/edge.h", "/* never #include <lua.h> */\n#include <stdint.h>\n"),
            ]
        ),
        Sample(
            .luaHeaders,
            "the public header",
            "Sources/CIsolate/include/edge.h",
            "#include <stdint.h>\n#include <lua5.4/lua.h>\n# include \"lualib.h\"\n",
            lines: [2, 3]
        ),
        Sample(.luaHeaders, "another target", "Sources/CLMDB/shim.h", "#include \"lua.h\"\n", lines: [1]),
    ]
}
