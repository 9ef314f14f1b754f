import EdgeServer

/// Commands that start a server, or are about all workers.
extension Command {
    static let serve = Command(
        name: "serve",
        abstract: "Serve the workers; SIGHUP loads them again. (default)",
        parameters: ServerParameters.server
    ) { arguments in
        try Server.run(ServerOptions(arguments))
    }

    static let dev = Command(
        name: "dev",
        abstract: "Serve the workers and load them again whenever a file changes; errors are shown in responses.",
        parameters: ServerParameters.server
    ) { arguments in
        try Server.run(ServerOptions(arguments, isDevelopment: true))
    }

    static let check = Command(
        name: "check",
        abstract: "Load all workers and report what is wrong.",
        parameters: ServerParameters.common
    ) { arguments in
        try CheckCommand.run(ServerOptions(arguments)) ? 0 : 1
    }

    static let build = Command(
        name: "build",
        abstract: "Make the images of all workers, so that a server starts without running them.",
        parameters: ServerParameters.common + [images]
    ) { arguments in
        try BuildCommand.run(ServerOptions(arguments)) ? 0 : 1
    }

    private static let images = Parameter.option(
        ServerParameters.data.name,
        "The data folder that keeps them. (default: ./.edgehost)"
    )

    static let sandbox = Command(
        name: "sandbox",
        abstract:
            "Confine a process as the server would be, and try what it can still do; status 1 if more than it should.",
        parameters: ServerParameters.server + [json]
    ) { arguments in
        try SandboxCommand.run(ServerOptions(arguments), json: arguments.flag(json) ?? false) ? 0 : 1
    }

    private static let json = Parameter.flag("json", "Print JSON.")
}
