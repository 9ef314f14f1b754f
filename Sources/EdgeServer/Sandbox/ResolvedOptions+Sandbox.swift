import EdgeStorage

extension ResolvedOptions {
    /// Confines the process to what a server with these options needs; see ``Sandbox/enter(_:mode:)``.
    func enterSandbox() throws -> Sandbox {
        // A rule needs a folder to hold on to, and the folder above is closed afterwards.
        try LMDBStore.prepareDirectory(self.data)
        return try Sandbox.enter(SandboxPolicy(self), mode: self.sandbox)
    }
}
