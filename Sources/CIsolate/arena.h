#ifndef EDGE_ARENA_H
#define EDGE_ARENA_H

#include <stddef.h>
#include <stdint.h>

// The heap of an isolate: a bump pointer, free lists and their accounting, all inside the slot so that restoring the
// image restores them too.
//
//   base            start                     top              granted       end (the limit)      capacity
//    | edge_isolate | blocks, free blocks ...  | never used ...  | not asked for ... | out of bounds ...  |
//
// Every block is a multiple of 16 bytes and has no header: Lua tells a block's size when it frees it.

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

typedef struct edge_arena {
    uintptr_t start;
    uintptr_t top;
    uintptr_t end;
    /// Up to here the heap may grow without asking for a share of the memory of all isolates.
    uintptr_t granted;
    /// The highest `top` since the last restore.
    uintptr_t peak;
    /// Bytes in blocks that are in use.
    size_t used;
    /// Bytes freed since free blocks were last merged.
    size_t freed;
    /// When `top` first passes this address the collector is started; SIZE_MAX afterwards.
    uintptr_t collect_at;
    edge_free_block *small[EDGE_ARENA_SMALL_CLASSES];
    edge_free_block *bins[EDGE_ARENA_BINS];
    uint64_t bin_map[2];
} edge_arena;

struct edge_isolate;

void edge_arena_init(struct edge_isolate *isolate);
/// Sets the limit of a run: the heap may extend to `limit` bytes from the slot's base. `granted` bytes of it are the
/// slot's already.
void edge_arena_set_limit(struct edge_isolate *isolate, size_t limit, size_t granted);
/// Allocates, or ends the isolate as out of memory; never returns NULL.
void *edge_arena_allocate(struct edge_isolate *isolate, size_t size);
void edge_arena_free(struct edge_isolate *isolate, void *block, size_t size);
void *edge_arena_resize(struct edge_isolate *isolate, void *block, size_t old_size, size_t new_size);
/// The `lua_Alloc` of isolates; `ud` is the isolate.
void *edge_arena_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size);
/// The same while an image is built: it clears what is given back, so that behind what a block holds, up to its grain, lies nothing that
/// an earlier one left.
void *edge_arena_lua_alloc_building(void *ud, void *block, size_t old_size, size_t new_size);
/// Overwrites free blocks with zeros but for their links, so that no stale pointer gets into an image.
void edge_arena_scrub(struct edge_isolate *isolate);

#endif
