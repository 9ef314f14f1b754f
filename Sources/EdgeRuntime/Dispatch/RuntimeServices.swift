import EdgeIsolate
import EdgeStorage

/// What the gateways of all lanes share.
public struct RuntimeServices: Sendable {
    public var store: any KeyValueStore
    public var observer: any InvocationObserver
    public var clock: RuntimeClock
    /// Where requests wait that are too long for their lane.
    public var background: BackgroundQueue
    /// Loads images that are not in memory; nil where a lane does so itself, whatever their size.
    public var imageLoader: (any ImageLoader)?
    /// The value of a declared secret, nil where the host has none.
    public var secret: @Sendable (String) -> String?
    /// In development answers tell what failed, and how long things took.
    public var isDevelopment: Bool
    /// How long a guest may run on its lane before it is moved to a background thread.
    public var sliceNanoseconds: UInt64 = 2_000_000
    /// How many isolates one lane may hold, running and suspended.
    public var maximumIsolatesPerLane = 8192

    public init(
        store: any KeyValueStore,
        observer: any InvocationObserver,
        clock: RuntimeClock = .system,
        background: BackgroundQueue = BackgroundQueue(threads: 1),
        secret: @escaping @Sendable (String) -> String?,
        isDevelopment: Bool
    ) {
        self.store = store
        self.observer = observer
        self.clock = clock
        self.background = background
        self.secret = secret
        self.isDevelopment = isDevelopment
    }

    /// Sets the most that the isolates of all lanes of this process may take together.
    public static func limitIsolateMemory(to bytes: Int) {
        IsolateMemory.setCeiling(bytes)
    }
}
