import Glibc
import Logging
import NIOCore
import NIOPosix

/// Looks at the certificate's files from time to time, on the loading thread, and says in the log what came of it.
///
/// It polls: renewal tools replace links and folders above the files, which are awkward to watch, and nobody waits.
final class TLSRenewal: Sendable {
    private static let interval = TimeAmount.seconds(5)
    private static let secondsOfWarning = 7 * 86_400

    private let credentials: TLSCredentials
    private let thread: LazyThreadPool
    private let logger: Logger
    private let task: RepeatedTask

    /// - Parameter thread: a pool of one thread.
    init(_ credentials: TLSCredentials, eventLoop: any EventLoop, thread: LazyThreadPool, logger: Logger) {
        self.credentials = credentials
        self.thread = thread
        self.logger = logger
        Self.warn(of: credentials.expiry, logger)
        self.task = eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            thread.submit { Self.refresh(credentials, isForced: false, logger) }
        }
    }

    /// Reads the files now, changed or not.
    func request() {
        let (credentials, logger) = (self.credentials, self.logger)
        self.thread.submit { Self.refresh(credentials, isForced: true, logger) }
    }

    func stop() {
        self.task.cancel()
    }

    private static func refresh(_ credentials: TLSCredentials, isForced: Bool, _ logger: Logger) {
        switch credentials.refresh(isForced: isForced) {
        case .unchanged: break
        case .replaced(let expiry):
            logger.info("certificate loaded", metadata: ["file": "\(credentials.files.certificate)"])
            self.warn(of: expiry, logger)
        case .failed(let error):
            logger.error("certificate not loaded: the one from before stays", metadata: ["error": "\(error)"])
        }
    }

    private static func warn(of expiry: Int, _ logger: Logger) {
        let rest = expiry - time(nil)
        if rest <= 0 {
            logger.warning("the certificate has expired: clients will refuse it")
        } else if rest < Self.secondsOfWarning {
            logger.warning("the certificate expires soon", metadata: ["hours": "\(rest / 3600)"])
        }
    }
}
