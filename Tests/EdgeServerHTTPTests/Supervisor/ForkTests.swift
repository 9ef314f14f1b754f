import Glibc
import Testing

@testable import EdgeServer

@Suite struct ForkTests {
    /// In such memory the Swift runtime keeps a thread's number; with another thread's, its locks spin for ever.
    ///
    /// In a process of its own: a fork of the tests' process has the locks that other tests hold.
    @Test func aProcessHasNoneOfTheThreadLocalMemoryOfWhoMadeIt() async {
        await #expect(processExitsWith: .success) {
            var key = pthread_key_t()
            #expect(pthread_key_create(&key, nil) == 0)
            pthread_setspecific(key, &key)
            #expect(pthread_getspecific(key) != nil)
            let child = Fork.make { pthread_getspecific(key) == nil ? EXIT_SUCCESS : EXIT_FAILURE }
            var status: Int32 = -1
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
            #expect(status == 0)
        }
    }
}
