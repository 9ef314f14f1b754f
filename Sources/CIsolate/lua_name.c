#include "CIsolate.h"

#include <stddef.h>

#include <lua5.4/lua.h>

// Which Lua the linker found. The archive that .ci/lua builds carries a name; the system's lacks the symbol.

extern const char edgehost_lua_name[] __attribute__((weak));

bool edge_lua_is_patched(void) {
    return edgehost_lua_name != NULL;
}

const char *edge_lua_name(void) {
    return edge_lua_is_patched() ? edgehost_lua_name : LUA_RELEASE " (the system's archive, without edgehost's patches)";
}
