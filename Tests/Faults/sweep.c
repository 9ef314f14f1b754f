// The allocation-failure sweep: runs a worker again and again, and each time another allocation fails. Whatever failed, the
// request ends as out of memory or as if nothing had, and the slot's next request is right. Built with sanitizers by `run`.

#include "sweep.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const edge_budget full_budget = {
    // Sanitizers are slow, and the limit of CPU time is not what is swept here.
    .cpu_ns = (uint64_t)600 * 1000 * 1000 * 1000,
    .memory_bytes = 64 << 20,
    .message_bytes = 16 << 20,
    .host_calls = 1000,
    .log_bytes = 64 << 10,
};

_Noreturn void sweep_fail(const subject *self, const char *sweep, uint64_t n, const char *what) {
    fprintf(stderr, "faults: %s, %s, n = %llu: %s\n", self->script.name, sweep, (unsigned long long)n, what);
    exit(1);
}

void sweep_check(const subject *self, edge_slot *slot, const char *sweep, uint64_t n) {
    bytes written = {0};
    edge_isolate_restore(slot, &self->budget);
    edge_step step = guest_serve(slot, 0, &written);
    if (step.status != self->status || !bytes_equal(&written, &self->expected)) {
        fprintf(stderr, "status %d, reason %d, expected status %d\n", (int)step.status, (int)step.reason, (int)self->status);
        fwrite(written.data, 1, written.length < 2000 ? written.length : 2000, stderr);
        sweep_fail(self, sweep, n, "the slot's next request is not right");
    }
    edge_isolate_retire(slot);
    bytes_free(&written);
}

/// The run without faults that all others are held against.
static void prepare(subject *self) {
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, true);
    if (slot == NULL) {
        sweep_fail(self, "prepare", 0, "no slot");
    }
    edge_step step = guest_build(slot, self->prelude, &self->budget, &self->script);
    edge_freeze outcome;
    self->image = step.status == EDGE_DONE ? edge_isolate_freeze(slot, "dispatch", &outcome) : NULL;
    if (self->image == NULL) {
        if (step.status == EDGE_FAILED) {
            fwrite(step.message, 1, step.length, stderr);
        }
        sweep_fail(self, "prepare", 0, "the worker can't be built");
    }
    edge_slot_release(slot);
    slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, false);
    edge_slot_bind(slot, self->image);
    edge_isolate_restore(slot, &self->budget);
    self->status = guest_serve(slot, 0, &self->expected).status;
    size_t log_length = 0;
    const uint8_t *log = edge_isolate_log(slot, &log_length);
    bytes_append(&self->log, log, log_length);
    edge_slot_release(slot);
    // A scenario that breaks early would sweep nothing.
    bool should_fail = strstr(self->script.text, "-- expect: exception") != NULL;
    if (self->status != (should_fail ? EDGE_FAILED : EDGE_DONE) || self->expected.length == 0) {
        fwrite(self->expected.data, 1, self->expected.length, stderr);
        sweep_fail(self, "prepare", 0, "the request does not end as its script says");
    }
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sweep_script(const edge_prelude *prelude, const char *path) {
    subject self = {.prelude = prelude, .script = guest_read(path), .budget = full_budget};
    double start = seconds();
    prepare(&self);
    uint64_t requests = sweep_requests(&self);
    uint64_t limits = sweep_limits(&self);
    uint64_t host = sweep_host(&self);
    uint64_t files = sweep_file(&self);
    uint64_t threads = sweep_threads(&self);
    uint64_t builds = 0;
    uint64_t build_limits = 0;
    // What a build does hardly depends on the script: once is enough.
    if (strstr(self.script.text, "-- sweep: build") != NULL) {
        builds = sweep_builds(&self);
        build_limits = sweep_build_limits(&self);
    }
    printf(
        "faults: %-12s %6llu requests ended, %6llu limits, %5llu builds ended, %5llu build limits, %3llu host "
        "failures, %llu in files, %2llu first steps: %.1f s\n",
        self.script.name, (unsigned long long)requests, (unsigned long long)limits, (unsigned long long)builds,
        (unsigned long long)build_limits, (unsigned long long)host, (unsigned long long)files,
        (unsigned long long)threads, seconds() - start
    );
    edge_image_free(self.image);
    bytes_free(&self.expected);
    bytes_free(&self.log);
    guest_script_free(&self.script);
}

int main(int count, char **arguments) {
    if (count < 3) {
        fputs("usage: sweep PRELUDE SCRIPT...\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (edge_initialize() != 0) {
        return 2;
    }
    // A fault is to end this program, not the isolate alone.
    static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        signal(faults[i], SIG_DFL);
    }
    guest_script text = guest_read(arguments[1]);
    static edge_prelude *prelude;
    prelude = edge_prelude_compile(text.text, text.length);
    if (prelude == NULL) {
        fputs("faults: the prelude does not compile\n", stderr);
        return 1;
    }
    for (int i = 2; i < count; i++) {
        sweep_script(prelude, arguments[i]);
    }
    printf("faults: %llu preludes compiled\n", (unsigned long long)sweep_prelude(&text));
    guest_script_free(&text);
    return 0;
}
