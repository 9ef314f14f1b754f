#ifndef CPROCESS_FORK_H
#define CPROCESS_FORK_H

#include <sys/types.h>

/// fork(2), which Swift hides. To be called while the process has one thread: the child is a whole process, not a stub
/// that waits for exec.
pid_t edge_fork(void);

#endif
