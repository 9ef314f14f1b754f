/// Where the lines of a server go. To be made before the sandbox is.
struct ServerOutput {
    /// What is served, and receipts.
    let output = LineQueue(.output)
    /// The log, and what is wrong with workers.
    let errors = LineQueue(.error)

    /// Writes what waits, as far as somebody reads it.
    func close() {
        self.errors.close()
        self.output.close()
    }
}
