import Glibc
import NIOSSL
import Synchronization

/// The certificate that new connections are served with. The files may change while it is in use.
public final class TLSCredentials: Sendable {
    /// What a look at the files came to.
    enum Refresh: Equatable {
        case unchanged
        /// New connections get the new certificate, which is good until then, in Unix seconds.
        case replaced(expiry: Int)
        /// The files can't be used; the certificate from before stays.
        case failed(TLSFilesError)
    }

    private struct State {
        var context: NIOSSLContext
        var expiry: Int
        /// The files as they were when they were last read, good or bad.
        var read: TLSFiles.Identity
        /// The files as they were at the last look, when they had changed: a renewal writes two of them, so they are read
        /// when they have stayed the same from one look to the next.
        var seen: TLSFiles.Identity?
    }

    let files: TLSFiles
    private let state: Mutex<State>

    /// Reads the files; throws when they can't be used.
    public init(_ files: TLSFiles) throws(TLSFilesError) {
        self.files = files
        let identity = TLSFiles.Identity(files)
        let loaded = try TLSContextLoader.load(files)
        self.state = Mutex(State(context: loaded.context, expiry: loaded.expiry, read: identity, seen: nil))
    }

    /// For the next connection.
    var context: NIOSSLContext {
        self.state.withLock { $0.context }
    }

    /// When the certificate in use ends, in Unix seconds.
    var expiry: Int {
        self.state.withLock { $0.expiry }
    }

    /// Looks at the files, and reads them when they have changed and have come to rest. Called on one thread at a time; it
    /// blocks on the disk, so never on an event loop.
    ///
    /// - Parameter isForced: reads them in any case.
    func refresh(isForced: Bool = false) -> Refresh {
        let identity = TLSFiles.Identity(self.files)
        let isDue = self.state.withLock { state in
            let hasSettled = identity != state.read && identity == state.seen
            state.seen = identity
            return isForced || hasSettled
        }
        guard isDue else { return .unchanged }
        do throws(TLSFilesError) {
            let loaded = try TLSContextLoader.load(self.files)
            self.state.withLock { state in
                (state.context, state.expiry, state.read) = (loaded.context, loaded.expiry, identity)
            }
            return .replaced(expiry: loaded.expiry)
        } catch {
            self.state.withLock { $0.read = identity }
            return .failed(error)
        }
    }
}
