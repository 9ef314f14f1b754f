#include "lib_url.h"
#include "lib_sort.h"

#include <stdbool.h>
#include <string.h>

/* Pushes [at, at + length) as forms write it: '+' is a space, and a '%' without two digits is itself. */
static void push_form_decoded(lua_State *L, const char *at, size_t length) {
    if (memchr(at, '%', length) == NULL && memchr(at, '+', length) == NULL) {
        lua_pushlstring(L, at, length);
        return;
    }
    luaL_Buffer buffer;
    char *const begin = luaL_buffinitsize(L, &buffer, length);
    char *out = begin;
    for (size_t i = 0; i < length; i++) {
        const int byte = at[i] == '%' ? edge_url_hex_byte(at + i + 1, length - i - 1) : -1;
        if (byte >= 0) {
            *out++ = (char)byte;
            i += 2;
        } else {
            *out++ = at[i] == '+' ? ' ' : at[i];
        }
    }
    luaL_pushresultsize(&buffer, (size_t)(out - begin));
}

/* Stack: ... first, name, value. Adds the pair unless there is one of that name, and pops name and value. */
static void add_first(lua_State *L) {
    const int name = lua_gettop(L) - 1;
    lua_pushvalue(L, name);
    const bool is_first = lua_rawget(L, name - 1) == LUA_TNIL;
    lua_pop(L, 1);
    if (is_first) {
        lua_rawset(L, name - 1);
    } else {
        lua_settop(L, name - 1);
    }
}

/* Stack: ... first, lists, name, value. Adds the pair and pops name and value. */
static void add_pair(lua_State *L) {
    const int name = lua_gettop(L) - 1;
    const int lists = name - 1;
    const int first = name - 2;
    lua_pushvalue(L, name);
    if (lua_rawget(L, lists) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushvalue(L, name);
        lua_pushvalue(L, name + 1);
        lua_rawset(L, first);
        lua_createtable(L, 1, 0);
        lua_pushvalue(L, name);
        lua_pushvalue(L, -2);
        lua_rawset(L, lists);
    }
    lua_pushvalue(L, name + 1);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_settop(L, lists);
}

/* Hands the pairs of the text at index 1 to `add`, one after another, on top of the stack. */
static void parse_pairs(lua_State *L, void (*add)(lua_State *L)) {
    size_t length;
    const char *at = lua_tolstring(L, 1, &length);
    const char *const end = at + length;
    int pairs = 0;
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        if (stop > at) {
            if (++pairs > EDGE_URL_PAIRS_MAX) {
                luaL_error(L, "url.query: more than %d pairs", EDGE_URL_PAIRS_MAX);
            }
            const char *equals = memchr(at, '=', (size_t)(stop - at));
            const char *name_end = equals == NULL ? stop : equals;
            const char *value = equals == NULL ? stop : equals + 1;
            push_form_decoded(L, at, (size_t)(name_end - at));
            push_form_decoded(L, value, (size_t)(stop - value));
            add(L);
        }
        at = stop + 1;
    }
}

int edge_url_first_values(lua_State *L) {
    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    lua_newtable(L);
    parse_pairs(L, add_first);
    return 1;
}

/* The stack while a query is written; the buffer lies above. */
enum { TABLE = 1, KEYS, KEY, VALUES };

/* Writes the pair of KEY and the value at the top of the stack, which it pops. */
static void write_pair(lua_State *L, luaL_Buffer *buffer, int *pairs) {
    const int type = lua_type(L, -1);
    if (type == LUA_TBOOLEAN) {
        lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
        lua_remove(L, -2);
    } else if (type != LUA_TSTRING && type != LUA_TNUMBER) {
        luaL_error(L, "url.query: a value must be a string, number, boolean or a list of them, found a %s",
                   lua_typename(L, type));
    }
    if (++*pairs > EDGE_URL_PAIRS_MAX) {
        luaL_error(L, "url.query: more than %d pairs", EDGE_URL_PAIRS_MAX);
    }
    size_t length;
    const char *value = lua_tolstring(L, -1, &length);
    edge_url_push_encoded(L, value, length);
    lua_remove(L, -2);
    const char *key = lua_tolstring(L, KEY, &length);
    edge_url_push_encoded(L, key, length);
    lua_pushfstring(L, "%s%s=%s", *pairs > 1 ? "&" : "", lua_tostring(L, -1), lua_tostring(L, -2));
    lua_replace(L, -3);
    lua_pop(L, 1);
    luaL_addvalue(buffer);
}

static int build_query(lua_State *L) {
    const lua_Integer count = edge_push_sorted_keys(L, TABLE);
    if (count < 0) {
        return luaL_error(L, "url.query: names must be strings, found a %s", luaL_typename(L, -1));
    }
    lua_settop(L, VALUES);
    int pairs = 0;
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, KEYS, i);
        lua_replace(L, KEY);
        lua_pushvalue(L, KEY);
        if (lua_rawget(L, TABLE) != LUA_TTABLE) {
            write_pair(L, &buffer, &pairs);
            continue;
        }
        lua_replace(L, VALUES);
        const lua_Integer values = (lua_Integer)lua_rawlen(L, VALUES);
        for (lua_Integer value = 1; value <= values; value++) {
            lua_rawgeti(L, VALUES, value);
            write_pair(L, &buffer, &pairs);
        }
    }
    luaL_pushresult(&buffer);
    return 1;
}

/*
 * url.query(text) returns the first value of each name, and a list of all values of each name. url.query(table) writes
 * a query, sorted by name.
 */
int edge_url_query(lua_State *L) {
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING) {
        lua_newtable(L);
        lua_newtable(L);
        parse_pairs(L, add_pair);
        return 2;
    }
    luaL_argexpected(L, lua_istable(L, 1), 1, "string or table");
    return build_query(L);
}
