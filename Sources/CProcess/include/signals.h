#ifndef CPROCESS_SIGNALS_H
#define CPROCESS_SIGNALS_H

#include <poll.h>
#include <signal.h>

/// A descriptor that is readable while one of the signals, which must be blocked, is pending; closed by exec.
/// Returns -1 with errno. Who polls it is woken by each signal to any thread of the process, those too that are not in the set.
int edge_signal_descriptor(const sigset_t *signals);

/// Takes one pending signal; 0 where none is.
int edge_signal_take(int descriptor);

/// Lets the signals, which must be blocked in all threads, be noted where a thread waits for them. Returns an errno.
int edge_signal_note(const sigset_t *signals);

/// Waits until one of the signals is pending, which is then noted, or a descriptor is ready.
void edge_signal_wait(const sigset_t *signals, struct pollfd *descriptors, nfds_t count);

/// Takes one signal that was noted; 0 where none was.
int edge_signal_noted(void);

#endif
