#include "isolate.h"

#include <stdlib.h>
#include <string.h>

// The prelude is the same for every image: it is compiled once per process, in a state of its own, and kept as stripped
// bytecode. Loading that leaves no garbage of the parser in the image and no debug information. Scripts can't load
// bytecode.

struct edge_prelude {
    char *bytes;
    size_t length;
    size_t capacity;
};

static int append(lua_State *L, const void *bytes, size_t length, void *argument) {
    (void)L;
    edge_prelude *prelude = argument;
    if (prelude->length + length > prelude->capacity) {
        size_t capacity = 2 * prelude->capacity + length;
        char *grown = realloc(prelude->bytes, capacity);
        if (grown == NULL) {
            return 1;
        }
        prelude->bytes = grown;
        prelude->capacity = capacity;
    }
    memcpy(prelude->bytes + prelude->length, bytes, length);
    prelude->length += length;
    return 0;
}

edge_prelude *edge_prelude_compile(const char *source, size_t length) {
    edge_prelude *prelude = calloc(1, sizeof *prelude);
    lua_State *L = luaL_newstate();
    bool ok = prelude != NULL && L != NULL && luaL_loadbufferx(L, source, length, "=[edgehost]", "t") == LUA_OK &&
              lua_dump(L, append, prelude, 1) == 0;
    if (L != NULL) {
        lua_close(L);
    }
    if (!ok && prelude != NULL) {
        free(prelude->bytes);
        free(prelude);
    }
    return ok ? prelude : NULL;
}

int edge_prelude_load(lua_State *L, const edge_prelude *prelude) {
    return luaL_loadbufferx(L, prelude->bytes, prelude->length, "=[edgehost]", "b");
}
