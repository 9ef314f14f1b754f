#include "hot.h"

#include "isolate.h"

#include <assert.h>
#include <string.h>

/// What lobject.h, which is Lua's own, calls LUA_TUPVAL.
enum { KIND_UPVALUE = LUA_NUMTYPES };

_Static_assert(sizeof(edge_isolate) <= EDGE_HOT_BYTES, "the header lies in the pages that are copied");

void edge_hot_init(edge_hot *self, edge_isolate *isolate) {
    edge_arena *arena = &isolate->arena;
    assert(arena->top == arena->start);
    memset(self, 0, sizeof *self);
    self->top = arena->start;
    self->end = (uintptr_t)isolate + EDGE_HOT_BYTES;
    edge_arena_begin_at(arena, self->end);
}

bool edge_hot_takes(int kind) {
    return kind == LUA_TTHREAD || kind == KIND_UPVALUE;
}

void *edge_hot_allocate(edge_hot *self, size_t wanted) {
    size_t size = edge_round_to_grain(wanted);
    void *block = edge_free_blocks_take(&self->free, size);
    if (block == NULL) {
        block = edge_free_blocks_cut(&self->free, size);
    }
    if (block == NULL && size <= self->end - self->top) {
        block = (void *)self->top;
        self->top += size;
    }
    return block;
}

void edge_hot_free(edge_hot *self, void *block, size_t wanted) {
    edge_free_blocks_add(&self->free, (uintptr_t)block, edge_round_to_grain(wanted));
}

void edge_hot_settle(edge_hot *self) {
    self->top = edge_free_blocks_merge(&self->free, self->top);
}

void edge_hot_freeze(edge_hot *self, edge_isolate *isolate) {
    edge_free_blocks *heap = &isolate->arena.free;
    edge_hot_settle(self);
    edge_free_blocks_scrub(&self->free);
    edge_free_blocks_add_all(heap, edge_free_blocks_take_all(&self->free));
    memset((void *)self->top, 0, self->end - self->top);
    if (self->top < self->end) {
        edge_free_blocks_add(heap, self->top, self->end - self->top);
    }
}
