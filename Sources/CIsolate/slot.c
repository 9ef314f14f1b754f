#define _GNU_SOURCE 1

#include "guard.h"
#include "isolate.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

// Slots lie from 0x1001'0000'0000 up. The first 4,095 of them have a sixth byte of 0x10...0x1f, a control character:
// images are built there, so that no text in an image can look like a pointer into it.

#ifdef EDGE_THREAD_SANITIZER
// It keeps its own memory there and leaves a program little; that text looks like a pointer can happen.
enum {
    FIRST_SLOT = 0x5501,
    BUILDING_SLOTS_END = 0x5540,
    SLOTS_END = 0x5680,
};
#else
enum {
    FIRST_SLOT = 0x1001,
    BUILDING_SLOTS_END = 0x2000,
    SLOTS_END = 0x5000,
};
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t taken[SLOTS_END / 64];
static unsigned next_hint = BUILDING_SLOTS_END;

static bool is_taken(unsigned index) {
    return (taken[index / 64] >> (index % 64)) & 1;
}

static bool map_at(void *wanted, size_t capacity) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    void *got = mmap(wanted, capacity, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (got == MAP_FAILED) {
        return false;
    }
    if (got != wanted) {
        munmap(got, capacity);
        return false;
    }
    // A huge page would make the first touch of a small heap cost tens of microseconds and 2 MB.
    madvise(got, capacity, MADV_NOHUGEPAGE);
    return true;
}

static uint32_t random_word(void) {
    uint32_t word = 0;
    (void)!getrandom(&word, sizeof word, 0);
    return word;
}

static unsigned random_index(void) {
    return FIRST_SLOT + random_word() % (BUILDING_SLOTS_END - FIRST_SLOT);
}

static edge_isolate *isolate_at(unsigned index) {
    return (edge_isolate *)((uintptr_t)index * EDGE_SLOT_STRIDE + EDGE_SLOT_OFFSET);
}

/// Behind the largest slot, in the third quarter of its stride, at random: so two numbers side by side don't look like an
/// address in it.
static uint8_t *random_shared(unsigned index) {
    uintptr_t first = (uintptr_t)isolate_at(index) + EDGE_SLOT_CAPACITY;
    return (uint8_t *)(first + random_word() % (EDGE_SLOT_STRIDE / 4 / EDGE_PAGE_BYTES) * EDGE_PAGE_BYTES);
}

size_t edge_slot_shared_capacity(const edge_slot *slot) {
    return slot->capacity < EDGE_SLOT_STRIDE / 4 ? slot->capacity : EDGE_SLOT_STRIDE / 4;
}

static unsigned following_index(unsigned index) {
    return index + 1 < SLOTS_END ? index + 1 : FIRST_SLOT;
}

/// Maps a free slot and marks it as taken; 0 when there is none. `lock` is held.
static unsigned take_index(size_t capacity, bool random) {
    unsigned index = random ? random_index() : next_hint;
    for (unsigned tries = 0; tries < SLOTS_END - FIRST_SLOT; tries++) {
        if (!is_taken(index)) {
            if (map_at(isolate_at(index), capacity)) {
                taken[index / 64] |= (uint64_t)1 << (index % 64);
                return index;
            }
            if (errno == ENOMEM) {
                return 0;
            }
        }
        index = random && tries < 64 ? random_index() : following_index(index);
    }
    return 0;
}

/// Room for what an image shares; nothing else has ever lain there, as the slot is this one's.
static bool map_shared(edge_slot *slot, unsigned index) {
    uint8_t *place = random_shared(index);
    if (!map_at(place, edge_slot_shared_capacity(slot))) {
        return false;
    }
    slot->shared = place;
    return true;
}

edge_slot *edge_slot_acquire(size_t capacity, bool random) {
    assert(capacity > 0 && capacity <= EDGE_SLOT_CAPACITY);
    edge_slot *slot = calloc(1, sizeof *slot);
    if (slot == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    unsigned index = take_index(capacity, random);
    if (index != 0 && !random) {
        next_hint = following_index(index);
    }
    pthread_mutex_unlock(&lock);
    if (index == 0) {
        free(slot);
        return NULL;
    }
    slot->isolate = isolate_at(index);
    slot->capacity = capacity;
    if (random && !map_shared(slot, index)) {
        edge_slot_release(slot);
        return NULL;
    }
    return slot;
}

void edge_slot_drop_master(edge_slot *slot) {
    if (slot->master != NULL) {
        munmap(slot->master, edge_round_to_pages(slot->image_size));
        slot->master = NULL;
    }
}

bool edge_slot_make_master(edge_slot *slot) {
    assert(slot->master == NULL);
    // A mapping of its own rather than malloc's, so that an idle slot gives back all of it.
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
    void *master = mmap(NULL, edge_round_to_pages(slot->image_size), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (master == MAP_FAILED) {
        return false;
    }
    slot->master = master;
    return true;
}

/// Ends what the slot is bound to; of its memory the first `keep` bytes remain.
static void unbind(edge_slot *slot, size_t keep) {
    assert(keep < slot->capacity);
    edge_cold_end(slot);
    madvise((uint8_t *)slot->isolate + keep, slot->capacity - keep, MADV_DONTNEED);
    if (slot->shared != NULL) {
        madvise(slot->shared, edge_slot_shared_capacity(slot), MADV_DONTNEED);
    }
    edge_slot_drop_master(slot);
    edge_memory_unbind(slot);
    slot->image_id = 0;
    slot->image_size = 0;
    slot->pristine = false;
}

void edge_slot_trim(edge_slot *slot) {
    unbind(slot, 0);
}

void edge_slot_make_ready(edge_slot *slot) {
    unbind(slot, EDGE_READY_BYTES);
    // As in edge_slot_bind.
    madvise(slot->isolate, EDGE_READY_BYTES, MADV_POPULATE_WRITE);
}

void edge_slot_release(edge_slot *slot) {
    edge_guard_abandon(slot);
    edge_cold_end(slot);
    unsigned index = (unsigned)((uintptr_t)slot->isolate / EDGE_SLOT_STRIDE);
    munmap(slot->isolate, slot->capacity);
    if (slot->shared != NULL) {
        munmap(slot->shared, edge_slot_shared_capacity(slot));
    }
    pthread_mutex_lock(&lock);
    taken[index / 64] &= ~((uint64_t)1 << (index % 64));
    if (index >= BUILDING_SLOTS_END && index < next_hint) {
        next_hint = index;
    }
    pthread_mutex_unlock(&lock);
    edge_slot_drop_master(slot);
    edge_memory_unbind(slot);
    free(slot);
}
