#include "arena.h"

#include "guard.h"
#include "isolate.h"

#include <assert.h>
#include <string.h>

enum {
    /// How much of the memory of all isolates a heap asks for at a time, at least; larger heaps ask for an eighth of theirs.
    GRANT_BYTES = 256 * 1024,
};

static size_t round_up(size_t size) {
    return (size + (EDGE_ARENA_GRAIN - 1)) & ~(size_t)(EDGE_ARENA_GRAIN - 1);
}

/// The bin whose blocks are all at least as large as the bin's own size: four bins for each power of two.
static unsigned bin_floor(size_t size) {
    unsigned exponent = 63u - (unsigned)__builtin_clzll(size);
    unsigned quarter = (unsigned)(size >> (exponent - 2)) & 3u;
    return (exponent - 9) * 4 + quarter;
}

void edge_arena_init(edge_isolate *isolate) {
    edge_arena *arena = &isolate->arena;
    memset(arena, 0, sizeof *arena);
    arena->start = (uintptr_t)isolate + round_up(sizeof(edge_isolate));
    arena->top = arena->start;
    arena->end = arena->start;
    arena->granted = arena->start;
    arena->peak = arena->start;
    arena->collect_at = UINTPTR_MAX;
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

static void give_back(edge_arena *arena, uintptr_t block, size_t size) {
    edge_free_block *free_block = (edge_free_block *)block;
    if (size <= EDGE_ARENA_SMALL_MAX) {
        unsigned class = (unsigned)(size / EDGE_ARENA_GRAIN) - 1;
        free_block->next = arena->small[class];
        arena->small[class] = free_block;
        return;
    }
    unsigned bin = bin_floor(size);
    free_block->size = size;
    free_block->next = arena->bins[bin];
    arena->bins[bin] = free_block;
    arena->bin_map[bin / 64] |= (uint64_t)1 << (bin % 64);
}

static void unlink_head(edge_arena *arena, unsigned bin) {
    arena->bins[bin] = arena->bins[bin]->next;
    if (arena->bins[bin] == NULL) {
        arena->bin_map[bin / 64] &= ~((uint64_t)1 << (bin % 64));
    }
}

static unsigned next_bin(const edge_arena *arena, unsigned bin) {
    for (unsigned word = bin / 64; word < 2; word++) {
        uint64_t bits = arena->bin_map[word];
        if (word == bin / 64) {
            bits &= ~(uint64_t)0 << (bin % 64);
        }
        if (bits != 0) {
            return word * 64 + (unsigned)__builtin_ctzll(bits);
        }
    }
    return EDGE_ARENA_BINS;
}

/// A block of exactly `size` bytes from the free lists, the rest of a larger one given back; NULL where there is none.
static void *take_from_bins(edge_arena *arena, size_t size) {
    unsigned bin = bin_floor(size < EDGE_ARENA_SMALL_MAX ? EDGE_ARENA_SMALL_MAX : size);
    // The head of the first bin may be too small for this size; a block of any later bin is large enough.
    if (arena->bins[bin] == NULL || arena->bins[bin]->size < size) {
        bin = bin + 1 < EDGE_ARENA_BINS ? next_bin(arena, bin + 1) : EDGE_ARENA_BINS;
    }
    if (bin == EDGE_ARENA_BINS) {
        return NULL;
    }
    edge_free_block *block = arena->bins[bin];
    size_t rest = block->size - size;
    unlink_head(arena, bin);
    if (rest > 0) {
        give_back(arena, (uintptr_t)block + size, rest);
    }
    return block;
}

static edge_free_block *merge(edge_free_block *left, edge_free_block *right) {
    edge_free_block *head = NULL;
    edge_free_block **tail = &head;
    while (left != NULL && right != NULL) {
        edge_free_block **lower = left < right ? &left : &right;
        *tail = *lower;
        tail = &(*lower)->next;
        *lower = (*lower)->next;
    }
    *tail = left != NULL ? left : right;
    return head;
}

/// Sorts by address: bottom-up, so that a long list costs no stack.
static edge_free_block *sort_blocks(edge_free_block *list) {
    edge_free_block *runs[48] = {NULL};
    while (list != NULL) {
        edge_free_block *run = list;
        list = list->next;
        run->next = NULL;
        unsigned level = 0;
        while (runs[level] != NULL) {
            run = merge(runs[level], run);
            runs[level++] = NULL;
        }
        runs[level] = run;
    }
    edge_free_block *sorted = NULL;
    for (unsigned level = 0; level < 48; level++) {
        sorted = merge(runs[level], sorted);
    }
    return sorted;
}

static edge_free_block *gather_blocks(edge_arena *arena) {
    edge_free_block *all = NULL;
    for (unsigned class = 0; class < EDGE_ARENA_SMALL_CLASSES; class++) {
        while (arena->small[class] != NULL) {
            edge_free_block *block = arena->small[class];
            arena->small[class] = block->next;
            block->size = (class + 1) * EDGE_ARENA_GRAIN;
            block->next = all;
            all = block;
        }
    }
    for (unsigned bin = 0; bin < EDGE_ARENA_BINS; bin++) {
        while (arena->bins[bin] != NULL) {
            edge_free_block *block = arena->bins[bin];
            unlink_head(arena, bin);
            block->next = all;
            all = block;
        }
    }
    return all;
}

/// Joins neighbouring free blocks; what lies at the top is given back to the bump pointer.
static void merge_free_blocks(edge_arena *arena) {
    edge_free_block *block = sort_blocks(gather_blocks(arena));
    arena->freed = 0;
    while (block != NULL) {
        edge_free_block *next = block->next;
        size_t size = block->size;
        while (next != NULL && (uintptr_t)block + size == (uintptr_t)next) {
            size += next->size;
            next = next->next;
        }
        if ((uintptr_t)block + size == arena->top) {
            arena->top = (uintptr_t)block;
        } else {
            give_back(arena, (uintptr_t)block, size);
        }
        block = next;
    }
}

/// Once in a run. Only sets the collector's debt: safe between two steps of an allocation.
static void start_collector(edge_isolate *isolate) {
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
        start_collector(isolate);
    }
}

static void *bump(edge_isolate *isolate, size_t size);

/// The bump pointer has reached the limit: larger free blocks serve small sizes too, and if they don't suffice, merged
/// ones do, unless too little was freed since the last merge to hope for it.
static void *allocate_at_limit(edge_isolate *isolate, size_t size) {
    edge_arena *arena = &isolate->arena;
    void *block = take_from_bins(arena, size);
    if (block == NULL && arena->freed >= (arena->end - arena->start) / 16) {
        merge_free_blocks(arena);
        block = take_from_bins(arena, size);
        if (block == NULL && size <= arena->end - arena->top) {
            block = bump(isolate, size);
        }
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
        start_collector(isolate);
    }
}

static void *bump(edge_isolate *isolate, size_t size) {
    edge_arena *arena = &isolate->arena;
    if (size > arena->granted - arena->top) {
        if (size > arena->end - arena->top) {
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
    size_t size = round_up(wanted);
    void *block = NULL;
    if (size <= EDGE_ARENA_SMALL_MAX) {
        edge_free_block **list = &arena->small[size / EDGE_ARENA_GRAIN - 1];
        block = *list;
        if (block != NULL) {
            *list = (*list)->next;
        }
    } else {
        block = take_from_bins(arena, size);
    }
    if (block == NULL) {
        block = bump(isolate, size);
    }
    arena->used += size;
    return block;
}

void edge_arena_free(edge_isolate *isolate, void *block, size_t old_size) {
    edge_arena *arena = &isolate->arena;
    size_t size = round_up(old_size);
    arena->used -= size;
    if ((uintptr_t)block + size == arena->top) {
        arena->top = (uintptr_t)block;
        return;
    }
    arena->freed += size;
    give_back(arena, (uintptr_t)block, size);
}

void *edge_arena_resize(edge_isolate *isolate, void *block, size_t old_wanted, size_t new_wanted) {
    edge_arena *arena = &isolate->arena;
    if (new_wanted > EDGE_SLOT_CAPACITY) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
    size_t old_size = round_up(old_wanted);
    size_t new_size = round_up(new_wanted);
    if (old_size == new_size) {
        return block;
    }
    uintptr_t address = (uintptr_t)block;
    bool at_top = address + old_size == arena->top;
    if (new_size < old_size) {
        edge_arena_free(isolate, (void *)(address + new_size), old_size - new_size);
        return block;
    }
    if (at_top && new_size - old_size <= arena->end - arena->top) {
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

void *edge_arena_lua_alloc_building(void *ud, void *block, size_t old_size, size_t new_size) {
    edge_isolate *isolate = ud;
    // Without a block, `old_size` is the type of the object to come.
    if (block == NULL) {
        return edge_arena_lua_alloc(ud, block, old_size, new_size);
    }
    const bool is_at_top = (uintptr_t)block + round_up(old_size) == isolate->arena.top;
    if (new_size > old_size && old_size > 0 && !is_at_top) {
        void *moved = edge_arena_allocate(isolate, new_size);
        memcpy(moved, block, old_size);
        memset(block, 0, old_size);
        edge_arena_free(isolate, block, old_size);
        return moved;
    }
    if (new_size < old_size) {
        memset((uint8_t *)block + new_size, 0, old_size - new_size);
    }
    return edge_arena_lua_alloc(ud, block, old_size, new_size);
}

static void scrub_list(edge_free_block *block, size_t small_size) {
    for (; block != NULL; block = block->next) {
        size_t keep = small_size != 0 ? sizeof block->next : sizeof *block;
        size_t size = small_size != 0 ? small_size : block->size;
        memset((uint8_t *)block + keep, 0, size - keep);
    }
}

void edge_arena_scrub(edge_isolate *isolate) {
    edge_arena *arena = &isolate->arena;
    merge_free_blocks(arena);
    for (unsigned class = 0; class < EDGE_ARENA_SMALL_CLASSES; class++) {
        scrub_list(arena->small[class], (class + 1) * EDGE_ARENA_GRAIN);
    }
    for (unsigned bin = 0; bin < EDGE_ARENA_BINS; bin++) {
        scrub_list(arena->bins[bin], 0);
    }
}
