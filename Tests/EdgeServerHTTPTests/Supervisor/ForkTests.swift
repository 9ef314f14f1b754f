import Glibc
import Testing

@testable import EdgeServer

/// What runs in the new process here is kept to plain calls: the tests' process has many threads.
@Suite struct ForkTests {
    /// In such memory the Swift runtime keeps a thread's number; with another thread's, its locks spin for ever.
    @Test func aProcessHasNoneOfTheThreadLocalMemoryOfWhoMadeIt() {
        var key = pthread_key_t()
        #expect(pthread_key_create(&key, nil) == 0)
        defer { pthread_key_delete(key) }
        pthread_setspecific(key, &key)
        #expect(pthread_getspecific(key) != nil)
        let child = Fork.make { _exit(pthread_getspecific(key) == nil ? 0 : 1) }
        var status: Int32 = -1
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        #expect(status == 0)
        #expect(pthread_getspecific(key) != nil)
    }
}
