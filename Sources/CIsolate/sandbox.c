#define _GNU_SOURCE 1

#include "guard.h"
#include "isolate.h"
#include "libraries.h"

#include <string.h>
#include <sys/random.h>

// The globals of a script: Lua's own libraries less what reaches out of the isolate, and edgehost's.

/// As Lua's, but `__gc` is ignored: a finalizer would run at the collector's whim, and never after a kill.
static int sandboxed_setmetatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) {
        return luaL_error(L, "cannot change a protected metatable");
    }
    lua_settop(L, 2);
    if (type == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL) {
            lua_pushliteral(L, "__gc");
            lua_pushnil(L);
            lua_rawset(L, 2);
            lua_pushvalue(L, 2);
            lua_setmetatable(L, 1);
            lua_pushliteral(L, "__gc");
            lua_insert(L, 3);
            lua_rawset(L, 2);
            lua_settop(L, 1);
            return 1;
        }
        lua_settop(L, 2);
    }
    lua_setmetatable(L, 1);
    return 1;
}

/// As Lua's `load`, for text only; the upvalue is Lua's own.
static int sandboxed_load(lua_State *L) {
    int count = lua_gettop(L);
    luaL_checkany(L, 1);
    const char *mode = luaL_optstring(L, 3, "t");
    if (strchr(mode, 't') == NULL) {
        lua_pushnil(L);
        lua_pushliteral(L, "attempt to load a binary chunk: only text can be loaded");
        return 2;
    }
    if (count < 3) {
        lua_settop(L, 3);
    }
    lua_pushliteral(L, "t");
    lua_replace(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static int sandboxed_collectgarbage(lua_State *L) {
    const char *option = luaL_optstring(L, 1, "collect");
    if (strcmp(option, "count") != 0) {
        return luaL_error(L, "collectgarbage(\"%s\") is not available: only \"count\" is", option);
    }
    lua_pushnumber(L, (lua_Number)edge_isolate_of(L)->arena.used / 1024.0);
    return 1;
}

static void remove_fields(lua_State *L, const char *const *names) {
    for (; *names != NULL; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
}

/// Puts what `open` pushes into the globals and among the loaded modules.
static void open_global(lua_State *L, const char *name, lua_CFunction open) {
    luaL_requiref(L, name, open, 1);
    lua_pop(L, 1);
}

static void open_base(lua_State *L) {
    static const char *const removed[] = {"dofile", "loadfile", "warn", NULL};
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    remove_fields(L, removed);
    lua_getfield(L, -1, "load");
    lua_pushcclosure(L, sandboxed_load, 1);
    lua_setfield(L, -2, "load");
    static const luaL_Reg replaced[] = {
        {"setmetatable", sandboxed_setmetatable},
        {"collectgarbage", sandboxed_collectgarbage},
        {"tostring", edge_safe_tostring},
        {"print", edge_print},
        {NULL, NULL},
    };
    luaL_setfuncs(L, replaced, 0);
    lua_pop(L, 1);
}

static int open_string(lua_State *L) {
    static const char *const removed[] = {"dump", NULL};
    luaopen_string(L);
    remove_fields(L, removed);
    edge_open_text(L);
    return 1;
}

static int open_math(lua_State *L) {
    luaopen_math(L);
    edge_open_random(L);
    return 1;
}

static int open_debug(lua_State *L) {
    luaopen_debug(L);
    lua_createtable(L, 0, 1);
    lua_getfield(L, -2, "traceback");
    lua_setfield(L, -2, "traceback");
    return 1;
}

void edge_open_sandbox(lua_State *L) {
    open_base(L);
    open_global(L, LUA_STRLIBNAME, open_string);
    open_global(L, LUA_TABLIBNAME, luaopen_table);
    open_global(L, LUA_MATHLIBNAME, open_math);
    open_global(L, LUA_UTF8LIBNAME, luaopen_utf8);
    open_global(L, LUA_DBLIBNAME, open_debug);
    open_global(L, LUA_COLIBNAME, edge_open_coroutine);
    open_global(L, LUA_OSLIBNAME, edge_open_os);
    open_global(L, "json", edge_open_json);
    open_global(L, "base64", edge_open_base64);
    open_global(L, "hex", edge_open_hex);
    open_global(L, "url", edge_open_url);
    open_global(L, "html", edge_open_html);
    open_global(L, "log", edge_open_log);
}

int64_t edge_host_unix_ms(lua_State *L) {
    return edge_isolate_of(L)->unix_ms;
}

double edge_host_cpu_seconds(lua_State *L) {
    return (double)edge_guard_cpu_ns(edge_isolate_of(L)) / 1e9;
}

void edge_host_entropy(lua_State *L, void *bytes, size_t count) {
    (void)L;
    uint8_t *place = bytes;
    while (count > 0) {
        // Up to 256 bytes come whole, unless a tick interrupts the call before it has begun.
        size_t wanted = count < 256 ? count : 256;
        if (getrandom(place, wanted, 0) == (ssize_t)wanted) {
            place += wanted;
            count -= wanted;
        }
    }
}

uint64_t *edge_host_random_state(lua_State *L) {
    edge_isolate *isolate = edge_isolate_of(L);
    if (!isolate->random_seeded) {
        do {
            edge_host_entropy(L, isolate->random_state, sizeof isolate->random_state);
        } while (isolate->random_state[0] == 0);
        isolate->random_seeded = true;
    }
    return isolate->random_state;
}

uint64_t edge_host_address_key(lua_State *L) {
    return edge_isolate_of(L)->address_key;
}
