import EdgeIsolate

extension LoadDiagnostic {
    /// What a failed build means to the author of the script.
    init(_ error: BuildError, source: WorkerSource, startup: Budget) {
        switch error {
        case .script(let failure):
            let place = Self.place(in: failure.message)
            self.init(
                .error,
                worker: source.name,
                file: place?.file ?? source.entryPath,
                line: place?.line,
                message: place?.rest ?? failure.message
            )
        case .killed(let reason):
            self.init(
                .error,
                worker: source.name,
                file: source.entryPath,
                message: Self.text(reason, startup)
            )
        case .malformedMessage:
            self.init(
                .error,
                worker: source.name,
                file: source.entryPath,
                message: "what the script returned could not be read"
            )
        case .tooManyValues:
            self.init(
                .error,
                worker: source.name,
                file: source.entryPath,
                message: "what the script returned holds more than \(MessageReader.maximumValues) values"
            )
        case .noAddressSpace:
            self.init(
                .error,
                worker: source.name,
                file: source.entryPath,
                message: "no address space is left for its image: raise the limit of virtual memory (ulimit -v)"
            )
        case .noMemory:
            self.init(
                .error,
                worker: source.name,
                file: source.entryPath,
                message: "the system has no memory for its image"
            )
        case .ambiguousHeap:
            self.init(
                .error,
                worker: source.name,
                file: source.entryPath,
                message: "numbers or text in it look like addresses wherever it is built: load it again"
            )
        case .noSignals(let code):
            self.init(
                .error,
                worker: source.name,
                file: source.entryPath,
                message: "the signal handlers that enforce the limits could not be installed (errno \(code))"
            )
        }
    }

    private static func text(_ reason: KillReason, _ startup: Budget) -> String {
        switch reason {
        case .cpu, .wallTime:
            "the top level ran longer than \(startup.cpuMicroseconds / 1000) ms, the limit for loading: "
                + "is there an endless loop? Move work into the handler"
        case .memory:
            "the top level used more than \(startup.memoryBytes >> 20) MB of memory, the limit for loading"
        case .hostCalls:
            "the top level made more than \(startup.hostCalls) host calls, the limit for loading"
        case .fault:
            "the virtual machine failed while it ran the top level"
        case .overload:
            "the memory of all isolates is used up (isolate_memory_mb)"
        }
    }

    /// Splits `workers/a.lua:3: text` into its parts.
    static func place(in message: String) -> (file: String, line: Int, rest: String)? {
        let parts = message.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasSuffix(".lua"), let line = Int(parts[1]) else { return nil }
        return (String(parts[0]), line, String(parts[2].drop { $0 == " " }))
    }
}
