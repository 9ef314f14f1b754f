// The heap of an isolate for AddressSanitizer: every block lies between poisoned bytes, growing always moves it, and
// what was freed stays poisoned and is never used again. Takes the place of Sources/CIsolate/arena.c; an isolate of it
// can't be frozen. Where it is full, the program ends; with KILL_WHEN_FULL the isolate does.

#include "arena.h"

#include "guard.h"
#include "isolate.h"

#include <sanitizer/asan_interface.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REDZONE_BYTES = 32 };

void edge_arena_init(edge_isolate *isolate) {
    edge_arena *arena = &isolate->arena;
    memset(arena, 0, sizeof *arena);
    arena->start = ((uintptr_t)(isolate + 1) + REDZONE_BYTES) & ~(uintptr_t)(EDGE_ARENA_GRAIN - 1);
    arena->top = arena->start;
    arena->peak = arena->start;
}

/// The second heap is not poisoned.
bool edge_arena_can_share(void) {
    return false;
}

/// Once it has been asked to, Lua's collector works at its own pace.
void edge_arena_start_collector(edge_isolate *isolate) {
    lua_gc(isolate->main, LUA_GCRESTART);
}

/// Nothing is asked for of the memory of all isolates: there is one.
void edge_arena_set_limit(edge_isolate *isolate, size_t limit, size_t granted) {
    (void)granted;
    isolate->arena.end = (uintptr_t)isolate + limit;
}

void *edge_arena_allocate(edge_isolate *isolate, size_t size) {
    edge_arena *arena = &isolate->arena;
    uintptr_t base = (uintptr_t)isolate;
    if (size > arena->end - base || arena->used + size > arena->end - base) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
    size_t extent = ((size + EDGE_ARENA_GRAIN - 1) & ~(size_t)(EDGE_ARENA_GRAIN - 1)) + REDZONE_BYTES;
    if (arena->top + extent > base + EDGE_SLOT_CAPACITY) {
#ifdef KILL_WHEN_FULL
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
#endif
        static const char text[] = "the script makes more garbage than this arena can keep apart\n";
        fputs(text, stderr);
        _Exit(2);
    }
    uintptr_t block = arena->top;
    arena->top += extent;
    arena->peak = arena->top;
    arena->used += size;
    ASAN_POISON_MEMORY_REGION((void *)block, extent);
    ASAN_UNPOISON_MEMORY_REGION((void *)block, size);
    return (void *)block;
}

void edge_arena_free(edge_isolate *isolate, void *block, size_t size) {
    isolate->arena.used -= size;
    ASAN_POISON_MEMORY_REGION(block, size);
}

void *edge_arena_resize(edge_isolate *isolate, void *block, size_t old_size, size_t new_size) {
    void *moved = edge_arena_allocate(isolate, new_size);
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    edge_arena_free(isolate, block, old_size);
    return moved;
}

void *edge_arena_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
    edge_isolate *isolate = ud;
    if (block == NULL) {
        return new_size == 0 ? NULL : edge_arena_allocate(isolate, new_size);
    }
    if (new_size == 0) {
        edge_arena_free(isolate, block, old_size);
        return NULL;
    }
    return edge_arena_resize(isolate, block, old_size, new_size);
}

void edge_arena_freeze(edge_isolate *isolate) {
    (void)isolate;
    abort();
}

void edge_arena_begin_at(edge_arena *self, uintptr_t start) {
    (void)self;
    (void)start;
    abort();
}
