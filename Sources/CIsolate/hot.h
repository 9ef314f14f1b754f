#ifndef EDGE_HOT_H
#define EDGE_HOT_H

#include "free_blocks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What every request writes to: stacks and their call records, upvalues, the table of new strings, its `request` and `ctx`. While an image is being
// built they lie in front of the heap, behind the isolate's header, as far as there is room:
//
//   base            ...                 top                 base + EDGE_HOT_BYTES
//    | edge_isolate | blocks, free blocks | never used        | the heap: tables, functions ...  |
//
// Nothing moves when the image is frozen, because Lua hashes keys by their addresses. A restore copies these pages; of the
// heap, which requests mostly read, it copies what was ever written to (cold.h). It takes a Lua with edgehost's patches;
// without, the heap begins behind the header, and the first EDGE_HOT_BYTES of all are copied.

typedef struct edge_hot {
    uintptr_t top;
    uintptr_t end;
    edge_free_blocks free;
} edge_hot;

struct edge_isolate;

/// Makes room in front of the isolate's heap, which must be empty.
void edge_hot_init(edge_hot *self, struct edge_isolate *isolate);
/// Whether an object of this kind, as Lua tells it to its allocator, belongs here.
bool edge_hot_takes(int kind);
/// NULL where there is no room: such an object lies in the heap then.
void *edge_hot_allocate(edge_hot *self, size_t size);
void edge_hot_free(edge_hot *self, void *block, size_t size);
/// Makes one block of free ones that touch, so that what is larger than each finds room.
void edge_hot_settle(edge_hot *self);
/// Gives what is free to the heap.
void edge_hot_freeze(edge_hot *self, struct edge_isolate *isolate);

#endif
