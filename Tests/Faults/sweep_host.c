// Sweeps over what the host allocates for its guests.

#include "fault.h"
#include "sweep.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/// Four requests in a slot of their own: the first uses the heap as it was bound, the second makes a master, the third comes
/// after the slot gave all its memory back, and the fourth after it was made ready.
static void serve_often(const subject *self, const edge_image *image, uint64_t n) {
    bytes written = {0};
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, false);
    for (int round = 0; slot != NULL && round < 4; round++) {
        edge_slot_bind(slot, image);
        edge_isolate_restore(slot, &self->budget);
        edge_step step = guest_serve(slot, 0, &written);
        if (step.status != self->status || !bytes_equal(&written, &self->expected)) {
            sweep_fail(self, "host", n, "a failure in the host changed the answer");
        }
        edge_isolate_retire(slot);
        if (round == 1) {
            edge_slot_trim(slot);
        } else if (round == 2) {
            edge_slot_make_ready(slot);
        }
    }
    if (slot != NULL) {
        edge_slot_release(slot);
    }
    bytes_free(&written);
}

/// A builder, an image, and a slot that serves it; any of them may not come to be.
static void live(const subject *self, uint64_t n) {
    edge_slot *builder = edge_slot_acquire(EDGE_SLOT_CAPACITY, true);
    if (builder == NULL) {
        return;
    }
    edge_step step = guest_build(builder, self->prelude, &self->budget, &self->script);
    if (step.status != EDGE_DONE) {
        sweep_fail(self, "host", n, "a failure in the host ended a build");
    }
    edge_freeze outcome;
    edge_image *image = edge_isolate_freeze(builder, "dispatch", &outcome);
    edge_slot_release(builder);
    if (image != NULL) {
        serve_often(self, image, n);
        edge_image_free(image);
    }
}

uint64_t sweep_host(const subject *self) {
    uint64_t runs = 0;
    int64_t mapped = fault_mapped_bytes();
    for (fault_host kind = 0; kind < FAULT_HOST_KINDS; kind++) {
        uint64_t n = 0;
        for (bool fired = true; fired;) {
            n++;
            fault_arm_host(kind, n);
            live(self, n);
            fired = fault_disarm();
            if (fault_mapped_bytes() != mapped) {
                sweep_fail(self, "host", n, "a mapping was not given back");
            }
        }
        runs += n;
    }
    return runs;
}

uint64_t sweep_prelude(const guest_script *text) {
    for (uint64_t n = 1;; n++) {
        // All from the n-th on: after a single failure Lua collects garbage and tries again.
        fault_arm_host(FAULT_ALL, n);
        // A prelude has no end of its own; LeakSanitizer is to find the one that is made.
        static edge_prelude *kept;
        kept = edge_prelude_compile(text->text, text->length);
        if (!fault_disarm()) {
            return n;
        }
        if (kept != NULL) {
            fputs("faults: the prelude compiles without memory\n", stderr);
            exit(1);
        }
    }
}

typedef struct first_step {
    const subject *subject;
    uint64_t n;
    bool fired;
} first_step;

static void *run_first_step(void *argument) {
    first_step *self = argument;
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, false);
    if (slot == NULL) {
        return NULL;
    }
    edge_slot_bind(slot, self->subject->image);
    edge_isolate_restore(slot, &self->subject->budget);
    fault_arm_host(FAULT_ONCE, self->n);
    edge_step step = edge_isolate_enter(slot, "dispatch", &self->subject->budget);
    self->fired = fault_disarm();
    if (step.status == EDGE_DONE) {
        sweep_check(self->subject, slot, "threads", self->n);
    } else if (step.status != EDGE_KILLED) {
        sweep_fail(self->subject, "threads", self->n, "the thread's first step neither ran nor was ended");
    }
    edge_slot_release(slot);
    return NULL;
}

/// In a process of its own, since a thread that can't be guarded ends it. Whether the fault was met.
static bool try_thread(const subject *subject, uint64_t n) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        // It says why it ends; what a sanitizer says would come with another status.
        (void)!freopen("/dev/null", "w", stderr);
        first_step step = {.subject = subject, .n = n};
        pthread_t thread;
        if (pthread_create(&thread, NULL, run_first_step, &step) != 0 || pthread_join(thread, NULL) != 0) {
            _exit(3);
        }
        _exit(step.fired ? 0 : 4);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        sweep_fail(subject, "threads", n, "no process");
    }
    bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    bool served = WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 4);
    if (!aborted && !served) {
        fprintf(stderr, "faults: wait status %d\n", status);
        sweep_fail(subject, "threads", n, "the process neither refused to run unguarded nor served");
    }
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 4);
}

uint64_t sweep_threads(const subject *self) {
    uint64_t n = 1;
    while (try_thread(self, n)) {
        n++;
    }
    return n;
}
