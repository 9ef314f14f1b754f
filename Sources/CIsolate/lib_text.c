#include "libraries.h"

#include <assert.h>
#include <string.h>

/*
 * A permutation of the 32-bit numbers (a Feistel network of four rounds), keyed by the image: equal objects print alike
 * and different ones differ, but the number tells nothing of where they lie. The low half of an address is the same in
 * every slot, so an object keeps its number when its image moves.
 */
static uint32_t scramble(uint32_t number, uint64_t key) {
    uint32_t left = number >> 16;
    uint32_t right = number & 0xFFFF;
    for (int round = 0; round < 4; round++) {
        uint64_t mixed = (right + key) * UINT64_C(0x9E3779B97F4A7C15);
        mixed ^= mixed >> 29;
        mixed *= UINT64_C(0xBF58476D1CE4E5B9);
        const uint32_t next = left ^ (uint32_t)(mixed >> 48);
        left = right;
        right = next;
        key = key >> 16 | key << 48;
    }
    return left << 16 | right;
}

static void push_object(lua_State *L, int index) {
    const int named = luaL_getmetafield(L, index, "__name");
    const char *name = named == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, index);
    const uint32_t address = (uint32_t)(uintptr_t)lua_topointer(L, index);
    const uint32_t number = scramble(address, edge_host_address_key(L));
    char text[16] = "0x";
    for (int i = 0; i < 8; i++) {
        text[2 + i] = "0123456789abcdef"[number >> (28 - 4 * i) & 15];
    }
    lua_pushfstring(L, "%s: %s", name, text);
    if (named != LUA_TNIL) {
        lua_remove(L, -2);
    }
}

const char *edge_safe_tolstring(lua_State *L, int index, size_t *length) {
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1)) {
            luaL_error(L, "'__tostring' must return a string");
        }
        return lua_tolstring(L, -1, length);
    }
    switch (lua_type(L, index)) {
        case LUA_TNUMBER:
        case LUA_TSTRING:
            lua_pushvalue(L, index);
            break;
        case LUA_TBOOLEAN:
            lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
            break;
        case LUA_TNIL:
            lua_pushliteral(L, "nil");
            break;
        case LUA_TLIGHTUSERDATA:
            /* json.null is the one light userdata a script gets to see. */
            if (lua_touserdata(L, index) == NULL) {
                lua_pushliteral(L, "null");
                break;
            }
            push_object(L, index);
            break;
        default:
            push_object(L, index);
            break;
    }
    return lua_tolstring(L, -1, length);
}

int edge_safe_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    edge_safe_tolstring(L, 1, NULL);
    return 1;
}

static int hides_address(lua_State *L, int index) {
    const int type = lua_type(L, index);
    return type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD || type == LUA_TUSERDATA
        || type == LUA_TLIGHTUSERDATA;
}

/* string.format: Lua's own, after the objects among the arguments of %s have been replaced by their safe text. */
static int string_format(lua_State *L) {
    size_t length;
    const char *at = luaL_checklstring(L, 1, &length);
    const char *const end = at + length;
    int argument = 1;
    while ((at = memchr(at, '%', (size_t)(end - at))) != NULL) {
        at++;
        if (*at == '%') {
            at++;
            continue;
        }
        at += strspn(at, "-+ #0123456789.");
        argument++;
        if (*at == 'p') {
            return luaL_error(L, "string.format: '%%p' is not available, addresses are hidden");
        }
        if (*at == 's' && hides_address(L, argument)) {
            edge_safe_tolstring(L, argument, NULL);
            lua_replace(L, argument);
        }
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

int edge_open_text(lua_State *L) {
    assert(lua_istable(L, -1));
    lua_getfield(L, -1, "format");
    assert(lua_iscfunction(L, -1));
    lua_pushcclosure(L, string_format, 1);
    lua_setfield(L, -2, "format");
    return 1;
}
