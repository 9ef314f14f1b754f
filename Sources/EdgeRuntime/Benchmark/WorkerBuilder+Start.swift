import EdgeIsolate

extension WorkerBuilder {
    /// Starts a worker without an image, to the point where it would be frozen; its log is dropped with it.
    func start(_ source: WorkerSource, manifest: Manifest) throws(BuildError) -> IsolateBuilder {
        var requests = ModuleRequests(source: source)
        let isolate = try IsolateBuilder.boot(
            budget: self.startup,
            prelude: Prelude.compiled,
            operations: HostOperation.table
        )
        _ = try self.runTopLevel(isolate, source, &requests)
        try self.configure(isolate, manifest)
        return isolate
    }
}
