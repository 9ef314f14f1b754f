extension Sample {
    private static let source = "Sources/EdgeServer/A.swift"

    static let safety: [Sample] = [
        Sample(.noForce, "named in strings and comments", source, "// try! as!\nlet a = \"try! as! \\(b as? C)\"\n"),
        Sample(.noForce, "in code", source, "let a = try! b()\nlet c = d as! E\n", lines: [1, 2]),
        Sample(.noForce, "in an interpolation", source, "let a = \"x \\(try! b(\")\")) y\"\n", lines: [1]),
        Sample(.noForce, "in a test", "Tests/EdgeServerTests/A.swift", "let a = try! b()\n", lines: [1]),

        Sample(.noPrinting, "a method of that name", source, "func print(_ text: String) {}\nlet a = fingerprint(b)\n"),
        Sample(.noPrinting, "the command line prints", "Sources/edgehost/A.swift", "print(1)\n"),
        Sample(.noPrinting, "a library", source, "print(1)\nSwift.print(2)\ndebugPrint(3)\n", lines: [1, 2, 3]),

        Sample(
            .reasonBesideUnchecked,
            "reasons",
            source,
            """
            // Sendable: written before the thread starts, read-only afterwards.
            final class A: @unchecked Sendable {}
            /// What it is for. Guarded by `lock`.
            @usableFromInline
            final class B<T>:
                C, @unchecked Sendable
            {
                // Only the writer thread touches it.
                nonisolated(unsafe) var a = 1
                nonisolated(unsafe) var b = 1  // Behind the mutex.
            }

            """
        ),
        Sample(
            .reasonBesideUnchecked,
            "none, one that belongs to something else, one that says nothing of sharing",
            source,
            """
            final class A: @unchecked Sendable {}
            // Behind the lock.
            let a = 1
            nonisolated(unsafe) var b = 1
            // Behind the lock.

            final class C: @unchecked Sendable {}
            /// A pool of slots.
            final class D: @unchecked Sendable {}

            """,
            lines: [1, 4, 7, 9]
        ),
    ]
}
