#ifndef EDGE_GUARD_STATE_H
#define EDGE_GUARD_STATE_H

// What guard.c and guard_signals.c share: the state of the guard of one thread.

#include "guard.h"
#include "isolate.h"

#include <setjmp.h>
#include <signal.h>
#include <time.h>

enum { EDGE_TICK_NS = 1000000 };

/// What the signal handlers of a thread need to know; only this thread and its handlers touch it.
typedef struct edge_guard {
    sigjmp_buf landing;
    volatile sig_atomic_t in_guest;
    /// In GUEST, and not to be ended or stopped just now.
    volatile sig_atomic_t in_bookkeeping;
    volatile sig_atomic_t armed;
    edge_slot *slot;
    edge_isolate *isolate;
    edge_guarded_body body;
    void *argument;
    /// What the guest runs on; NULL before the first.
    edge_guest_stack *stack;
    /// Where the host left its own stack.
    void *host_at;
    /// The thread's signal mask, for a guest that comes from another thread.
    sigset_t mask;
    uint64_t start_ns;
    uint64_t slice_ns;
    /// CPU time of this step at the last tick inside it, and when that tick was (both clocks); zero before the first.
    uint64_t ticked_step_cpu_ns;
    uint64_t ticked_at_ns;
    /// The thread's CPU clock at the last tick or when the timer was armed.
    uint64_t thread_cpu_ns;
    uint64_t steps;
    uint64_t steps_at_tick;
    bool ready;
    timer_t timer;
    stack_t signal_stack;
} edge_guard;

extern __thread edge_guard edge_thread_guard __attribute__((tls_model("initial-exec")));

uint64_t edge_clock_ns(clockid_t clock);
/// The signal of the tick.
int edge_tick_signal(void);
/// A thread's first step: its signal stack and its timer.
void edge_guard_prepare_thread(edge_guard *self);
/// Starts the tick.
void edge_guard_arm(edge_guard *self);
/// After a handler was left without its return, its signal is still blocked.
void edge_guard_unblock_signals(void);
/// A tick in GUEST. Returns on another thread, perhaps. `context` is the handler's, a `ucontext_t`.
void edge_guard_tick_in_guest(edge_guard *self, void *context);

#endif
