import EdgeRuntime
import Synchronization

/// Stands for the image loader where that needs, to be made, what needs an image loader: set once, before the first request.
final class LateImageLoader: ImageLoader {
    private let loader = Mutex<(any ImageLoader)?>(nil)

    func use(_ loader: any ImageLoader) {
        self.loader.withLock { $0 = loader }
    }

    func load(_ worker: Worker, _ done: @escaping @Sendable (LoadedWorker?) -> Void) {
        guard let loader = self.loader.withLock({ $0 }) else { return done(nil) }
        loader.load(worker, done)
    }
}
