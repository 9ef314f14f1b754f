#ifndef CPROCESS_FORK_H
#define CPROCESS_FORK_H

#include <sys/types.h>

/// fork(2), of a thread that has run nothing before: the child does `body` on it, its only thread, and exits with what that gives.
///
/// A thread that has run Swift has its own number in thread-local memory, for the runtime's locks (which the kernel knows by their
/// owner's number), and a child that went on with that memory would have its parent's. Its main thread and another one that meet
/// at such a lock, of any global that is made at its first use, would then both spin for ever.
///
/// To be called while the process has one thread: the child is a whole process, not a stub that waits for exec.
///
/// @return the child's number, or -1 with `errno`.
pid_t edge_fork(int (*body)(void *), void *context);

#endif
