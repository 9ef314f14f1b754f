// Sweeps over what can end a guest: each of its allocations, and each limit of its memory.

#include "fault.h"
#include "sweep.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /// A build costs as much as many requests: only so many of the failed ones are followed by one that must succeed.
    BUILD_CHECK_EVERY = 16,
    BUILD_LIMIT_STEP = 272,
    REQUEST_LIMIT_STEP = 16,
    /// Limits tried beyond the first that suffices: where garbage is collected, a larger one may fail again.
    REQUEST_LIMITS_BEYOND = 64,
};

static edge_slot *take_slot(const subject *self, const char *sweep, bool random) {
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, random);
    if (slot == NULL) {
        sweep_fail(self, sweep, 0, "no slot");
    }
    return slot;
}

static bool is_out_of_memory(edge_step step) {
    return step.status == EDGE_KILLED && step.reason == EDGE_KILL_MEMORY;
}

/// One request; whether it came to its end. Anything but that or a kill for memory fails the sweep.
static bool try_request(const subject *self, edge_slot *slot, const char *sweep, uint64_t n, bytes *written) {
    edge_step step = guest_serve(slot, 0, written);
    size_t log_length = 0;
    const uint8_t *log = edge_isolate_log(slot, &log_length);
    // The host reads the log of a killed guest too: whole records of what it wrote until then.
    if (log_length > self->log.length || (log_length > 0 && memcmp(log, self->log.data, log_length) != 0)) {
        sweep_fail(self, sweep, n, "the log is not the beginning of the log of a whole run");
    }
    if (is_out_of_memory(step)) {
        return false;
    }
    if (step.status != self->status || !bytes_equal(written, &self->expected)) {
        sweep_fail(self, sweep, n, "the request ended otherwise than as out of memory or as expected");
    }
    return true;
}

static uint64_t sweep_requests_at(const subject *self, edge_slot *slot, fault_place place) {
    static const char *const names[] = {"before growth", "after growth", "before free", "after free"};
    bytes written = {0};
    uint64_t n = 0;
    for (bool fired = true; fired;) {
        n++;
        edge_isolate_restore(slot, &self->budget);
        fault_arm_guest(place, n);
        bool ended = try_request(self, slot, names[place], n, &written);
        fired = fault_disarm();
        if (fired == ended) {
            sweep_fail(self, names[place], n, fired ? "the fault did not end the request" : "ended without a fault");
        }
        edge_isolate_retire(slot);
        sweep_check(self, slot, names[place], n);
    }
    bytes_free(&written);
    return n;
}

uint64_t sweep_requests(const subject *self) {
    edge_slot *slot = take_slot(self, "requests", false);
    edge_slot_bind(slot, self->image);
    uint64_t runs = 0;
    for (fault_place place = 0; place < FAULT_PLACES; place++) {
        runs += sweep_requests_at(self, slot, place);
    }
    edge_slot_release(slot);
    return runs;
}

uint64_t sweep_limits(const subject *self) {
    edge_slot *slot = take_slot(self, "limits", false);
    edge_slot_bind(slot, self->image);
    bytes written = {0};
    uint64_t runs = 0;
    unsigned beyond = 0;
    edge_budget budget = self->budget;
    size_t step = REQUEST_LIMIT_STEP;
    for (size_t limit = edge_image_size(self->image) + edge_image_shared_size(self->image); beyond < REQUEST_LIMITS_BEYOND; limit += step) {
        budget.memory_bytes = limit;
        edge_isolate_restore(slot, &budget);
        beyond += try_request(self, slot, "limits", limit, &written);
        // Where a request needs much, its larger limits are tried more coarsely, and still at odd places.
        step = ++runs < 4000 ? REQUEST_LIMIT_STEP : 131 * REQUEST_LIMIT_STEP;
        if (limit > self->budget.memory_bytes) {
            sweep_fail(self, "limits", limit, "the request did not fit in its own limit");
        }
        edge_isolate_retire(slot);
        if (runs % 8 == 0) {
            sweep_check(self, slot, "limits", limit);
        }
    }
    bytes_free(&written);
    edge_slot_release(slot);
    return runs;
}

/// Builds and freezes; NULL where memory ended it, a fault of the sweep where anything else did.
static edge_image *try_build(
    const subject *self, edge_slot *slot, const edge_budget *budget, const char *sweep, uint64_t n
) {
    edge_step step = guest_build(slot, self->prelude, budget, &self->script);
    if (step.status == EDGE_DONE) {
        edge_freeze outcome;
        return edge_isolate_freeze(slot, "dispatch", &outcome);
    }
    if (!is_out_of_memory(step)) {
        sweep_fail(self, sweep, n, "the build ended otherwise than as out of memory");
    }
    return NULL;
}

/// An image is served from another slot and given back.
static void check_image(const subject *self, edge_image *image, const char *sweep, uint64_t n) {
    subject other = *self;
    other.image = image;
    edge_slot *slot = take_slot(self, sweep, false);
    edge_slot_bind(slot, image);
    sweep_check(&other, slot, sweep, n);
    sweep_check(&other, slot, sweep, n);
    edge_slot_release(slot);
    edge_image_free(image);
}

static void check_builds(const subject *self, edge_slot *slot, const char *sweep, uint64_t n) {
    edge_image *image = try_build(self, slot, &self->budget, sweep, n);
    if (image == NULL) {
        sweep_fail(self, sweep, n, "no build succeeds afterwards");
    }
    check_image(self, image, sweep, n);
}

uint64_t sweep_builds(const subject *self) {
    uint64_t runs = 0;
    edge_slot *slot = take_slot(self, "builds", true);
    for (fault_place place = 0; place < FAULT_PLACES; place++) {
        uint64_t n = 0;
        for (bool fired = true; fired;) {
            n++;
            fault_arm_guest(place, n);
            edge_image *image = try_build(self, slot, &self->budget, "builds", n);
            fired = fault_disarm();
            if (fired == (image != NULL)) {
                sweep_fail(self, "builds", n, fired ? "the fault did not end the build" : "no image without a fault");
            }
            if (image != NULL) {
                check_image(self, image, "builds", n);
            } else if (n % BUILD_CHECK_EVERY == 0) {
                check_builds(self, slot, "builds", n);
            }
        }
        runs += n;
    }
    edge_slot_release(slot);
    return runs;
}

uint64_t sweep_build_limits(const subject *self) {
    uint64_t runs = 0;
    edge_slot *slot = take_slot(self, "build limits", true);
    edge_budget budget = self->budget;
    edge_image *image = NULL;
    for (size_t limit = BUILD_LIMIT_STEP; image == NULL; limit += BUILD_LIMIT_STEP) {
        budget.memory_bytes = limit;
        image = try_build(self, slot, &budget, "build limits", limit);
        runs++;
        if (limit > self->budget.memory_bytes) {
            sweep_fail(self, "build limits", limit, "the build did not fit in its own limit");
        }
        if (image == NULL && runs % BUILD_CHECK_EVERY == 0) {
            check_builds(self, slot, "build limits", limit);
        }
    }
    check_image(self, image, "build limits", runs);
    edge_slot_release(slot);
    return runs;
}
