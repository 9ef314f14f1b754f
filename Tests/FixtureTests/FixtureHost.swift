import EdgeIsolate
import EdgeRuntime
import Testing

/// Something that serves the workers of a fixture.
protocol FixtureHost {
    /// Loads the workers directory as it is now; requests from now on see it.
    mutating func load() throws -> [LoadDiagnostic]
    /// Sends one request and waits for the whole response.
    mutating func send(_ request: FixtureRequest) throws -> ActualResponse
    /// Waits for the end of the invocation whose response came last.
    mutating func finish() throws
    mutating func stop() throws
}

/// A client of one connection.
protocol FixtureClient: AnyObject {
    /// Whether another request may be sent.
    var isOpen: Bool { get }
    func send(_ request: FixtureRequest) throws
    func receive(to request: FixtureRequest) throws -> ActualResponse
}

/// What the hosts make of a fixture's settings.
struct FixtureSetting: Sendable {
    let settings: Fixture.Settings
    let directory: TemporaryDirectory
    let observer: RecordingObserver

    func loader(clock: RuntimeClock, images: ImageStore? = nil) -> DeploymentLoader {
        DeploymentLoader(
            directory: self.directory.path + "/workers",
            startup: self.startup,
            clock: clock,
            observer: self.observer,
            images: images
        )
    }

    private var startup: Budget {
        var startup = DeploymentLoader.defaultStartup
        self.settings.startupMilliseconds.map { startup.cpuMicroseconds = $0 * 1000 }
        self.settings.startupMegabytes.map { startup.memoryBytes = $0 << 20 }
        return startup
    }

    /// Images beside the workers.
    var imageStore: ImageStore? {
        ImageStore(path: self.directory.path + "/images", startup: self.startup) { Issue.record("\($0)") }
    }

    func adjust(_ services: inout RuntimeServices) {
        self.settings.isolates.map { services.maximumIsolatesPerLane = $0 }
    }
}
