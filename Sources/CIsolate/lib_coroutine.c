#include "isolate.h"

// `coroutine.*` on the chain of trampoline.c. Where a C function that can't yield lies beneath (a comparator of
// table.sort, a callback of string.gsub), a coroutine is run in a loop of its own on top of that function; it can't
// call the host there.

/// Deepest nesting of such loops: each takes C stack.
enum { NESTED_MAX = 64 };

typedef enum coroutine_state { STATE_RUNNING, STATE_NORMAL, STATE_SUSPENDED, STATE_DEAD } coroutine_state;

static const char *const state_names[] = {"running", "normal", "suspended", "dead"};

static lua_State *checked_coroutine(lua_State *L) {
    lua_State *coroutine = lua_tothread(L, 1);
    luaL_argexpected(L, coroutine != NULL, 1, "coroutine");
    return coroutine;
}

static coroutine_state state_of(lua_State *L, lua_State *coroutine) {
    if (L == coroutine) {
        return STATE_RUNNING;
    }
    if (edge_chain_contains(coroutine)) {
        return STATE_NORMAL;
    }
    switch (lua_status(coroutine)) {
    case LUA_YIELD:
        return STATE_SUSPENDED;
    case LUA_OK: {
        lua_Debug record;
        if (lua_getstack(coroutine, 0, &record)) {
            return STATE_NORMAL;
        }
        return lua_gettop(coroutine) == 0 ? STATE_DEAD : STATE_SUSPENDED;
    }
    default:
        return STATE_DEAD;
    }
}

/// Pushes the message and returns false where the coroutine can't be resumed with this many arguments.
static bool can_resume(lua_State *L, lua_State *coroutine, int argument_count) {
    coroutine_state state = state_of(L, coroutine);
    if (state == STATE_DEAD) {
        lua_pushliteral(L, "cannot resume dead coroutine");
        return false;
    }
    if (state != STATE_SUSPENDED) {
        lua_pushliteral(L, "cannot resume non-suspended coroutine");
        return false;
    }
    if (!lua_checkstack(coroutine, argument_count + 1)) {
        lua_pushliteral(L, "too many arguments to resume");
        return false;
    }
    return true;
}

/// Resumes with the arguments on top of L's stack and pushes what `coroutine.resume` returns.
static int resume_nested(lua_State *L, lua_State *coroutine, int argument_count) {
    edge_isolate *isolate = edge_isolate_of(L);
    if (isolate->nested >= NESTED_MAX) {
        return luaL_error(L, "coroutines are nested too deeply inside C functions");
    }
    uint32_t base = isolate->chain.depth;
    // Not always L: a coroutine that is being closed runs beneath the one that closes it.
    int result_count = 0;
    lua_xmove(L, coroutine, argument_count);
    edge_chain_push(isolate, coroutine);
    isolate->nested++;
    edge_run run = edge_run_chain(isolate, base, L, argument_count, &result_count);
    isolate->nested--;
    edge_chain_pop(isolate);
    bool ok = run == EDGE_RUN_ENDED || run == EDGE_RUN_YIELDED;
    if (!lua_checkstack(L, result_count + 2)) {
        lua_pop(coroutine, result_count);
        return luaL_error(L, "too many results to resume");
    }
    lua_pushboolean(L, ok);
    if (!ok) {
        lua_pushvalue(coroutine, -1);
    }
    lua_xmove(coroutine, L, result_count);
    return result_count + 1;
}

static int resumed(lua_State *L, int status, lua_KContext context) {
    (void)status;
    // What lies below the results was there when the coroutine was resumed.
    return lua_gettop(L) - (int)context;
}

static int co_resume(lua_State *L) {
    lua_State *coroutine = checked_coroutine(L);
    int argument_count = lua_gettop(L) - 1;
    if (!can_resume(L, coroutine, argument_count)) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        return 2;
    }
    if (!lua_isyieldable(L)) {
        return resume_nested(L, coroutine, argument_count);
    }
    edge_isolate *isolate = edge_isolate_of(L);
    isolate->target = coroutine;
    isolate->intent = EDGE_INTENT_RESUME;
    return lua_yieldk(L, argument_count, 1, resumed);
}

/// The results of a wrapped coroutine are on the stack from `first` on: true and values, or false and an error.
static int unwrap(lua_State *L, int first) {
    if (lua_toboolean(L, first)) {
        return lua_gettop(L) - first;
    }
    lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));
    int status = lua_status(coroutine);
    if (status != LUA_OK && status != LUA_YIELD) {
        // As in stock Lua: pending variables of the failed coroutine are closed; the error may change by that.
        if (lua_resetthread(coroutine) != LUA_OK) {
            lua_xmove(coroutine, L, 1);
        }
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int wrap_resumed(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    return unwrap(L, 1);
}

static int co_wrapped(lua_State *L) {
    lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));
    int argument_count = lua_gettop(L);
    if (!can_resume(L, coroutine, argument_count)) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
        return lua_error(L);
    }
    if (!lua_isyieldable(L)) {
        int pushed = resume_nested(L, coroutine, argument_count);
        return unwrap(L, lua_gettop(L) - pushed + 1);
    }
    edge_isolate *isolate = edge_isolate_of(L);
    isolate->target = coroutine;
    isolate->intent = EDGE_INTENT_RESUME;
    return lua_yieldk(L, argument_count, 0, wrap_resumed);
}

static int co_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *coroutine = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, coroutine, 1);
    return 1;
}

static int co_wrap(lua_State *L) {
    co_create(L);
    lua_pushcclosure(L, co_wrapped, 1);
    return 1;
}

static bool is_task(lua_State *L) {
    return edge_isolate_of(L)->task == L;
}

static int co_yield(lua_State *L) {
    if (is_task(L)) {
        return luaL_error(L, "attempt to yield from outside a coroutine");
    }
    edge_isolate_of(L)->intent = EDGE_INTENT_YIELD;
    return lua_yield(L, lua_gettop(L));
}

static int co_status(lua_State *L) {
    lua_pushstring(L, state_names[state_of(L, checked_coroutine(L))]);
    return 1;
}

static int co_isyieldable(lua_State *L) {
    lua_State *coroutine = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, !is_task(coroutine) && lua_isyieldable(coroutine));
    return 1;
}

static int co_running(lua_State *L) {
    lua_pushthread(L);
    lua_pushboolean(L, is_task(L));
    return 2;
}

static int co_close(lua_State *L) {
    lua_State *coroutine = checked_coroutine(L);
    coroutine_state state = state_of(L, coroutine);
    if (state != STATE_SUSPENDED && state != STATE_DEAD) {
        return luaL_error(L, "cannot close a %s coroutine", state_names[state]);
    }
    if (lua_resetthread(coroutine) == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushboolean(L, 0);
    lua_xmove(coroutine, L, 1);
    return 2;
}

int edge_open_coroutine(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"create", co_create}, {"resume", co_resume},   {"running", co_running},         {"status", co_status},
        {"wrap", co_wrap},     {"yield", co_yield},     {"isyieldable", co_isyieldable}, {"close", co_close},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
