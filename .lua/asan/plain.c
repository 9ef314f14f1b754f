// Runs a script in a Lua state of its own on malloc, with all the memory it wants or with an allocator that refuses
// growth once and grants it then: Lua collects all garbage inside of such an allocation.

#include "script.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Each of the first growths is refused, then each of so many: a collection takes as long as the heap is large.
enum { REFUSED_FIRST = 2000, REFUSED_LATER = 1009 };

typedef struct memory {
    bool scarce;
    /// The last growth was refused: this is the same one again.
    bool refused;
    unsigned growths;
} memory;

static bool refuse(memory *state) {
    if (state->refused) {
        state->refused = false;
        return false;
    }
    state->growths++;
    state->refused = state->growths <= REFUSED_FIRST || state->growths % REFUSED_LATER == 0;
    return state->refused;
}

static void *allocate(void *argument, void *block, size_t old_size, size_t new_size) {
    memory *state = argument;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    bool grows = block == NULL || new_size > old_size;
    if (state->scarce && grows && refuse(state)) {
        return NULL;
    }
    // A block of its own for every size: what points into the old one is found.
    void *moved = malloc(new_size);
    if (moved != NULL && block != NULL) {
        memcpy(moved, block, old_size < new_size ? old_size : new_size);
        free(block);
    }
    return moved;
}

static void open_libraries(lua_State *L) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},        {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_MATHLIBNAME, luaopen_math},  {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine},
        {NULL, NULL},
    };
    for (const luaL_Reg *library = libraries; library->name != NULL; library++) {
        luaL_requiref(L, library->name, library->func, 1);
        lua_pop(L, 1);
    }
}

static bool run(const char *path, bool scarce) {
    size_t length;
    char *text = script_read(path, &length);
    memory state = {.scarce = false};
    lua_State *L = lua_newstate(allocate, &state);
    if (L == NULL) {
        free(text);
        return false;
    }
    open_libraries(L);
    int status = luaL_loadbufferx(L, text, length, path, "t");
    state.scarce = scarce;
    if (status == LUA_OK) {
        status = lua_pcall(L, 0, 0, 0);
    }
    state.scarce = false;
    // Where Lua can't collect, a refusal is an error of the script, as it should be.
    bool ok = status == LUA_OK || (scarce && status == LUA_ERRMEM);
    if (!ok) {
        fprintf(stderr, "%s: %s\n", path, luaL_tolstring(L, -1, NULL));
    }
    lua_close(L);
    free(text);
    return ok;
}

int main(int count, char **arguments) {
    bool scarce = count == 3 && strcmp(arguments[1], "--scarce") == 0;
    if (count != 2 && !scarce) {
        fputs("usage: plain [--scarce] SCRIPT\n", stderr);
        return 2;
    }
    return run(arguments[count - 1], scarce) ? 0 : 1;
}
