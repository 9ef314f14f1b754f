// The jump out of the guest, the tick that decides when, and the stop of a guest whose slice is over. See the rules in
// CIsolate.h.
//
// A stop happens inside the tick's handler, which runs on the guest's stack: it switches to the host's stack and leaves
// the handler's frame, with all registers in it, where it is. To go on, any thread switches to that stack: the handler
// returns, and the kernel puts the registers back. So from a stop on, the guest may be on another thread, and what it
// has read of `guard` before is another thread's: code in GUEST that uses `guard` is unstoppable meanwhile.
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE 1

#include "guard_state.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <ucontext.h>

#include "thread_sanitizer.h"

__thread edge_guard edge_thread_guard __attribute__((tls_model("initial-exec")));

uint64_t edge_clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// The guard of the thread that runs now. Not inlined, so that no address from before a switch of stacks is used again.
static __attribute__((noinline)) edge_guard *current_guard(void) {
    __asm__ volatile("" ::: "memory");
    return &edge_thread_guard;
}

_Noreturn void edge_guard_kill(edge_isolate *isolate, edge_kill reason) {
    isolate->unstoppable = true;
    edge_guard *self = current_guard();
    assert(self->in_guest);
    self->in_guest = 0;
    siglongjmp(self->landing, (int)reason);
}

bool edge_guard_grant(edge_isolate *isolate, size_t bytes) {
    bool before = isolate->unstoppable;
    isolate->unstoppable = true;
    edge_guard *self = current_guard();
    // A kill between the two halves of the bookkeeping would unbalance it for good.
    self->in_bookkeeping = 1;
    bool granted = edge_memory_grow(self->slot, bytes);
    self->in_bookkeeping = 0;
    if (!granted) {
        edge_guard_kill(isolate, EDGE_KILL_OVERLOAD);
    }
    bool is_scarce = edge_memory_is_scarce(self->slot);
    isolate->unstoppable = before;
    return is_scarce;
}

/// CPU time of the step under way: exact from one tick to the next; before the first tick the shorter of the time since
/// the step began and the CPU time since the tick before it.
static uint64_t step_cpu_at_tick(edge_guard *self, uint64_t now_ns, uint64_t thread_cpu_ns) {
    uint64_t since_last_tick = thread_cpu_ns - self->thread_cpu_ns;
    if (self->ticked_at_ns != 0) {
        return self->ticked_step_cpu_ns + since_last_tick;
    }
    uint64_t elapsed = now_ns - self->start_ns;
    return elapsed < since_last_tick ? elapsed : since_last_tick;
}

/// On the thread that goes on with a parked guest, inside the handler's frame of the thread it was stopped on.
static __attribute__((noinline)) void unpark(ucontext_t *context) {
    edge_guard *self = current_guard();
    // The kernel would give this thread the other's signal stack and mask.
    context->uc_stack = self->signal_stack;
    memcpy(&context->uc_sigmask, &self->mask, _NSIG / 8);
    self->in_guest = 1;
}

static void park(edge_guard *self, ucontext_t *context) {
    edge_slot *slot = self->slot;
    slot->parked = self->stack;
    self->stack = NULL;
    self->in_guest = 0;
    edge_switch_stack(&slot->parked_at, self->host_at);
    unpark(context);
}

static bool can_park(const edge_guard *self) {
    return EDGE_GUEST_STACKS && !self->isolate->unstoppable &&
        edge_guest_stack_contains(self->stack, (uintptr_t)__builtin_frame_address(0));
}

void edge_guard_tick_in_guest(edge_guard *self, void *context) {
    uint64_t now_ns = edge_clock_ns(CLOCK_MONOTONIC);
    uint64_t thread_cpu_ns = edge_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    uint64_t step_cpu_ns = step_cpu_at_tick(self, now_ns, thread_cpu_ns);
    self->ticked_step_cpu_ns = step_cpu_ns;
    self->ticked_at_ns = now_ns;
    self->thread_cpu_ns = thread_cpu_ns;
    edge_isolate *isolate = self->isolate;
    if (!edge_is_left_safely(context)) {
        return;
    }
    if (isolate->cpu_ns + step_cpu_ns >= isolate->cpu_limit_ns) {
        edge_guard_kill(isolate, EDGE_KILL_CPU);
    }
    if (isolate->wall_deadline_ns != 0 && now_ns >= isolate->wall_deadline_ns) {
        edge_guard_kill(isolate, EDGE_KILL_WALL);
    }
    // By CPU time: a guest whose thread had to wait for a core has held up nobody, and is not known to be long.
    if (self->slice_ns != 0 && step_cpu_ns >= self->slice_ns && can_park(self)) {
        park(self, context);
    }
}

static void account(edge_guard *self, edge_isolate *isolate) {
    uint64_t now_ns = edge_clock_ns(CLOCK_MONOTONIC);
    uint64_t unticked_ns = now_ns - (self->ticked_at_ns != 0 ? self->ticked_at_ns : self->start_ns);
    // A tick would have come in between, had the thread been running: only its own clock tells for how long it was.
    if (unticked_ns > 2 * EDGE_TICK_NS) {
        isolate->cpu_ns += step_cpu_at_tick(self, now_ns, edge_clock_ns(CLOCK_THREAD_CPUTIME_ID));
    } else {
        isolate->cpu_ns += self->ticked_step_cpu_ns + unticked_ns;
    }
}

/// The end of the guest's part, on the guest's stack.
static _Noreturn __attribute__((noinline)) void leave_guest(void) {
    edge_guard *self = current_guard();
    self->in_guest = 0;
    void *left;
    edge_switch_stack(&left, self->host_at);
    __builtin_unreachable();
}

/// The first function on a guest's stack. Unstoppable until it has read what the thread's guard has for it.
static void guest_main(void) {
    edge_guard *self = current_guard();
    edge_isolate *isolate = self->isolate;
    edge_guarded_body body = self->body;
    void *argument = self->argument;
    // What reads the host's bytes, which are the host's again when the step ends, allows stops when it has.
    isolate->unstoppable = isolate->input != NULL;
    body(isolate, argument);
    isolate->unstoppable = true;
    leave_guest();
}

static void begin_guest(edge_guard *self) {
    self->isolate->unstoppable = true;
    self->in_guest = 1;
    // Only once in GUEST, so that the handler can't disarm the timer between this look and the guest's first step.
    if (!self->armed) {
        edge_guard_arm(self);
    }
    if (EDGE_GUEST_STACKS) {
        edge_switch_stack(&self->host_at, edge_guest_stack_start(self->stack, guest_main));
    } else {
        self->body(self->isolate, self->argument);
        self->in_guest = 0;
    }
}

static void resume_guest(edge_guard *self) {
    edge_slot *slot = self->slot;
    sigset_t tick;
    sigemptyset(&tick);
    sigaddset(&tick, edge_tick_signal());
    if (self->stack != NULL) {
        edge_guest_stack_give(self->stack);
    }
    self->stack = slot->parked;
    slot->parked = NULL;
    edge_memory_charge_stack(slot, 0);
    // Until the guest's handler returns, and the kernel with it.
    pthread_sigmask(SIG_BLOCK, &tick, &self->mask);
    // Only now: a tick that finds nobody in GUEST may disarm the timer.
    if (!self->armed) {
        edge_guard_arm(self);
    }
    edge_switch_stack(&self->host_at, slot->parked_at);
}

/// False without memory for a stack.
static bool prepare_guest(edge_guard *self, edge_slot *slot, uint64_t slice_ns) {
    if (EDGE_GUEST_STACKS && self->stack == NULL && slot->parked == NULL) {
        self->stack = edge_guest_stack_take();
        if (self->stack == NULL) {
            return false;
        }
    }
    self->slot = slot;
    self->isolate = slot->isolate;
    self->slice_ns = slice_ns;
    self->ticked_at_ns = 0;
    self->ticked_step_cpu_ns = 0;
    // A fault may have left it set.
    self->in_bookkeeping = 0;
    self->steps++;
    return true;
}

edge_kill edge_guard_run(edge_slot *slot, uint64_t slice_ns, edge_guarded_body body, void *argument) {
    edge_guard *self = &edge_thread_guard;
    edge_isolate *isolate = slot->isolate;
    assert(!self->in_guest);
    if (!self->ready) {
        edge_guard_prepare_thread(self);
    }
    if (isolate->cpu_ns >= isolate->cpu_limit_ns) {
        return EDGE_KILL_CPU;
    }
    self->start_ns = edge_clock_ns(CLOCK_MONOTONIC);
    if (isolate->wall_deadline_ns != 0 && self->start_ns >= isolate->wall_deadline_ns) {
        return EDGE_KILL_WALL;
    }
    if (!prepare_guest(self, slot, slice_ns)) {
        return EDGE_KILL_OVERLOAD;
    }
    edge_kill reason = (edge_kill)sigsetjmp(self->landing, 0);
    if (reason != EDGE_KILL_NONE) {
        edge_guard_unblock_signals();
    } else if (slot->parked != NULL) {
        resume_guest(self);
    } else {
        self->body = body;
        self->argument = argument;
        begin_guest(self);
    }
    if (slot->parked != NULL) {
        // Out of the handler without its return.
        edge_guard_unblock_signals();
        size_t depth = edge_guest_stack_depth(slot->parked, (uintptr_t)slot->parked_at);
        edge_memory_charge_stack(slot, edge_round_to_pages(depth));
    }
    account(self, isolate);
    return reason;
}

bool edge_guard_is_parked(const edge_slot *slot) {
    return slot->parked != NULL;
}

void edge_guard_abandon(edge_slot *slot) {
    if (slot->parked != NULL) {
        edge_guest_stack_give(slot->parked);
        slot->parked = NULL;
        edge_memory_charge_stack(slot, 0);
    }
}

uint64_t edge_guard_cpu_ns(edge_isolate *isolate) {
    bool before = isolate->unstoppable;
    isolate->unstoppable = true;
    const edge_guard *self = current_guard();
    bool is_running = self->in_guest && self->isolate == isolate && self->ticked_at_ns != 0;
    uint64_t cpu_ns = isolate->cpu_ns + (is_running ? self->ticked_step_cpu_ns : 0);
    isolate->unstoppable = before;
    return cpu_ns;
}
