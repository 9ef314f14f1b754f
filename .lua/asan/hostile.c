// Runs hostile scripts as the server does, with the real prelude and a host in C: twice each in a slot of its own, an
// honest worker before and after. Built twice, as isolate.c is: with the poisoned arena nothing can be frozen, so that each
// request gets a fresh isolate. Which outcome the host makes of it is for HostileTests; here it is that no access is wrong.

#include "CIsolate.h"
#include "guest.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const edge_budget startup = {
    .cpu_ns = (uint64_t)2 * 1000 * 1000 * 1000,
    .memory_bytes = 16 << 20,
    .message_bytes = 16 << 20,
    .host_calls = 1000,
    .log_bytes = 64 << 10,
};

static const edge_prelude *prelude;

static _Noreturn void fail(const guest_script *script, edge_step step, const char *what) {
    fprintf(stderr, "%s: %s (status %d, reason %d)\n", script->name, what, (int)step.status, (int)step.reason);
    exit(1);
}

/// The limits of the script's manifest; the time is the sanitizer's, and any script may take some.
static edge_budget limits_of(const guest_script *script) {
    uint64_t cpu_ms = guest_limit(script, "cpu_ms", 1000);
    return (edge_budget){
        .cpu_ns = (cpu_ms < 1000 ? cpu_ms : 1000) * 1000 * 1000,
        .memory_bytes = guest_limit(script, "memory_mb", 16) << 20,
        .message_bytes = 16 << 20,
        .host_calls = (uint32_t)guest_limit(script, "host_calls", 1000),
        .log_bytes = 64 << 10,
    };
}

/// Whether a fault is among what the script's first line allows.
static bool may_fault(const guest_script *script) {
    const char *place = strstr(script->text, "vm_fault");
    return place != NULL && place < strchr(script->text, '\n');
}

static void check(const guest_script *script, edge_step step) {
    if (step.status == EDGE_KILLED && step.reason == EDGE_KILL_FAULT && !may_fault(script)) {
        fail(script, step, "a fault of the VM");
    }
}

#ifdef POISONED

static void serve(const guest_script *script, edge_slot *slot, int rounds, bytes *written) {
    edge_budget budget = limits_of(script);
    for (int round = 0; round < rounds; round++) {
        edge_step step = guest_build(slot, prelude, &startup, script);
        if (step.status == EDGE_DONE) {
            step = guest_serve_unfrozen(slot, &budget, 1000000, written);
        }
        check(script, step);
    }
    edge_slot_trim(slot);
}

#else

static void serve(const guest_script *script, edge_slot *slot, int rounds, bytes *written) {
    edge_slot *builder = edge_slot_acquire(EDGE_SLOT_CAPACITY, true);
    edge_step step = guest_build(builder, prelude, &startup, script);
    check(script, step);
    edge_freeze outcome;
    edge_image *image = step.status == EDGE_DONE ? edge_isolate_freeze(builder, "dispatch", &outcome) : NULL;
    edge_slot_release(builder);
    // A script that can't be loaded has been seen to fail, which may be all that it is for.
    if (image == NULL) {
        return;
    }
    edge_budget budget = limits_of(script);
    edge_slot_bind(slot, image);
    for (int round = 0; round < rounds; round++) {
        edge_isolate_restore(slot, &budget);
        check(script, guest_serve(slot, 1000000, written));
        edge_isolate_retire(slot);
    }
    edge_image_free(image);
}

#endif

static void ask_honest(const guest_script *honest, edge_slot *slot, bytes *answer) {
    bytes written = {0};
    serve(honest, slot, 1, &written);
    if (answer->length == 0) {
        bytes_append(answer, written.data, written.length);
    }
    if (written.length == 0 || !bytes_equal(&written, answer)) {
        fprintf(stderr, "the honest worker's answer is not right: %.*s\n", (int)written.length, (char *)written.data);
        exit(1);
    }
    bytes_free(&written);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fputs("usage: hostile PRELUDE HONEST SCRIPT\n", stderr);
        return 2;
    }
    guest_script text = guest_read(arguments[1]);
    guest_script honest = guest_read(arguments[2]);
    guest_script script = guest_read(arguments[3]);
    prelude = edge_prelude_compile(text.text, text.length);
    if (prelude == NULL || edge_initialize() != 0) {
        return 2;
    }
    if (!may_fault(&script)) {
        // A fault is to end this program with a report, not the isolate alone.
        static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            signal(faults[i], SIG_DFL);
        }
    }
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, false);
    if (slot == NULL) {
        return 2;
    }
    bytes answer = {0};
    bytes written = {0};
    ask_honest(&honest, slot, &answer);
    serve(&script, slot, 2, &written);
    ask_honest(&honest, slot, &answer);
    edge_slot_release(slot);
    bytes_free(&answer);
    bytes_free(&written);
    guest_script_free(&text);
    guest_script_free(&honest);
    guest_script_free(&script);
    return 0;
}
