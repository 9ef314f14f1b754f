#ifndef EDGE_FREE_BLOCKS_H
#define EDGE_FREE_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

// The free blocks of a heap, by size. A block is a multiple of 16 bytes and has no header while it is in use; a free one
// holds its own link.

enum {
    EDGE_ARENA_GRAIN = 16,
    EDGE_ARENA_SMALL_MAX = 512,
    EDGE_ARENA_SMALL_CLASSES = EDGE_ARENA_SMALL_MAX / EDGE_ARENA_GRAIN,
    /// Bins for larger free blocks: four for each power of two from 512 bytes to 4 GiB.
    EDGE_ARENA_BINS = 4 * 23,
};

typedef struct edge_free_block {
    struct edge_free_block *next;
    /// Bytes; blocks in a small class have the size of their class and don't store it.
    size_t size;
} edge_free_block;

typedef struct edge_free_blocks {
    edge_free_block *small[EDGE_ARENA_SMALL_CLASSES];
    edge_free_block *bins[EDGE_ARENA_BINS];
    uint64_t bin_map[2];
} edge_free_blocks;

static inline size_t edge_round_to_grain(size_t size) {
    return (size + (EDGE_ARENA_GRAIN - 1)) & ~(size_t)(EDGE_ARENA_GRAIN - 1);
}

/// Adds a block of more than `EDGE_ARENA_SMALL_MAX` bytes.
void edge_free_blocks_add_large(edge_free_blocks *self, uintptr_t block, size_t size);

static inline void edge_free_blocks_add(edge_free_blocks *self, uintptr_t block, size_t size) {
    if (size > EDGE_ARENA_SMALL_MAX) {
        edge_free_blocks_add_large(self, block, size);
        return;
    }
    edge_free_block *free_block = (edge_free_block *)block;
    unsigned class = (unsigned)(size / EDGE_ARENA_GRAIN) - 1;
    free_block->next = self->small[class];
    self->small[class] = free_block;
}

/// A block of exactly `size` bytes, the rest of a larger one given back; NULL where there is none. Small sizes are cut from
/// large blocks only.
void *edge_free_blocks_cut(edge_free_blocks *self, size_t size);

/// What `edge_arena_allocate` takes first: a small block of this very size, or a large one.
static inline void *edge_free_blocks_take(edge_free_blocks *self, size_t size) {
    if (size > EDGE_ARENA_SMALL_MAX) {
        return edge_free_blocks_cut(self, size);
    }
    edge_free_block **list = &self->small[size / EDGE_ARENA_GRAIN - 1];
    edge_free_block *block = *list;
    if (block != NULL) {
        *list = block->next;
    }
    return block;
}

/// Joins neighbouring blocks; what lies at `top` is taken away. Returns the new top.
uintptr_t edge_free_blocks_merge(edge_free_blocks *self, uintptr_t top);
/// Takes all blocks out, as one list in which each tells its size; NULL where there are none.
edge_free_block *edge_free_blocks_take_all(edge_free_blocks *self);
/// Adds the blocks of such a list.
void edge_free_blocks_add_all(edge_free_blocks *self, edge_free_block *list);
/// Overwrites the blocks with zeros but for what the lists need.
void edge_free_blocks_scrub(edge_free_blocks *self);

#endif
