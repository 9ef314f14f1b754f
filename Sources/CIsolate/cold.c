#define _GNU_SOURCE 1

#include "cold.h"

#include "guest_stack.h"
#include "isolate.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum {
    CHUNKS_MAX = 64,
    /// Pieces of cold memory in one slot: each is a mapping, of which a process can have 65,530.
    PIECES_MAX = 8,
    RESTORES_PER_LESSON = 1024,
    /// Slots that have cold chunks, in all.
    SLOTS_MAX = 2048,
};

static atomic_uint slots;

/// The bytes that are divided into chunks: whole pages.
static size_t heap_size(const edge_slot *slot) {
    return slot->image_size - EDGE_HOT_BYTES;
}

static unsigned chunk_count(const edge_slot *slot) {
    return (unsigned)((heap_size(slot) + slot->cold.chunk_bytes - 1) / slot->cold.chunk_bytes);
}

static uint64_t all_chunks(const edge_slot *slot) {
    return ~(uint64_t)0 >> (CHUNKS_MAX - chunk_count(slot));
}

static size_t chunk_offset(const edge_slot *slot, unsigned index) {
    return EDGE_HOT_BYTES + index * slot->cold.chunk_bytes;
}

/// Of `count` chunks from this one on; the last one may be shorter than the others.
static size_t chunks_length(const edge_slot *slot, unsigned index, unsigned count) {
    size_t length = count * slot->cold.chunk_bytes;
    size_t rest = slot->image_size - chunk_offset(slot, index);
    return length < rest ? length : rest;
}

static bool set_access(const edge_slot *slot, unsigned index, unsigned count, int access) {
    uint8_t *first = (uint8_t *)slot->isolate + chunk_offset(slot, index);
    return mprotect(first, chunks_length(slot, index, count), access) == 0;
}

static unsigned cold_pieces(const edge_slot *slot) {
    uint64_t cold = all_chunks(slot) & ~slot->cold.warm;
    return (unsigned)__builtin_popcountll(cold & ~(cold << 1));
}

static bool make_writable(edge_slot *slot) {
    // All of the slot: its pieces become one mapping again, which takes no memory.
    return mprotect(slot->isolate, slot->capacity, PROT_READ | PROT_WRITE) == 0;
}

/// A new lesson: all that may be cold is.
static void protect(edge_slot *slot) {
    edge_cold *cold = &slot->cold;
    size_t chunk = (heap_size(slot) + CHUNKS_MAX - 1) / CHUNKS_MAX;
    cold->chunk_bytes = edge_round_to_pages(chunk);
    cold->restores = 0;
    cold->warm = set_access(slot, 0, chunk_count(slot), PROT_READ) ? 0 : all_chunks(slot);
}

static void copy_warm(const edge_slot *slot) {
    uint64_t left = slot->cold.warm;
    while (left != 0) {
        unsigned first = (unsigned)__builtin_ctzll(left);
        uint64_t after = ~(left >> first);
        unsigned count = after == 0 ? CHUNKS_MAX - first : (unsigned)__builtin_ctzll(after);
        size_t offset = chunk_offset(slot, first);
        memcpy((uint8_t *)slot->isolate + offset, slot->master + offset, chunks_length(slot, first, count));
        left = first + count == CHUNKS_MAX ? 0 : left >> (first + count) << (first + count);
    }
}

void edge_cold_restore(edge_slot *slot) {
    edge_cold *cold = &slot->cold;
    if (cold->chunk_bytes != 0) {
        memcpy(slot->isolate, slot->master, EDGE_HOT_BYTES);
        copy_warm(slot);
        if (++cold->restores == RESTORES_PER_LESSON) {
            protect(slot);
        }
        return;
    }
    memcpy(slot->isolate, slot->master, slot->image_size);
    // Sanitizers have handlers of their own.
    if (EDGE_GUEST_STACKS) {
        if (atomic_fetch_add(&slots, 1) < SLOTS_MAX) {
            protect(slot);
        } else {
            atomic_fetch_sub(&slots, 1);
        }
    }
}

bool edge_cold_touch(edge_slot *slot, uintptr_t address) {
    edge_cold *cold = &slot->cold;
    uintptr_t offset = address - (uintptr_t)slot->isolate - EDGE_HOT_BYTES;
    if (cold->chunk_bytes == 0 || offset >= heap_size(slot)) {
        return false;
    }
    unsigned index = (unsigned)(offset / cold->chunk_bytes);
    if ((cold->warm >> index & 1) != 0) {
        return false;
    }
    int before = errno;
    cold->warm |= (uint64_t)1 << index;
    bool done = cold_pieces(slot) <= PIECES_MAX &&
        set_access(slot, index, 1, PROT_READ | PROT_WRITE);
    if (!done) {
        cold->warm = all_chunks(slot);
        done = make_writable(slot);
    }
    errno = before;
    return done;
}

void edge_cold_end(edge_slot *slot) {
    if (slot->cold.chunk_bytes != 0) {
        bool done = make_writable(slot);
        assert(done);
        (void)done;
        slot->cold.chunk_bytes = 0;
        atomic_fetch_sub(&slots, 1);
    }
}
