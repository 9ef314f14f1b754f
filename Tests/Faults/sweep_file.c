// Images that leave memory for a file and come back, and where what they share is put.

#include "fault.h"
#include "image_memory.h"
#include "isolate.h"
#include "sweep.h"

#include <stdio.h>

static edge_image *build(const subject *self) {
    edge_slot *builder = edge_slot_acquire(EDGE_SLOT_CAPACITY, true);
    if (builder == NULL || guest_build(builder, self->prelude, &self->budget, &self->script).status != EDGE_DONE) {
        sweep_fail(self, "file", 0, "the worker can't be built");
    }
    edge_freeze outcome;
    edge_image *image = edge_isolate_freeze(builder, "dispatch", &outcome);
    if (image == NULL) {
        sweep_fail(self, "file", (uint64_t)outcome, "the worker can't be frozen");
    }
    edge_slot_release(builder);
    return image;
}

/// What is shared lies where no word of a table's node looks like an address in it, wherever the system would put it.
static void place(const subject *self, uintptr_t wanted, uint64_t n) {
    fault_place_mapping((void *)wanted, edge_round_to_pages(self->image->shared_size));
    edge_image *image = build(self);
    if (!fault_was_placed()) {
        sweep_fail(self, "file", n, "what is shared was not put there first");
    }
    const uintptr_t first = (uintptr_t)image->shared;
    const uintptr_t last = first + image->shared_size;
    if (first / EDGE_SLOT_STRIDE != last / EDGE_SLOT_STRIDE || first % EDGE_SLOT_STRIDE < EDGE_SLOT_OFFSET) {
        sweep_fail(self, "file", n, "what is shared lies where numbers look like addresses");
    }
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, false);
    edge_slot_bind(slot, image);
    sweep_check(self, slot, "file", n);
    edge_slot_release(slot);
    edge_image_free(image);
}

static void load(const subject *self, edge_image *image, FILE *file, const edge_image_body *body, uint64_t n) {
    if (edge_image_load(image, fileno(file), body) != 0) {
        sweep_fail(self, "file", n, "the image can't be loaded");
    }
}

/// A slot that was bound before the image left memory is bound to it again once it is back, elsewhere.
static void leave(const subject *self, FILE *file, const edge_image_body *body) {
    const edge_image *model = self->image;
    edge_image *image = edge_image_make_absent(model->size, model->shared_size, model->relocation_count);
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, false);
    load(self, image, file, body, 0);
    edge_slot_bind(slot, image);
    sweep_check(self, slot, "file", 0);
    const void *before = image->mapping;
    edge_image_unload(image);
    // Whether it was kept for the next image or not, the image finds its place taken.
    size_t mapped;
    void *taken = edge_image_memory_take((size_t)body->length, &mapped);
    load(self, image, file, body, 1);
    if (taken == NULL || image->mapping == before) {
        sweep_fail(self, "file", 1, "the image lies where it lay");
    }
    edge_slot_bind(slot, image);
    sweep_check(self, slot, "file", 1);
    edge_slot_release(slot);
    edge_image_free(image);
    edge_image_memory_give_back(taken, mapped);
}

uint64_t sweep_file(const subject *self) {
    // Sanitizers keep their own memory higher up.
    const uintptr_t boundary = 0x6d52 * EDGE_SLOT_STRIDE;
    place(self, boundary - EDGE_PAGE_BYTES, 0);
    place(self, boundary, 1);
    edge_image_body body = {.offset = 0};
    size_t length = 0;
    uint8_t *bytes = edge_image_pack(self->image, &length, body.checksum);
    FILE *file = tmpfile();
    if (bytes == NULL || file == NULL || fwrite(bytes, 1, length, file) != length || fflush(file) != 0) {
        sweep_fail(self, "file", 0, "the image can't be packed");
    }
    edge_image_pack_free(bytes);
    body.length = length;
    leave(self, file, &body);
    fclose(file);
    return 4;
}
