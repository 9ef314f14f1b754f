import EdgeStorage

extension ResolvedOptions {
    /// Confines the process to what a server with these options needs, but for the filter of system calls; see
    /// ``Sandbox/confine(_:mode:kernel:)``.
    func confine() throws -> Sandbox {
        // A rule needs a folder to hold on to, and the folder above is closed afterwards.
        try LMDBStore.prepareDirectory(self.data)
        return try Sandbox.confine(SandboxPolicy(self), mode: self.sandbox)
    }
}
