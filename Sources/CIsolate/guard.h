#ifndef EDGE_GUARD_H
#define EDGE_GUARD_H

#include "CIsolate.h"

struct edge_isolate;

/// Ends the isolate this thread is running: a jump to the guarded call. To be called in GUEST only.
_Noreturn void edge_guard_kill(edge_kill reason);

/// What runs in GUEST; it may be left by a kill at any instruction.
typedef void (*edge_guarded_body)(struct edge_isolate *isolate, void *argument);

/// Runs `body` in GUEST under the isolate's CPU and wall limits; returns EDGE_KILL_NONE when it came to its end.
/// `slice_ns` is the time after which the running coroutine is asked to yield, 0 for never.
edge_kill edge_guard_run(struct edge_isolate *isolate, uint64_t slice_ns, edge_guarded_body body, void *argument);

/// CPU time of the isolate's run so far, in ns; the step under way counts up to its last tick, so that a guest gets no
/// finer clock than that.
uint64_t edge_guard_cpu_ns(const struct edge_isolate *isolate);

#endif
