#define _GNU_SOURCE 1

#include "fault.h"

#include "CIsolate.h"
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

struct edge_isolate;

static struct {
    bool guest;
    bool host;
    fault_place place;
    fault_host kind;
    /// Calls left until the fault; at zero or below it was.
    int64_t left;
    int64_t mapped;
    void *place_wanted;
    size_t place_length;
} state;

void fault_arm_guest(fault_place place, uint64_t n) {
    state.place = place;
    state.left = (int64_t)n;
    state.guest = true;
}

void fault_arm_host(fault_host kind, uint64_t n) {
    state.kind = kind;
    state.left = (int64_t)n;
    state.host = true;
}

void fault_place_mapping(void *place, size_t length) {
    state.place_wanted = place;
    state.place_length = length;
}

bool fault_was_placed(void) {
    return state.place_wanted == NULL;
}

bool fault_disarm(void) {
    state.guest = false;
    state.host = false;
    return state.left <= 0;
}

int64_t fault_mapped_bytes(void) {
    return state.mapped;
}

static void visit(struct edge_isolate *isolate, fault_place place) {
    if (state.guest && state.place == place && --state.left == 0) {
        edge_guard_kill(isolate, EDGE_KILL_MEMORY);
    }
}

// The arena as the rest of CIsolate and Lua call it; its own calls of itself stay its own.

void *__real_edge_arena_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size);
void *__wrap_edge_arena_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size);
void *__real_edge_building_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size);
void *__wrap_edge_building_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size);
void *__real_edge_arena_allocate(struct edge_isolate *isolate, size_t size);
void *__wrap_edge_arena_allocate(struct edge_isolate *isolate, size_t size);
void *__real_edge_arena_resize(struct edge_isolate *isolate, void *block, size_t old_size, size_t new_size);
void *__wrap_edge_arena_resize(struct edge_isolate *isolate, void *block, size_t old_size, size_t new_size);
void __real_edge_arena_free(struct edge_isolate *isolate, void *block, size_t size);
void __wrap_edge_arena_free(struct edge_isolate *isolate, void *block, size_t size);

typedef void *(*lua_allocator)(void *ud, void *block, size_t old_size, size_t new_size);

static void *allocate_for_lua(lua_allocator real, void *ud, void *block, size_t old_size, size_t new_size) {
    bool grows = new_size > 0 && (block == NULL || new_size > old_size);
    visit(ud, grows ? FAULT_BEFORE_GROWTH : FAULT_BEFORE_FREE);
    void *result = real(ud, block, old_size, new_size);
    visit(ud, grows ? FAULT_AFTER_GROWTH : FAULT_AFTER_FREE);
    return result;
}

void *__wrap_edge_arena_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
    return allocate_for_lua(__real_edge_arena_lua_alloc, ud, block, old_size, new_size);
}

void *__wrap_edge_building_lua_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
    return allocate_for_lua(__real_edge_building_lua_alloc, ud, block, old_size, new_size);
}

void *__wrap_edge_arena_allocate(struct edge_isolate *isolate, size_t size) {
    visit(isolate, FAULT_BEFORE_GROWTH);
    void *block = __real_edge_arena_allocate(isolate, size);
    visit(isolate, FAULT_AFTER_GROWTH);
    return block;
}

void *__wrap_edge_arena_resize(struct edge_isolate *isolate, void *block, size_t old_size, size_t new_size) {
    visit(isolate, FAULT_BEFORE_GROWTH);
    void *moved = __real_edge_arena_resize(isolate, block, old_size, new_size);
    visit(isolate, FAULT_AFTER_GROWTH);
    return moved;
}

void __wrap_edge_arena_free(struct edge_isolate *isolate, void *block, size_t size) {
    visit(isolate, FAULT_BEFORE_FREE);
    __real_edge_arena_free(isolate, block, size);
    visit(isolate, FAULT_AFTER_FREE);
}

// The host's allocations.

static bool fails(int code) {
    if (!state.host) {
        return false;
    }
    state.left--;
    if (state.left == 0 || (state.left < 0 && state.kind == FAULT_ALL)) {
        errno = code;
        return true;
    }
    return false;
}

// CIsolate and Lua are compiled with the names of these in place of the system's (see `run`); the harness is not.
void *fault_malloc(size_t size);
void *fault_calloc(size_t count, size_t size);
void *fault_realloc(void *block, size_t size);
void *fault_mmap(void *place, size_t length, int protection, int flags, int descriptor, off_t offset);
int fault_munmap(void *place, size_t length);
int fault_madvise(void *place, size_t length, int advice);
int fault_mprotect(void *place, size_t length, int protection);
int fault_sigaltstack(const stack_t *stack, stack_t *before);
int fault_timer_create(clockid_t clock, struct sigevent *event, timer_t *timer);

void *fault_malloc(size_t size) {
    return fails(ENOMEM) ? NULL : malloc(size);
}

void *fault_calloc(size_t count, size_t size) {
    return fails(ENOMEM) ? NULL : calloc(count, size);
}

void *fault_realloc(void *block, size_t size) {
    return fails(ENOMEM) ? NULL : realloc(block, size);
}

void *fault_mmap(void *place, size_t length, int protection, int flags, int descriptor, off_t offset) {
    if (fails(state.kind == FAULT_TAKEN ? EEXIST : ENOMEM)) {
        return MAP_FAILED;
    }
    if (place == NULL && state.place_wanted != NULL && length == state.place_length) {
        place = state.place_wanted;
        flags |= MAP_FIXED_NOREPLACE;
        state.place_wanted = NULL;
    }
    void *got = mmap(place, length, protection, flags, descriptor, offset);
    if (got != MAP_FAILED) {
        state.mapped += (int64_t)length;
    }
    return got;
}

int fault_munmap(void *place, size_t length) {
    int status = munmap(place, length);
    if (status == 0) {
        state.mapped -= (int64_t)length;
    }
    return status;
}

int fault_madvise(void *place, size_t length, int advice) {
    return fails(ENOMEM) ? -1 : madvise(place, length, advice);
}

int fault_mprotect(void *place, size_t length, int protection) {
    return fails(ENOMEM) ? -1 : mprotect(place, length, protection);
}

int fault_sigaltstack(const stack_t *stack, stack_t *before) {
    return fails(ENOMEM) ? -1 : sigaltstack(stack, before);
}

int fault_timer_create(clockid_t clock, struct sigevent *event, timer_t *timer) {
    return fails(EAGAIN) ? -1 : timer_create(clock, event, timer);
}
