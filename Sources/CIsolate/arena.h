#ifndef EDGE_ARENA_H
#define EDGE_ARENA_H

#include "free_blocks.h"

#include <stdbool.h>

// The heap of an isolate: a bump pointer, free lists and their accounting, all inside the slot so that restoring the
// image restores them too.
//
//   base            start                     top              granted       end (the limit)      capacity
//    | edge_isolate | blocks, free blocks ...  | never used ...  | not asked for ... | out of bounds ...  |
//
// Every block is a multiple of 16 bytes and has no header: Lua tells a block's size when it frees it.
//
// While an image is being built, strings, compiled functions and their arrays lie in a second heap (shared.h).

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
    edge_free_blocks free;
    /// What was free when the image was frozen, between blocks that requests mostly read: the last to be used.
    edge_free_block *reserve;
} edge_arena;

struct edge_isolate;

void edge_arena_init(struct edge_isolate *isolate);
/// Lets the heap, which must be empty, begin somewhere else.
void edge_arena_begin_at(edge_arena *self, uintptr_t start);
/// Whether an isolate of this arena may have a second heap, which takes a Lua that can freeze what lies there.
bool edge_arena_can_share(void);
/// Sets the limit of a run: the heap may extend to `limit` bytes from the slot's base. `granted` bytes of it are the
/// slot's already.
void edge_arena_set_limit(struct edge_isolate *isolate, size_t limit, size_t granted);
/// Allocates, or ends the isolate as out of memory; never returns NULL.
void *edge_arena_allocate(struct edge_isolate *isolate, size_t size);
void edge_arena_free(struct edge_isolate *isolate, void *block, size_t size);
void *edge_arena_resize(struct edge_isolate *isolate, void *block, size_t old_size, size_t new_size);
/// The `lua_Alloc` of isolates; `ud` is the isolate.
void *edge_arena_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size);
/// Once in a run. Only sets the collector's debt: safe between two steps of an allocation.
void edge_arena_start_collector(struct edge_isolate *isolate);
/// Sets aside what is free, overwritten with zeros so that no stale pointer gets into an image, and goes on in a page of its
/// own: what requests allocate lies behind the image, not in it.
void edge_arena_freeze(struct edge_isolate *isolate);

#endif
