#ifndef EDGE_THREAD_SANITIZER_H
#define EDGE_THREAD_SANITIZER_H

// ThreadSanitizer defers a signal to the next call it intercepts, which a guest in an endless loop never makes, and its
// own functions must not be entered from a handler that came in the middle of them. Included last, where handlers are:
// what installs them and what they call go past it. In any other build nothing of this is so.

#include <stdbool.h>
#include <ucontext.h>

#ifdef EDGE_THREAD_SANITIZER

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern int __sigaction(int signal, const struct sigaction *action, struct sigaction *before);

#define sigaction(signal, action, before) __sigaction(signal, action, before)
#define clock_gettime(clock, time) syscall(SYS_clock_gettime, clock, time)
// The kernel's number is the timer_t of a timer that sends a signal.
#define timer_settime(timer, flags, to, before) syscall(SYS_timer_settime, (int)(intptr_t)(timer), flags, to, before)

// Where guest_text.h has the compiler put the functions of this module, and `.ci/tsan/run` those of Lua.
extern const char __start_edge_guest[], __stop_edge_guest[];

/// Whether a guest that is interrupted here may be left by a jump: `memcpy` and the like are ThreadSanitizer's, which must come to
/// their ends, as they hold its locks.
static inline bool edge_is_left_safely(const ucontext_t *context) {
#ifdef __x86_64__
    uintptr_t at = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#else
    uintptr_t at = (uintptr_t)context->uc_mcontext.pc;
#endif
    return at - (uintptr_t)__start_edge_guest < (uintptr_t)(__stop_edge_guest - __start_edge_guest);
}

#else

static inline bool edge_is_left_safely(const ucontext_t *context) {
    (void)context;
    return true;
}

#endif
#endif
