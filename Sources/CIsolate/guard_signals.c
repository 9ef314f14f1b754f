#undef _FORTIFY_SOURCE
#define _GNU_SOURCE 1

#include "guard_state.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "thread_sanitizer.h"

// The signal handlers of the guard and what each thread needs for them.

enum { SIGNAL_STACK_BYTES = 64 * 1024 };

static pthread_key_t guard_key;

int edge_tick_signal(void) {
    return SIGRTMIN + 3;
}

static void set_timer(edge_guard *self, long interval_ns) {
    struct itimerspec spec = {{0, interval_ns}, {0, interval_ns}};
    timer_settime(self->timer, 0, &spec, NULL);
}

/// Not inlined: the address of `errno` is a thread's own.
static __attribute__((noinline)) void set_errno(int value) {
    errno = value;
}

/// On the stack of what it interrupts.
static void on_tick(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    int saved_errno = errno;
    edge_guard *self = &edge_thread_guard;
    bool is_idle = self->steps == self->steps_at_tick;
    self->steps_at_tick = self->steps;
    if (self->in_guest && !self->in_bookkeeping) {
        edge_guard_tick_in_guest(self, context);
    } else if (is_idle && !self->in_guest) {
        self->armed = 0;
        set_timer(self, 0);
    } else if (!self->in_guest) {
        self->thread_cpu_ns = edge_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    }
    set_errno(saved_errno);
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)context;
    const edge_guard *self = &edge_thread_guard;
    if (self->in_guest) {
        bool is_access = signal == SIGSEGV && info->si_code == SEGV_ACCERR;
        if (is_access && edge_cold_touch(self->slot, (uintptr_t)info->si_addr)) {
            return;
        }
        edge_guard_kill(self->isolate, EDGE_KILL_FAULT);
    }
    // A fault of the host is fatal: let the default action of the repeated instruction (or of abort) take place.
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
    raise(signal);
}

static void forget_thread(void *value) {
    edge_guard *self = value;
    self->armed = 0;
    self->ready = false;
    timer_delete(self->timer);
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(self->signal_stack.ss_sp, SIGNAL_STACK_BYTES);
    if (self->stack != NULL) {
        edge_guest_stack_give(self->stack);
        self->stack = NULL;
    }
}

int edge_initialize(void) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    struct sigaction action;
    // strtod, snprintf and strcoll take locks and other paths in other locales.
    setlocale(LC_ALL, "C");
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    action.sa_sigaction = on_tick;
    if (sigaction(edge_tick_signal(), &action, NULL) != 0) {
        return errno;
    }
    // A guest's stack may be what is used up.
    action.sa_flags |= SA_ONSTACK;
    action.sa_sigaction = on_fault;
    // A tick in the middle of a fault's handler would look into the heap that is broken.
    sigaddset(&action.sa_mask, edge_tick_signal());
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (sigaction(faults[i], &action, NULL) != 0) {
            return errno;
        }
    }
    return pthread_key_create(&guard_key, forget_thread);
}

/// After a jump out of a handler its signal is still blocked: the jump doesn't restore the mask, which spares two
/// system calls on every step that isn't killed.
void edge_guard_unblock_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, edge_tick_signal());
    sigaddset(&set, SIGSEGV);
    sigaddset(&set, SIGBUS);
    sigaddset(&set, SIGABRT);
    sigaddset(&set, SIGFPE);
    sigaddset(&set, SIGILL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/// A thread's first step: its signal stack and its timer. Fails only without memory or timers, which ends the process:
/// a guest must never run unguarded.
void edge_guard_prepare_thread(edge_guard *self) {
    void *memory =
        mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK_BYTES};
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = edge_tick_signal();
    event._sigev_un._tid = gettid();
    if (memory == MAP_FAILED || sigaltstack(&stack, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &self->timer) != 0) {
        static const char text[] = "edgehost: no signal stack or timer for a thread that runs Lua\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        abort();
    }
    self->signal_stack = stack;
    self->ready = true;
    // A thread may have been made with every signal blocked; a guest on it could never be ended.
    edge_guard_unblock_signals();
    pthread_setspecific(guard_key, self);
}

void edge_guard_arm(edge_guard *self) {
    self->thread_cpu_ns = edge_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    self->armed = 1;
    set_timer(self, EDGE_TICK_NS);
}
