import EdgeIsolate

/// The Lua text that every image begins with; see `prelude.lua`.
enum Prelude {
    static let compiled = CompiledPrelude(PackageResources.prelude_lua)

    /// Names of its entries.
    static let load = "load"
    static let configure = "configure"
    static let dispatch = "dispatch"
}
