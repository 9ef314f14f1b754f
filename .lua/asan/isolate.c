// Runs a script as the body of a function in an isolate, with time slices of 1 ms. Built twice: with the arena of this
// folder (POISONED), and with the real one, where the isolate is frozen, moved to another slot, and run there three times.

#include "CIsolate.h"
#include "script.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prelude_text[] =
    "local _, source, name = ...\n"
    "local run = assert(load(source, name))\n"
    "return { run = function() run() end }\n";

static const edge_budget budget = {
    .cpu_ns = (uint64_t)120 * 1000 * 1000 * 1000,
    .memory_bytes = 512 << 20,
    .message_bytes = 64 << 20,
    .host_calls = 1000,
    .log_bytes = 1 << 20,
};

static uint8_t *put_string(uint8_t *place, const char *text, size_t length) {
    *place++ = EDGE_TAG_STRING;
    for (int shift = 0; shift < 32; shift += 8) {
        *place++ = (uint8_t)(length >> shift);
    }
    memcpy(place, text, length);
    return place + length;
}

/// Where the step went wrong, says so and ends the program.
static void require(edge_step step, edge_status wanted, const char *what) {
    if (step.status == wanted) {
        return;
    }
    fprintf(stderr, "%s: status %d, reason %d\n", what, (int)step.status, (int)step.reason);
    if (step.status == EDGE_FAILED) {
        fwrite(step.message, 1, step.length < 4096 ? step.length : 4096, stderr);
        fputc('\n', stderr);
    }
    exit(1);
}

static void boot(edge_slot *slot, const char *path) {
    size_t length;
    char *text = script_read(path, &length);
    uint8_t *message = malloc(length + strlen(path) + 16);
    edge_prelude *prelude = edge_prelude_compile(prelude_text, sizeof prelude_text - 1);
    if (message == NULL || prelude == NULL) {
        exit(2);
    }
    static const uint8_t head[] = {EDGE_TAG_ARRAY, 2, 0, 0, 0};
    memcpy(message, head, sizeof head);
    uint8_t *end = put_string(message + sizeof head, text, length);
    end = put_string(end, path, strlen(path));
    require(edge_isolate_create(slot, &budget), EDGE_DONE, "create");
    require(edge_isolate_boot(slot, prelude, message, (size_t)(end - message)), EDGE_DONE, "boot");
    free(message);
    free(text);
}

static void run(edge_slot *slot) {
    static const uint8_t none[] = {EDGE_TAG_ARRAY, 0, 0, 0, 0};
    edge_input input = {none, sizeof none, .unix_ms = 1750000000000, .slice_ns = 1000000};
    edge_step step = {.status = EDGE_PREEMPTED};
    while (step.status == EDGE_PREEMPTED) {
        step = edge_isolate_step(slot, &input);
        input.message = NULL;
        input.length = 0;
    }
    require(step, EDGE_DONE, "run");
}

#ifdef POISONED

static void run_script(edge_slot *slot) {
    require(edge_isolate_enter(slot, "run", &budget), EDGE_DONE, "enter");
    run(slot);
}

#else

static void run_script(edge_slot *builder) {
    edge_freeze outcome;
    edge_image *image = edge_isolate_freeze(builder, "run", &outcome);
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, false);
    if (image == NULL || slot == NULL) {
        fputs("freeze: no image\n", stderr);
        exit(1);
    }
    edge_slot_bind(slot, image);
    for (int round = 0; round < 3; round++) {
        edge_isolate_restore(slot, &budget);
        run(slot);
        edge_isolate_retire(slot);
    }
    edge_slot_release(slot);
    edge_image_free(image);
}

#endif

int main(int count, char **arguments) {
    if (count != 2) {
        fputs("usage: isolate SCRIPT\n", stderr);
        return 2;
    }
    if (edge_initialize() != 0) {
        return 2;
    }
    // A fault is to end this program, not the isolate alone.
    static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        signal(faults[i], SIG_DFL);
    }
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, true);
    if (slot == NULL) {
        return 2;
    }
    boot(slot, arguments[1]);
    run_script(slot);
    edge_slot_release(slot);
    return 0;
}
