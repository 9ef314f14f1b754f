#ifndef CPROCESS_SIGNALS_H
#define CPROCESS_SIGNALS_H

#include <signal.h>

/// A descriptor that is readable while one of the signals, which must be blocked, is pending; closed by exec.
/// Returns -1 with errno.
int edge_signal_descriptor(const sigset_t *signals);

/// Takes one pending signal; 0 where none is.
int edge_signal_take(int descriptor);

#endif
