#ifndef EDGE_THREAD_SANITIZER_H
#define EDGE_THREAD_SANITIZER_H

// ThreadSanitizer defers a signal to the next call it intercepts, which a guest in an endless loop never makes, and its
// own functions must not be entered from a handler that came in the middle of them. Included last, where handlers are:
// what installs them and what they call go past it. In any other build this file does nothing.

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

#endif
#endif
