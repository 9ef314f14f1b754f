// The jump out of the guest, and the tick that decides when. See the rules in CIsolate.h.
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE 1

#include "guard.h"

#include "isolate.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_NS = 1000000,
    SIGNAL_STACK_BYTES = 64 * 1024,
};

/// What the signal handlers of a thread need to know; only this thread and its handlers touch it.
typedef struct edge_guard {
    sigjmp_buf landing;
    volatile sig_atomic_t in_guest;
    volatile sig_atomic_t armed;
    edge_isolate *isolate;
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
    void *signal_stack;
} edge_guard;

static __thread edge_guard guard __attribute__((tls_model("initial-exec")));
static pthread_key_t guard_key;

static int tick_signal(void) {
    return SIGRTMIN + 3;
}

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

_Noreturn void edge_guard_kill(edge_kill reason) {
    assert(guard.in_guest);
    guard.in_guest = 0;
    siglongjmp(guard.landing, (int)reason);
}

static void set_timer(edge_guard *self, long interval_ns) {
    struct itimerspec spec = {{0, interval_ns}, {0, interval_ns}};
    timer_settime(self->timer, 0, &spec, NULL);
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

static void tick_in_guest(edge_guard *self) {
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    uint64_t thread_cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    uint64_t step_cpu_ns = step_cpu_at_tick(self, now_ns, thread_cpu_ns);
    self->ticked_step_cpu_ns = step_cpu_ns;
    self->ticked_at_ns = now_ns;
    self->thread_cpu_ns = thread_cpu_ns;
    edge_isolate *isolate = self->isolate;
    if (isolate->cpu_ns + step_cpu_ns >= isolate->cpu_limit_ns) {
        edge_guard_kill(EDGE_KILL_CPU);
    }
    if (isolate->wall_deadline_ns != 0 && now_ns >= isolate->wall_deadline_ns) {
        edge_guard_kill(EDGE_KILL_WALL);
    }
    if (self->slice_ns != 0 && now_ns - self->start_ns >= self->slice_ns) {
        edge_request_preemption(isolate);
    }
}

static void on_tick(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    int saved_errno = errno;
    edge_guard *self = &guard;
    if (self->in_guest) {
        tick_in_guest(self);
    } else if (self->steps == self->steps_at_tick) {
        self->armed = 0;
        set_timer(self, 0);
    } else {
        self->thread_cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    }
    self->steps_at_tick = self->steps;
    errno = saved_errno;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    if (guard.in_guest) {
        edge_guard_kill(EDGE_KILL_FAULT);
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
    munmap(self->signal_stack, SIGNAL_STACK_BYTES);
}

int edge_initialize(void) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    struct sigaction action;
    // strtod, snprintf and strcoll take locks and other paths in other locales.
    setlocale(LC_ALL, "C");
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    action.sa_sigaction = on_tick;
    if (sigaction(tick_signal(), &action, NULL) != 0) {
        return errno;
    }
    action.sa_sigaction = on_fault;
    // A tick in the middle of a fault's handler would look into the heap that is broken.
    sigaddset(&action.sa_mask, tick_signal());
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (sigaction(faults[i], &action, NULL) != 0) {
            return errno;
        }
    }
    return pthread_key_create(&guard_key, forget_thread);
}

/// After a jump out of a handler its signal is still blocked: the jump doesn't restore the mask, which spares two
/// system calls on every step that isn't killed.
static void unblock_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, tick_signal());
    sigaddset(&set, SIGSEGV);
    sigaddset(&set, SIGBUS);
    sigaddset(&set, SIGABRT);
    sigaddset(&set, SIGFPE);
    sigaddset(&set, SIGILL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/// A thread's first step: its signal stack and its timer. Fails only without memory or timers, which ends the process:
/// a guest must never run unguarded.
static void prepare_thread(edge_guard *self) {
    void *memory =
        mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK_BYTES};
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = tick_signal();
    event._sigev_un._tid = gettid();
    if (memory == MAP_FAILED || sigaltstack(&stack, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &self->timer) != 0) {
        static const char text[] = "edgehost: no signal stack or timer for a thread that runs Lua\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        abort();
    }
    self->signal_stack = memory;
    self->ready = true;
    // A thread may have been made with every signal blocked; a guest on it could never be ended.
    unblock_signals();
    pthread_setspecific(guard_key, self);
}

static void arm(edge_guard *self) {
    self->thread_cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    self->armed = 1;
    set_timer(self, TICK_NS);
}

static void account(edge_guard *self, edge_isolate *isolate) {
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    uint64_t unticked_ns = now_ns - (self->ticked_at_ns != 0 ? self->ticked_at_ns : self->start_ns);
    // A tick would have come in between, had the thread been running: only its own clock tells for how long it was.
    if (unticked_ns > 2 * TICK_NS) {
        isolate->cpu_ns += step_cpu_at_tick(self, now_ns, clock_ns(CLOCK_THREAD_CPUTIME_ID));
    } else {
        isolate->cpu_ns += self->ticked_step_cpu_ns + unticked_ns;
    }
}

edge_kill edge_guard_run(edge_isolate *isolate, uint64_t slice_ns, edge_guarded_body body, void *argument) {
    edge_guard *self = &guard;
    assert(!self->in_guest);
    if (!self->ready) {
        prepare_thread(self);
    }
    if (isolate->cpu_ns >= isolate->cpu_limit_ns) {
        return EDGE_KILL_CPU;
    }
    self->isolate = isolate;
    self->slice_ns = slice_ns;
    self->ticked_at_ns = 0;
    self->ticked_step_cpu_ns = 0;
    self->start_ns = clock_ns(CLOCK_MONOTONIC);
    if (isolate->wall_deadline_ns != 0 && self->start_ns >= isolate->wall_deadline_ns) {
        return EDGE_KILL_WALL;
    }
    self->steps++;
    edge_kill reason = (edge_kill)sigsetjmp(self->landing, 0);
    if (reason == EDGE_KILL_NONE) {
        self->in_guest = 1;
        // Only once in GUEST, so that the handler can't disarm the timer between this look and the guest's first step.
        if (!self->armed) {
            arm(self);
        }
        body(isolate, argument);
        self->in_guest = 0;
    } else {
        unblock_signals();
    }
    account(&guard, isolate);
    return reason;
}

uint64_t edge_guard_cpu_ns(const edge_isolate *isolate) {
    const edge_guard *self = &guard;
    bool is_running = self->in_guest && self->isolate == isolate && self->ticked_at_ns != 0;
    return isolate->cpu_ns + (is_running ? self->ticked_step_cpu_ns : 0);
}
