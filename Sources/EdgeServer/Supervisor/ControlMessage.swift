/// What parent and server process say to each other, one byte each. After an upgrade the two may be of different versions:
/// bytes keep their meaning for ever, and unknown ones are ignored.
enum ControlMessage: UInt8, Sendable {
    /// To the parent: this process serves, or will when told. Carries the listening socket and the store's lock file.
    case ready = 0x52
    /// To the parent: this process accepts no connection any more.
    case released = 0x45
    /// To the parent: a worker's virtual machine faulted.
    case faulted = 0x46
    /// To the server: accept connections from the inherited socket; nobody else does.
    case serve = 0x41
    /// To the server: load the workers again.
    case reload = 0x4c
    /// To the server: another process has the listening socket; finish, and let idle clients go gently.
    case handOver = 0x44
    /// To the server: finish.
    case stop = 0x53
}
