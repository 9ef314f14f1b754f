#ifndef EDGE_COLD_H
#define EDGE_COLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An image is not copied whole at each restore: most requests write to a small part of its heap. Behind the slot's first
// EDGE_HOT_BYTES (hot.h) it is divided into at most 64 chunks, which begin cold: mapped read-only. The first write to one faults, and the handler makes that chunk warm:
// writable, and copied at each restore from then on. So what is cold is the image, whatever a request did: the MMU says so.
// A slot learns its warm chunks within a few requests and then costs neither faults nor system calls; now and then it
// learns anew. Where warm and cold chunks would lie in too many pieces, all become warm.

struct edge_slot;

typedef struct edge_cold {
    /// Bytes of a chunk; 0 where the whole image is copied and nothing is protected.
    size_t chunk_bytes;
    /// Bit i: chunk i is warm.
    uint64_t warm;
    /// Restores since it began to learn.
    unsigned restores;
} edge_cold;

/// Copies what is hot and the warm chunks from the slot's master. The first time it copies all, and the heap becomes cold.
void edge_cold_restore(struct edge_slot *slot);
/// A fault in GUEST at this address: whether it was a write to a cold chunk, which is warm now. For signal handlers.
bool edge_cold_touch(struct edge_slot *slot, uintptr_t address);
/// Makes all of the slot writable, before it is filled with something else.
void edge_cold_end(struct edge_slot *slot);

#endif
