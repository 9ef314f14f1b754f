import EdgeRuntime
import Glibc
import Testing

/// A folder with one worker and a folder for its image, which each load uses as a process of its own would.
struct KeptFolder: Sendable {
    static let script = """
        local answer = require "answer"
        return {
          routes = { "GET /kept/:who" },
          vars = { GREETING = "hello", LIST = { 1, 2, { deep = true } } },
          limits = { cpu_ms = 50, memory_mb = 8 },
          fetch = function(request, env)
            local later = request.query.later and require "later" or ""
            return env.GREETING .. " " .. request.params.who .. " " .. answer() .. " " .. #env.LIST .. later
          end,
        }
        """
    static let right = "hello you 42 3"

    let directory: TemporaryDirectory
    var startup = DeploymentLoader.defaultStartup
    var ceilings = LimitCeilings()

    init() throws {
        self.directory = try TemporaryDirectory()
        try self.write("workers/kept/init.lua", Self.script)
        try self.write("workers/kept/answer.lua", "return function() return 42 end")
        try self.write("workers/kept/later.lua", "return 1")
    }

    var path: String { self.directory.path }

    func write(_ path: String, _ text: String) throws {
        try self.directory.apply(Fixture.FileChange(path: path, content: Array(text.utf8)))
    }

    private var deploymentLoader: DeploymentLoader {
        DeploymentLoader(
            directory: self.path + "/workers",
            startup: self.startup,
            ceilings: self.ceilings,
            observer: RecordingObserver(),
            images: ImageStore(path: self.path + "/images", startup: self.startup) { _ in }
        )
    }

    /// Loads and keeps images, but for the index.
    func load(after previous: Deployment? = nil) throws -> Deployment {
        let loader = self.deploymentLoader
        let deployment = try loader.load(after: previous)
        loader.keepImages(of: deployment)
        return deployment
    }

    /// Makes images and index, as soon as the folder's times are old enough for one.
    func keep() throws {
        let deadline = ContinuousClock.now + .seconds(60)
        repeat {
            guard ContinuousClock.now < deadline else { throw FixtureError("the index is never written") }
            let loader = self.deploymentLoader
            loader.keep(try loader.load(usesIndex: false))
        } while (try? self.file(".index")) == nil
    }

    /// What a server does after a load.
    func keep(_ deployment: Deployment, insteadOf before: Deployment? = nil) {
        self.deploymentLoader.keep(deployment, insteadOf: before)
    }

    /// What `edgehost build` does; whether all is well with the sources.
    func build() throws -> Bool {
        let loader = self.deploymentLoader
        let deployment = try loader.load(usesIndex: false)
        loader.keepAhead(deployment)
        return deployment.isHealthy
    }

    /// What a server does for an image that is lost.
    func restore(_ worker: Worker, in deployment: Deployment) -> LoadedWorker? {
        let loader = self.deploymentLoader
        guard let restored = loader.restore(worker) else { return nil }
        loader.keep(restored, in: deployment.replacing(with: restored.worker))
        return restored
    }

    /// Where the one image is, or the index.
    func file(_ suffix: String = ".image") throws -> String {
        let folder = self.path + "/images"
        let names = try FileSystem.names(in: folder).map { String(decoding: $0, as: UTF8.self) }
        guard let name = names.first(where: { $0.hasSuffix(suffix) }) else {
            throw FixtureError("there is no file of the kind \(suffix)")
        }
        return "\(folder)/\(name)"
    }

    /// The names of all images.
    func files() throws -> [String] {
        try FileSystem.names(in: self.path + "/images").map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.hasSuffix(".image") }
    }

    func read(_ suffix: String = ".image") throws -> [UInt8] {
        let file = try #require(fopen(try self.file(suffix), "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    func overwrite(_ bytes: some Collection<UInt8>, _ suffix: String = ".image") throws {
        let bytes = Array(bytes)
        let file = try #require(fopen(try self.file(suffix), "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    /// What the server does for an image that is lost.
    func loader(after deployment: Deployment) -> any ImageLoader {
        Rebuilding(folder: self, deployment: deployment)
    }

    /// The body of the worker's answer, after its status where that is not 200.
    static func answer(
        _ deployment: Deployment,
        _ target: String = "/kept/you",
        loader: (any ImageLoader)? = nil
    ) -> String {
        let lane = ManualLane(clock: ManualClock(.going))
        var services = RuntimeServices(
            store: HeldStore(clock: lane.clock),
            observer: RecordingObserver(),
            secret: { _ in nil },
            isDevelopment: true
        )
        services.imageLoader = loader
        let dispatcher = Dispatcher(gateway: WorkerGateway(lane: lane, services: services), deployment: deployment)
        let sink = CollectingSink()
        dispatcher.dispatch(HTTPRequest(FixtureRequest(method: "GET", target: target)), sink: sink)
        lane.runUntilQuiet()
        return sink.status == 200 ? sink.text : "\(sink.status ?? 0) \(sink.text)"
    }
}

/// Restores an image that is lost.
private struct Rebuilding: ImageLoader {
    let folder: KeptFolder
    let deployment: Deployment

    func load(_ worker: Worker, _ done: @escaping @Sendable (LoadedWorker?) -> Void) {
        if let loaded = LoadedWorker(worker) { return done(loaded) }
        done(self.folder.restore(worker, in: self.deployment))
    }
}
