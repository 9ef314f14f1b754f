#define _GNU_SOURCE 1

#include "guard.h"
#include "isolate.h"
#include "shared.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// An image is the used part of a slot after a full collection, and the offsets of the words in it that are pointers into
// it: every aligned word whose value lies in the slot's used range. A number taken for a pointer by chance would change
// that number in another slot, and could never make a pointer; the slot's random address makes it improbable. What is
// shared (shared.h) is copied to where it stays, and the pointers to it are changed once.

uint64_t edge_image_next_id(void) {
    static atomic_uint_fast64_t next = 1;
    return atomic_fetch_add(&next, 1);
}

/// Ends the entry that ran last and collects, so that what comes next lies where the garbage lay.
static void settle_body(edge_isolate *isolate, void *argument) {
    (void)argument;
    lua_State *L = isolate->main;
    edge_isolate_leave(isolate);
    edge_buffer_free(isolate, &isolate->message);
    edge_buffer_free(isolate, &isolate->log);
    lua_gc(L, LUA_GCRESTART);
    // Twice: what the first collection finalized or cleared from weak tables goes with the second.
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCSTOP);
    if (isolate->shared != NULL) {
        edge_hot_settle(&isolate->shared->hot);
    }
}

/// So deep a plain request calls (the prelude, the handler, a field of the request, a library), with so many values on the stack.
enum { USUAL_CALLS = 5, USUAL_VALUES = 110 };

static int call_deeper(lua_State *L) {
    const lua_Integer depth = lua_tointeger(L, 1);
    if (depth > 1) {
        lua_pushcfunction(L, call_deeper);
        lua_pushinteger(L, depth - 1);
        lua_call(L, 1, 0);
    }
    return 0;
}

/// Gives the entry's coroutine the stack and the call records that a request needs, so that it does not make them. Last: until the
/// heap is frozen there is little room where they belong.
static void grow_stack(edge_isolate *isolate) {
    lua_State *task = isolate->task;
    edge_shared_set_hot(isolate, true);
    lua_checkstack(task, USUAL_VALUES);
    lua_pushcfunction(task, call_deeper);
    lua_pushinteger(task, USUAL_CALLS);
    lua_call(task, 1, 0);
    edge_shared_set_hot(isolate, false);
}

static void share_body(edge_isolate *isolate, void *argument) {
    (void)argument;
    edge_shared *shared = isolate->shared;
    grow_stack(isolate);
    if (shared != NULL) {
        edge_shared_freeze(isolate);
    }
    edge_arena_freeze(isolate);
    if (shared != NULL) {
        edge_hot_freeze(&shared->hot, isolate);
    }
    lua_setallocf(isolate->main, edge_arena_lua_alloc, isolate);
}

static size_t scan(const edge_isolate *isolate, size_t size, uint32_t *relocations) {
    const uintptr_t base = (uintptr_t)isolate;
    const uintptr_t *words = (const uintptr_t *)isolate;
    size_t count = 0;
    for (size_t i = 0; i < size / sizeof(uintptr_t); i++) {
        if (words[i] - base <= size) {
            if (relocations != NULL) {
                relocations[count] = (uint32_t)(i * sizeof(uintptr_t));
            }
            count++;
        }
    }
    return count;
}

size_t edge_image_shift(uint8_t *bytes, size_t count, uintptr_t start, size_t size, uintptr_t difference) {
    uintptr_t *words = (uintptr_t *)bytes;
    size_t found = 0;
    for (size_t i = 0; i < count / sizeof(uintptr_t); i++) {
        if (words[i] - start <= size) {
            words[i] += difference;
            found++;
        }
    }
    return found;
}

static bool is_zero(const uint8_t *bytes, size_t count) {
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

static void *map(size_t size) {
    void *place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return place == MAP_FAILED ? NULL : place;
}

/// Whether none of these addresses looks like a word of a table's node: a distance of 32 bits above two fields of 16, the upper
/// of them zero (as EDGE_SLOT_OFFSET says of slots). A distance is any number; so it is the low half that must not be like that.
static bool is_apart(uintptr_t start, size_t size) {
    const uintptr_t low = start % EDGE_SLOT_STRIDE;
    return low >= EDGE_SLOT_OFFSET && size < EDGE_SLOT_STRIDE - low;
}

/// Maps `size` bytes that are apart. Where the system chooses others, a part of a mapping that is large enough to hold such.
static uint8_t *map_apart(size_t size) {
    uint8_t *place = map(size);
    if (place == NULL || is_apart((uintptr_t)place, size)) {
        return place;
    }
    munmap(place, size);
    const size_t length = 2 * (size + EDGE_SLOT_OFFSET);
    place = map(length);
    if (place == NULL) {
        return NULL;
    }
    const uintptr_t start = (uintptr_t)place;
    const uintptr_t stride = start - start % EDGE_SLOT_STRIDE;
    uintptr_t chosen = start < stride + EDGE_SLOT_OFFSET ? stride + EDGE_SLOT_OFFSET : start;
    if (!is_apart(chosen, size)) {
        chosen = stride + EDGE_SLOT_STRIDE + EDGE_SLOT_OFFSET;
    }
    if (chosen > start) {
        munmap(place, chosen - start);
    }
    munmap((uint8_t *)chosen + size, start + length - chosen - size);
    return (uint8_t *)chosen;
}

/// Copies what is shared to a mapping of its own, which it may fill but for free pages.
static bool copy_shared(edge_image *image, const edge_shared *shared) {
    const uint8_t *from = (const uint8_t *)shared->start;
    const size_t size = image->shared_size;
    const size_t mapped = edge_round_to_pages(size);
    uint8_t *place = map_apart(mapped);
    if (place == NULL) {
        return false;
    }
    image->shared = place;
    for (size_t i = 0; i < size; i += EDGE_PAGE_BYTES) {
        size_t part = size - i < EDGE_PAGE_BYTES ? size - i : EDGE_PAGE_BYTES;
        if (!is_zero(from + i, part)) {
            memcpy(image->shared + i, from + i, part);
        }
    }
    uintptr_t difference = (uintptr_t)place - shared->start;
    edge_image_shift(image->shared, size, shared->start, size, difference);
    edge_image_shift(image->bytes, image->size, shared->start, size, difference);
    return mprotect(place, mapped, PROT_READ) == 0;
}

static edge_image *copy_heap(const edge_slot *slot) {
    const edge_isolate *isolate = slot->isolate;
    edge_image *image = calloc(1, sizeof *image);
    if (image == NULL) {
        return NULL;
    }
    image->id = edge_image_next_id();
    image->base = (uintptr_t)isolate;
    image->size = isolate->arena.top - image->base;
    assert(image->size > EDGE_HOT_BYTES);
    image->relocation_count = scan(isolate, image->size, NULL);
    image->bytes = malloc(image->size);
    image->relocations = malloc(image->relocation_count * sizeof *image->relocations);
    image->account = edge_memory_account_make();
    image->shared_size = isolate->shared_bytes;
    if (image->bytes == NULL || image->relocations == NULL || image->account == NULL) {
        edge_image_free(image);
        return NULL;
    }
    memcpy(image->bytes, isolate, image->size);
    scan(isolate, image->size, image->relocations);
    if (image->shared_size > 0 && !copy_shared(image, (const edge_shared *)slot->shared)) {
        edge_image_free(image);
        return NULL;
    }
    edge_memory_charge_image(image);
    return image;
}

/// Whether a word of what is shared points into a slot. Each slot has a heap of its own: it is a number that looks like an address.
static bool is_ambiguous(const edge_image *image) {
    const uintptr_t *words = (const uintptr_t *)image->shared;
    for (size_t i = 0; i < image->shared_size / sizeof *words; i++) {
        if (words[i] - image->base <= image->size) {
            return true;
        }
    }
    return false;
}

edge_image *edge_isolate_freeze(edge_slot *slot, const char *entry, edge_freeze *outcome) {
    edge_isolate *isolate = slot->isolate;
    edge_budget budget = {
        .cpu_ns = isolate->cpu_limit_ns,
        .wall_deadline_ns = isolate->wall_deadline_ns,
        .memory_bytes = isolate->arena.end - (uintptr_t)isolate + edge_shared_bytes(isolate),
    };
    if (edge_guard_run(slot, 0, settle_body, NULL) != EDGE_KILL_NONE ||
        edge_isolate_enter(slot, entry, &budget).status != EDGE_DONE ||
        edge_guard_run(slot, 0, share_body, NULL) != EDGE_KILL_NONE) {
        *outcome = EDGE_FREEZE_KILLED;
        return NULL;
    }
    isolate->building = false;
    isolate->log_committed = 0;
    isolate->log_dropped = 0;
    isolate->random_seeded = false;
    edge_image *image = copy_heap(slot);
    *outcome = image == NULL ? EDGE_FREEZE_NO_MEMORY : EDGE_FREEZE_DONE;
    if (image != NULL && is_ambiguous(image)) {
        edge_image_free(image);
        *outcome = EDGE_FREEZE_AMBIGUOUS;
        return NULL;
    }
    return image;
}

size_t edge_image_size(const edge_image *image) {
    return image->size;
}

size_t edge_image_shared_size(const edge_image *image) {
    return image->shared_size;
}

size_t edge_image_relocations(const edge_image *image) {
    return image->relocation_count;
}

void edge_image_free(edge_image *image) {
    edge_image_unload(image);
    edge_memory_account_release(image->account);
    free(image);
}

/// Gives back what lies in the slot between `keep` and `used` bytes from its base.
static void release_memory(edge_slot *slot, size_t keep, size_t used) {
    size_t from = edge_round_to_pages(keep);
    if (used > slot->capacity) {
        used = slot->capacity;
    }
    if (used > from) {
        madvise((uint8_t *)slot->isolate + from, used - from, MADV_DONTNEED);
    }
}

/// Writes the image to `place` as it must be at the slot's address.
static void write_image(const edge_slot *slot, const edge_image *image, uint8_t *place) {
    const uintptr_t difference = (uintptr_t)slot->isolate - image->base;
    // Slots differ in the high half of their addresses only: an address keeps its hash.
    assert((difference & (EDGE_SLOT_STRIDE - 1)) == 0);
    memcpy(place, image->bytes, image->size);
    for (size_t i = 0; i < image->relocation_count; i++) {
        *(uintptr_t *)(place + image->relocations[i]) += difference;
    }
}

void edge_slot_bind(edge_slot *slot, const edge_image *image) {
    slot->image = image;
    if (slot->image_id == image->id) {
        return;
    }
    // What a larger image left; the requests of this one would never reach it.
    if (slot->image_size > image->size + EDGE_KEPT_DIRTY_BYTES) {
        release_memory(
            slot, image->size + EDGE_KEPT_DIRTY_BYTES, slot->image_size + EDGE_KEPT_DIRTY_BYTES + EDGE_PAGE_BYTES
        );
    }
    edge_cold_end(slot);
    edge_slot_drop_master(slot);
    edge_memory_bind(slot, image);
    slot->image_id = image->id;
    slot->image_size = image->size;
    // One call instead of a page fault for each 4 KB; kernels before 5.14 refuse it, which is no harm.
    madvise(slot->isolate, edge_round_to_pages(image->size), MADV_POPULATE_WRITE);
    write_image(slot, image, (uint8_t *)slot->isolate);
    slot->pristine = true;
}

void edge_slot_make_pristine(edge_slot *slot) {
    if (slot->pristine) {
        slot->pristine = false;
        return;
    }
    // A slot's first run needs no master, its second makes one: a slot that is used once costs its heap only.
    if (slot->master == NULL && edge_slot_make_master(slot)) {
        write_image(slot, slot->image, slot->master);
    }
    if (slot->master != NULL) {
        edge_cold_restore(slot);
    } else {
        write_image(slot, slot->image, (uint8_t *)slot->isolate);
    }
}

void edge_isolate_retire(edge_slot *slot) {
    edge_guard_abandon(slot);
    size_t used = slot->isolate->arena.peak - (uintptr_t)slot->isolate;
    release_memory(slot, slot->image_size + EDGE_KEPT_DIRTY_BYTES, used);
    edge_memory_shrink(slot);
}
