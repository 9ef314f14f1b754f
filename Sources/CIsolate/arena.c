#include "arena.h"

#include "guard.h"
#include "isolate.h"
#include "shared.h"

#include <assert.h>
#include <string.h>

enum {
    /// How much of the memory of all isolates a heap asks for at a time, at least; larger heaps ask for an eighth of theirs.
    GRANT_BYTES = 256 * 1024,
};

void edge_arena_init(edge_isolate *isolate) {
    edge_arena *arena = &isolate->arena;
    memset(arena, 0, sizeof *arena);
    edge_arena_begin_at(arena, (uintptr_t)isolate + edge_round_to_grain(sizeof(edge_isolate)));
    arena->collect_at = UINTPTR_MAX;
}

void edge_arena_begin_at(edge_arena *self, uintptr_t start) {
    self->start = start;
    self->top = start;
    self->end = start;
    self->granted = start;
    self->peak = start;
}

bool edge_arena_can_share(void) {
    return edgehost_freeze != NULL;
}

void edge_arena_set_limit(edge_isolate *isolate, size_t limit, size_t granted) {
    edge_arena *arena = &isolate->arena;
    uintptr_t base = (uintptr_t)isolate;
    arena->end = base + limit;
    if (arena->end < arena->top) {
        arena->end = arena->top;
    }
    arena->granted = base + granted;
    if (arena->granted < arena->top) {
        arena->granted = arena->top;
    }
    if (arena->granted > arena->end) {
        arena->granted = arena->end;
    }
    arena->peak = arena->top;
    arena->collect_at = arena->top + (arena->end - arena->top) / 4;
}

void edge_arena_start_collector(edge_isolate *isolate) {
    edge_arena *arena = &isolate->arena;
    // `main` is set once the state is complete: its own allocations may pass the mark under a tiny limit.
    if (arena->collect_at != UINTPTR_MAX && isolate->main != NULL) {
        arena->collect_at = UINTPTR_MAX;
        lua_gc(isolate->main, LUA_GCRESTART);
    }
}

static void raise_top(edge_isolate *isolate, size_t size) {
    edge_arena *arena = &isolate->arena;
    arena->top += size;
    if (arena->top <= arena->peak) {
        return;
    }
    arena->peak = arena->top;
    if (arena->top > arena->collect_at) {
        edge_arena_start_collector(isolate);
    }
}

static void *bump(edge_isolate *isolate, size_t size);

static bool has_room(const edge_arena *arena, size_t size) {
    return size <= arena->end - arena->top;
}

static void merge_free_blocks(edge_arena *arena) {
    arena->top = edge_free_blocks_merge(&arena->free, arena->top);
    arena->freed = 0;
}

/// The bump pointer has reached the limit: larger free blocks serve small sizes too, and if they don't suffice, merged
/// ones do, unless too little was freed since the last merge to hope for it.
static void *allocate_at_limit(edge_isolate *isolate, size_t size) {
    edge_arena *arena = &isolate->arena;
    void *block = edge_free_blocks_cut(&arena->free, size);
    if (block == NULL && arena->reserve != NULL) {
        edge_free_blocks_add_all(&arena->free, arena->reserve);
        arena->reserve = NULL;
        block = edge_free_blocks_take(&arena->free, size);
        block = block != NULL ? block : edge_free_blocks_cut(&arena->free, size);
    }
    if (block == NULL && arena->freed >= (arena->end - arena->start) / 16) {
        merge_free_blocks(arena);
        block = edge_free_blocks_cut(&arena->free, size);
        if (block == NULL && has_room(arena, size)) {
            block = bump(isolate, size);
        }
    }
    if (block == NULL && isolate->shared != NULL && edge_shared_yield(isolate) && has_room(arena, size)) {
        block = bump(isolate, size);
    }
    if (block == NULL) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
    return block;
}

/// Asks for as much more of the memory of all isolates as `size` bytes at the top need, and a little in advance.
static void grow_grant(edge_isolate *isolate, size_t size) {
    edge_arena *arena = &isolate->arena;
    size_t wanted = arena->top + size - arena->granted;
    size_t eighth = (arena->granted - (uintptr_t)isolate) / 8;
    size_t minimum = eighth < GRANT_BYTES ? GRANT_BYTES : eighth;
    if (wanted < minimum) {
        wanted = minimum;
    }
    if (wanted > arena->end - arena->granted) {
        wanted = arena->end - arena->granted;
    }
    bool is_scarce = edge_guard_grant(isolate, wanted);
    arena->granted += wanted;
    if (is_scarce) {
        edge_arena_start_collector(isolate);
    }
}

static void *bump(edge_isolate *isolate, size_t size) {
    edge_arena *arena = &isolate->arena;
    if (size > arena->granted - arena->top) {
        if (!has_room(arena, size)) {
            return allocate_at_limit(isolate, size);
        }
        grow_grant(isolate, size);
    }
    void *block = (void *)arena->top;
    raise_top(isolate, size);
    return block;
}

void *edge_arena_allocate(edge_isolate *isolate, size_t wanted) {
    edge_arena *arena = &isolate->arena;
    if (wanted > EDGE_SLOT_CAPACITY) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
    size_t size = edge_round_to_grain(wanted);
    void *block = edge_free_blocks_take(&arena->free, size);
    if (block == NULL) {
        // Every request copies what is free between the blocks of an image.
        block = isolate->building ? edge_free_blocks_cut(&arena->free, size) : NULL;
        block = block != NULL ? block : bump(isolate, size);
    }
    arena->used += size;
    return block;
}

void edge_arena_free(edge_isolate *isolate, void *block, size_t old_size) {
    edge_arena *arena = &isolate->arena;
    size_t size = edge_round_to_grain(old_size);
    arena->used -= size;
    if ((uintptr_t)block + size == arena->top) {
        arena->top = (uintptr_t)block;
        return;
    }
    arena->freed += size;
    edge_free_blocks_add(&arena->free, (uintptr_t)block, size);
}

void *edge_arena_resize(edge_isolate *isolate, void *block, size_t old_wanted, size_t new_wanted) {
    edge_arena *arena = &isolate->arena;
    if (new_wanted > EDGE_SLOT_CAPACITY) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
    size_t old_size = edge_round_to_grain(old_wanted);
    size_t new_size = edge_round_to_grain(new_wanted);
    if (old_size == new_size) {
        return block;
    }
    uintptr_t address = (uintptr_t)block;
    bool at_top = address + old_size == arena->top;
    if (new_size < old_size) {
        edge_arena_free(isolate, (void *)(address + new_size), old_size - new_size);
        return block;
    }
    if (at_top && has_room(arena, new_size - old_size)) {
        bump(isolate, new_size - old_size);
        arena->used += new_size - old_size;
        return block;
    }
    void *moved = edge_arena_allocate(isolate, new_size);
    memcpy(moved, block, old_size);
    edge_arena_free(isolate, block, old_size);
    return moved;
}

void *edge_arena_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
    edge_isolate *isolate = ud;
    if (block == NULL) {
        return new_size == 0 ? NULL : edge_arena_allocate(isolate, new_size);
    }
    if (new_size == 0) {
        if (old_size > 0) {
            edge_arena_free(isolate, block, old_size);
        }
        return NULL;
    }
    return edge_arena_resize(isolate, block, old_size, new_size);
}

void edge_arena_freeze(edge_isolate *isolate) {
    edge_arena *arena = &isolate->arena;
    merge_free_blocks(arena);
    edge_free_blocks_scrub(&arena->free);
    arena->reserve = edge_free_blocks_take_all(&arena->free);
    uintptr_t top = (uintptr_t)isolate + edge_round_to_pages(arena->top - (uintptr_t)isolate);
    memset((void *)arena->top, 0, top - arena->top);
    arena->top = top;
}
