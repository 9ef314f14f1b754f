#ifndef EDGE_SHARED_H
#define EDGE_SHARED_H

#include "arena.h"
#include "hot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What no request ever writes to: strings, compiled functions and their arrays, and the table of the strings. While an
// image is being built they lie in a heap of their own, in the upper half of the building slot's 4 GiB:
//
//   base                                        at random, from base + 2 GiB on
//    | edge_isolate | blocks, free blocks ...    | edge_shared | blocks, free blocks ...  |
//
// When it is frozen, Lua takes them out of its collector's sight, so that even a collection leaves them alone, and the
// image gets a copy of them that all its slots point into, mapped read-only: a slot holds, copies and relocates the rest
// only. It takes a Lua with edgehost's patches; without, everything lies in the one heap.

typedef struct edge_shared {
    uintptr_t start;
    uintptr_t top;
    uintptr_t end;
    size_t freed;
    edge_free_blocks free;
    /// Not shared, but known only while an image is built, too.
    edge_hot hot;
    /// What is allocated now belongs there, of whatever kind it is.
    bool is_hot;
} edge_shared;

struct edge_isolate;
struct lua_State;

/// Of the patched Lua; NULL in another. After it the state's strings and prototypes are never written, moved or freed. What
/// they consist of is what was asked for as LUA_TSTRING or LUA_TPROTO.
extern void edgehost_freeze(struct lua_State *L) __attribute__((weak));

/// From here on the isolate has a second heap, in the `capacity` bytes at `place`.
void edge_shared_init(struct edge_isolate *isolate, void *place, size_t capacity);
/// The `lua_Alloc` of isolates that are being built; `ud` is the isolate. Both heaps together keep to the limit. Blocks are
/// zero when they are new: what lies between their members gets into the image and must not look like a pointer.
void *edge_building_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size);
/// Whether what is allocated from here on is what every request writes to; only while an image is built.
void edge_shared_set_hot(struct edge_isolate *isolate, bool is_hot);
/// The bytes of the heap that an isolate shares, or will.
size_t edge_shared_bytes(const struct edge_isolate *isolate);
/// Gives room at the top of the second heap to the first; returns whether there was some.
bool edge_shared_yield(struct edge_isolate *isolate);
/// From here on Lua writes to nothing that is shared, and all it allocates lies in the first heap. Guarded.
void edge_shared_freeze(struct edge_isolate *isolate);

#endif
