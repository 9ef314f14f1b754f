#include "shared.h"

#include "guard.h"
#include "isolate.h"

#include <string.h>

/// What lobject.h, which is Lua's own, calls LUA_TPROTO.
enum { KIND_PROTOTYPE = LUA_NUMTYPES + 1 };

void edge_shared_init(edge_isolate *isolate, void *place, size_t capacity) {
    edge_shared *shared = place;
    memset(shared, 0, sizeof *shared);
    shared->start = (uintptr_t)shared + edge_round_to_grain(sizeof *shared);
    shared->top = shared->start;
    shared->end = (uintptr_t)shared + capacity;
    isolate->shared = shared;
    edge_hot_init(&shared->hot, isolate);
}

void edge_shared_set_hot(edge_isolate *isolate, bool is_hot) {
    if (isolate->shared != NULL) {
        isolate->shared->is_hot = is_hot;
    }
}

size_t edge_shared_bytes(const edge_isolate *isolate) {
    const edge_shared *shared = isolate->shared;
    return shared == NULL ? isolate->shared_bytes : shared->top - shared->start;
}

bool edge_shared_yield(edge_isolate *isolate) {
    edge_shared *shared = isolate->shared;
    uintptr_t top = edge_free_blocks_merge(&shared->free, shared->top);
    size_t size = shared->top - top;
    shared->top = top;
    shared->freed = 0;
    isolate->arena.end += size;
    return size > 0;
}

/// Room at the top, taken from the other heap's; NULL where it has none.
static void *bump(edge_isolate *isolate, size_t size) {
    edge_shared *shared = isolate->shared;
    edge_arena *arena = &isolate->arena;
    if (size > arena->end - arena->top || size > shared->end - shared->top) {
        return NULL;
    }
    arena->end -= size;
    if (arena->granted > arena->end) {
        arena->granted = arena->end;
    }
    if (arena->collect_at != UINTPTR_MAX) {
        arena->collect_at -= size;
        if (arena->top > arena->collect_at) {
            edge_arena_start_collector(isolate);
        }
    }
    void *block = (void *)shared->top;
    shared->top += size;
    return block;
}

static void *allocate(edge_isolate *isolate, size_t wanted) {
    edge_shared *shared = isolate->shared;
    if (wanted > EDGE_SLOT_CAPACITY) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
    size_t size = edge_round_to_grain(wanted);
    void *block = edge_free_blocks_take(&shared->free, size);
    if (block == NULL) {
        block = edge_free_blocks_cut(&shared->free, size);
    }
    if (block == NULL) {
        block = bump(isolate, size);
    }
    if (block == NULL && shared->freed >= (isolate->arena.end - isolate->arena.start) / 16) {
        edge_shared_yield(isolate);
        block = edge_free_blocks_cut(&shared->free, size);
        if (block == NULL) {
            block = bump(isolate, size);
        }
    }
    if (block == NULL) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
    isolate->arena.used += size;
    return block;
}

static void give_back(edge_isolate *isolate, void *block, size_t old_size) {
    edge_shared *shared = isolate->shared;
    size_t size = edge_round_to_grain(old_size);
    isolate->arena.used -= size;
    if ((uintptr_t)block + size == shared->top) {
        shared->top -= size;
        isolate->arena.end += size;
        return;
    }
    shared->freed += size;
    edge_free_blocks_add(&shared->free, (uintptr_t)block, size);
}

static void *resize(edge_isolate *isolate, void *block, size_t old_wanted, size_t new_wanted) {
    size_t old_size = edge_round_to_grain(old_wanted);
    size_t new_size = edge_round_to_grain(new_wanted);
    if (new_size == old_size) {
        return block;
    }
    if (new_size < old_size) {
        give_back(isolate, (uint8_t *)block + new_size, old_size - new_size);
        return block;
    }
    void *moved = allocate(isolate, new_wanted);
    memcpy(moved, block, old_size);
    give_back(isolate, block, old_size);
    return moved;
}

static void *allocate_of_kind(edge_isolate *isolate, int kind, size_t size) {
    edge_shared *shared = isolate->shared;
    bool is_shared_kind = kind == LUA_TSTRING || kind == KIND_PROTOTYPE;
    if (is_shared_kind && shared != NULL) {
        return memset(allocate(isolate, size), 0, edge_round_to_grain(size));
    }
    if (shared != NULL && (shared->is_hot || edge_hot_takes(kind))) {
        void *block = edge_hot_allocate(&shared->hot, size);
        if (block != NULL) {
            isolate->arena.used += edge_round_to_grain(size);
            return memset(block, 0, size);
        }
    }
    return memset(edge_arena_allocate(isolate, size), 0, size);
}

static void free_of_any_kind(edge_isolate *isolate, void *block, size_t size) {
    edge_shared *shared = isolate->shared;
    if (shared != NULL && (uintptr_t)block >= (uintptr_t)shared) {
        give_back(isolate, block, size);
    } else if (shared != NULL && (uintptr_t)block < isolate->arena.start) {
        isolate->arena.used -= edge_round_to_grain(size);
        edge_hot_free(&shared->hot, block, size);
    } else {
        edge_arena_lua_alloc(isolate, block, size, 0);
    }
}

void *edge_building_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
    edge_isolate *isolate = ud;
    if (block == NULL) {
        return new_size == 0 ? NULL : allocate_of_kind(isolate, (int)old_size, new_size);
    }
    if (new_size == 0) {
        if (old_size > 0) {
            free_of_any_kind(isolate, block, old_size);
        }
        return NULL;
    }
    bool is_shared = isolate->shared != NULL && (uintptr_t)block >= (uintptr_t)isolate->shared;
    uint8_t *moved = is_shared ? resize(isolate, block, old_size, new_size)
                               : edge_arena_resize(isolate, block, old_size, new_size);
    if (new_size > old_size) {
        memset(moved + old_size, 0, (is_shared ? edge_round_to_grain(new_size) : new_size) - old_size);
    }
    return moved;
}

void edge_shared_freeze(edge_isolate *isolate) {
    edgehost_freeze(isolate->main);
    edge_shared_yield(isolate);
    edge_free_blocks_scrub(&isolate->shared->free);
    isolate->shared_bytes = edge_shared_bytes(isolate);
    isolate->shared = NULL;
}
