#include "isolate.h"

#include <assert.h>
#include <string.h>

// Coroutines that resume each other do so through this loop, not through each other's C stack: `coroutine.resume`
// yields to it with the coroutine to run, `coroutine.yield` with the values for its resumer. So a host call reaches the
// host from any depth, and the C stack stays flat.

/// Bit 0 of a coroutine's extra space: it is a member of the chain.
static uint64_t *flags_of(lua_State *coroutine) {
    return lua_getextraspace(coroutine);
}

bool edge_chain_contains(lua_State *coroutine) {
    return (*flags_of(coroutine) & 1) != 0;
}

static void grow_chain(edge_isolate *isolate) {
    edge_chain *chain = &isolate->chain;
    if (chain->members == NULL) {
        chain->members = chain->first;
        chain->capacity = EDGE_CHAIN_FIRST;
        return;
    }
    size_t size = chain->capacity * sizeof(lua_State *);
    if (chain->members == chain->first) {
        chain->members = edge_arena_allocate(isolate, 2 * size);
        memcpy(chain->members, chain->first, size);
    } else {
        chain->members = edge_arena_resize(isolate, chain->members, size, 2 * size);
    }
    chain->capacity *= 2;
}

void edge_chain_push(edge_isolate *isolate, lua_State *coroutine) {
    edge_chain *chain = &isolate->chain;
    if (chain->depth == chain->capacity) {
        grow_chain(isolate);
    }
    chain->members[chain->depth++] = coroutine;
    *flags_of(coroutine) |= 1;
}

void edge_chain_pop(edge_isolate *isolate) {
    assert(isolate->chain.depth > 0);
    lua_State *coroutine = isolate->chain.members[--isolate->chain.depth];
    *flags_of(coroutine) &= ~(uint64_t)1;
}

/// Hands the results of the chain's last member to the one before it, as `coroutine.resume` returns them.
static int return_to_parent(edge_isolate *isolate, bool ok, int result_count) {
    lua_State *coroutine = isolate->chain.members[isolate->chain.depth - 1];
    edge_chain_pop(isolate);
    lua_State *parent = isolate->chain.members[isolate->chain.depth - 1];
    if (!lua_checkstack(parent, result_count + 2)) {
        lua_pop(coroutine, result_count);
        lua_pushboolean(parent, 0);
        lua_pushliteral(parent, "too many results to resume");
        return 2;
    }
    lua_pushboolean(parent, ok);
    if (!ok) {
        // The error stays on its own stack too, for coroutine.close.
        lua_pushvalue(coroutine, -1);
    }
    lua_xmove(coroutine, parent, result_count);
    return result_count + 1;
}

edge_run edge_run_chain(edge_isolate *isolate, uint32_t base, lua_State *from, int argument_count, int *result_count) {
    for (;;) {
        assert(isolate->chain.depth > base);
        lua_State *coroutine = isolate->chain.members[isolate->chain.depth - 1];
        isolate->intent = EDGE_INTENT_NONE;
        int count = 0;
        int status = lua_resume(coroutine, from, argument_count, &count);
        bool is_base = isolate->chain.depth == base + 1;
        if (status != LUA_YIELD) {
            bool ok = status == LUA_OK;
            if (is_base) {
                *result_count = ok ? count : 1;
                return ok ? EDGE_RUN_ENDED : EDGE_RUN_ERROR;
            }
            argument_count = return_to_parent(isolate, ok, ok ? count : 1);
            continue;
        }
        switch (isolate->intent) {
        case EDGE_INTENT_CALL:
            return EDGE_RUN_CALL;
        case EDGE_INTENT_RESUME:
            lua_xmove(coroutine, isolate->target, count);
            edge_chain_push(isolate, isolate->target);
            argument_count = count;
            break;
        case EDGE_INTENT_YIELD:
        case EDGE_INTENT_NONE:
            if (is_base) {
                *result_count = count;
                return EDGE_RUN_YIELDED;
            }
            argument_count = return_to_parent(isolate, true, count);
            break;
        }
    }
}
