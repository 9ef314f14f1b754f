#ifndef EDGE_GUARD_H
#define EDGE_GUARD_H

#include "CIsolate.h"

struct edge_isolate;

/// Ends the isolate that this thread is running: a jump to the guarded call. To be called in GUEST only.
_Noreturn void edge_guard_kill(struct edge_isolate *isolate, edge_kill reason);

/// Takes `bytes` more of the memory of all isolates for the running one, or ends it; returns whether memory is scarce. To
/// be called in GUEST only.
bool edge_guard_grant(struct edge_isolate *isolate, size_t bytes);

/// What runs in GUEST; it may be left by a kill at any instruction.
typedef void (*edge_guarded_body)(struct edge_isolate *isolate, void *argument);

/// Runs `body` in GUEST under the isolate's CPU and wall limits; returns EDGE_KILL_NONE when it came to its end or has been
/// stopped after `slice_ns` (0 for never), which `edge_guard_is_parked` tells. A parked guest goes on where it was stopped
/// at the next call, on any thread; `body` and `argument` are then those of the call that began it, so `argument` must live
/// as long as the slot.
edge_kill edge_guard_run(edge_slot *slot, uint64_t slice_ns, edge_guarded_body body, void *argument);
bool edge_guard_is_parked(const edge_slot *slot);
/// Gives up a guest that was stopped; its heap is void.
void edge_guard_abandon(edge_slot *slot);

/// CPU time of the isolate's run so far, in ns; the step under way counts up to its last tick, so that a guest gets no
/// finer clock than that.
uint64_t edge_guard_cpu_ns(struct edge_isolate *isolate);

#endif
