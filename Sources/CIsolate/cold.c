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
    /// Images from this size on are copied by chunks: below, a copy costs less than what it saves.
    IMAGE_BYTES_MIN = 256 * 1024,
    /// Pieces of cold memory in one slot: each is a mapping, of which a process can have 65,530.
    PIECES_MAX = 8,
    RESTORES_PER_LESSON = 1024,
    /// Slots that have cold chunks, in all.
    SLOTS_MAX = 2048,
};

_Static_assert(sizeof(edge_isolate) <= EDGE_PAGE_BYTES, "the header lies in the first chunk");

static atomic_uint slots;

static unsigned chunk_count(const edge_slot *slot) {
    return (unsigned)((slot->image_size + slot->cold.chunk_bytes - 1) / slot->cold.chunk_bytes);
}

static uint64_t all_chunks(const edge_slot *slot) {
    return ~(uint64_t)0 >> (CHUNKS_MAX - chunk_count(slot));
}

/// The first chunk begins with the header, which the host writes to; the last page of the last is the heap's top.
static uint64_t ever_warm(const edge_slot *slot) {
    return 1 | (uint64_t)1 << (chunk_count(slot) - 1);
}

static uint8_t *chunk_at(const edge_slot *slot, unsigned index) {
    return (uint8_t *)slot->isolate + index * slot->cold.chunk_bytes;
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
    size_t chunk = (slot->image_size + CHUNKS_MAX - 1) / CHUNKS_MAX;
    cold->chunk_bytes = edge_round_to_pages(chunk);
    cold->restores = 0;
    cold->warm = ever_warm(slot);
    size_t length = (chunk_count(slot) - 2) * cold->chunk_bytes;
    if (mprotect(chunk_at(slot, 1), length, PROT_READ) != 0) {
        cold->warm = all_chunks(slot);
    }
}

static void copy_warm(const edge_slot *slot) {
    uint64_t left = slot->cold.warm;
    while (left != 0) {
        unsigned first = (unsigned)__builtin_ctzll(left);
        uint64_t after = ~(left >> first);
        unsigned count = after == 0 ? CHUNKS_MAX - first : (unsigned)__builtin_ctzll(after);
        size_t offset = first * slot->cold.chunk_bytes;
        size_t length = count * slot->cold.chunk_bytes;
        size_t rest = slot->image_size - offset;
        memcpy(chunk_at(slot, first), slot->master + offset, length < rest ? length : rest);
        left = first + count == CHUNKS_MAX ? 0 : left >> (first + count) << (first + count);
    }
}

void edge_cold_restore(edge_slot *slot) {
    edge_cold *cold = &slot->cold;
    if (cold->chunk_bytes != 0) {
        copy_warm(slot);
        if (++cold->restores == RESTORES_PER_LESSON) {
            protect(slot);
        }
        return;
    }
    memcpy(slot->isolate, slot->master, slot->image_size);
    // Sanitizers have handlers of their own.
    if (EDGE_GUEST_STACKS && slot->image_size >= IMAGE_BYTES_MIN) {
        if (atomic_fetch_add(&slots, 1) < SLOTS_MAX) {
            protect(slot);
        } else {
            atomic_fetch_sub(&slots, 1);
        }
    }
}

bool edge_cold_touch(edge_slot *slot, uintptr_t address) {
    edge_cold *cold = &slot->cold;
    uintptr_t offset = address - (uintptr_t)slot->isolate;
    if (cold->chunk_bytes == 0 || offset >= slot->image_size) {
        return false;
    }
    unsigned index = (unsigned)(offset / cold->chunk_bytes);
    if ((cold->warm >> index & 1) != 0) {
        return false;
    }
    int before = errno;
    cold->warm |= (uint64_t)1 << index;
    bool done = cold_pieces(slot) <= PIECES_MAX &&
        mprotect(chunk_at(slot, index), cold->chunk_bytes, PROT_READ | PROT_WRITE) == 0;
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
