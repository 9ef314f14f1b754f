#include "lib_url_split.h"

#include <string.h>

static const char *const names[URL_PARTS] = {
    "scheme", "user", "password", "host", "port", "path", "query", "fragment"};

static char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

/* Scheme and host are the parts whose case has no meaning. */
static int is_caseless(int part) {
    return part == URL_SCHEME || part == URL_HOST;
}

static void push_lower(lua_State *L, Span span) {
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, span.length);
    for (size_t i = 0; i < span.length; i++) {
        out[i] = lower(span.at[i]);
    }
    luaL_pushresultsize(&buffer, span.length);
}

static lua_Integer port_number(Span port) {
    lua_Integer value = 0;
    for (size_t i = 0; i < port.length; i++) {
        value = value * 10 + (port.at[i] - '0');
    }
    return value;
}

/* url.parse(text): a table of the parts that are there; the path always is. */
int edge_url_parse(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *where = text;
    URL url;
    const char *problem = edge_url_split(text, length, &url, &where);
    if (problem != NULL) {
        return luaL_error(L, "url.parse: %s (position %I)", problem, (LUAI_UACINT)(where - text + 1));
    }
    lua_createtable(L, 0, URL_PARTS);
    for (int part = 0; part < URL_PARTS; part++) {
        const Span span = url.part[part];
        if (span.at == NULL) {
            continue;
        }
        lua_pushstring(L, names[part]);
        if (part == URL_PORT) {
            lua_pushinteger(L, port_number(span));
        } else if (is_caseless(part)) {
            push_lower(L, span);
        } else {
            lua_pushlstring(L, span.at, span.length);
        }
        lua_rawset(L, -3);
    }
    return 1;
}

/* Reads the parts from the table at index 1; each stays on the stack, so that its span is alive. */
static void read_parts(lua_State *L, URL *url) {
    memset(url, 0, sizeof *url);
    for (int part = 0; part < URL_PARTS; part++) {
        lua_pushstring(L, names[part]);
        const int type = lua_rawget(L, 1);
        if (type == LUA_TNIL) {
            continue;
        }
        if (part == URL_PORT) {
            if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0 || lua_tointeger(L, -1) > 65535) {
                luaL_error(L, "url.build: field 'port' must be an integer from 0 to 65535");
            }
        } else if (type != LUA_TSTRING) {
            luaL_error(L, "url.build: field '%s' must be a string, found a %s", names[part], lua_typename(L, type));
        }
        url->part[part].at = lua_tolstring(L, -1, &url->part[part].length);
    }
    if (url->part[URL_PATH].at == NULL) {
        url->part[URL_PATH].at = "";
    }
}

static void add_part(luaL_Buffer *buffer, const char *before, const URL *url, int part, const char *after) {
    const Span span = url->part[part];
    if (span.at == NULL) {
        return;
    }
    luaL_addstring(buffer, before);
    for (size_t i = 0; i < span.length; i++) {
        luaL_addchar(buffer, is_caseless(part) ? lower(span.at[i]) : span.at[i]);
    }
    luaL_addstring(buffer, after);
}

static void push_joined(lua_State *L, const URL *url) {
    const Span host = url->part[URL_HOST];
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    add_part(&buffer, "", url, URL_SCHEME, ":");
    if (host.at != NULL) {
        const int literal = memchr(host.at, ':', host.length) != NULL;
        luaL_addstring(&buffer, "//");
        add_part(&buffer, "", url, URL_USER, "");
        add_part(&buffer, ":", url, URL_PASSWORD, "");
        luaL_addstring(&buffer, url->part[URL_USER].at == NULL ? "" : "@");
        add_part(&buffer, literal ? "[" : "", url, URL_HOST, literal ? "]" : "");
        add_part(&buffer, ":", url, URL_PORT, "");
    }
    add_part(&buffer, "", url, URL_PATH, "");
    add_part(&buffer, "?", url, URL_QUERY, "");
    add_part(&buffer, "#", url, URL_FRAGMENT, "");
    luaL_pushresult(&buffer);
}

static int is_same(int part, Span given, Span read) {
    if ((given.at == NULL) != (read.at == NULL) || given.length != read.length) {
        return 0;
    }
    for (size_t i = 0; i < given.length; i++) {
        if (given.at[i] != read.at[i] && !(is_caseless(part) && lower(given.at[i]) == read.at[i])) {
            return 0;
        }
    }
    return 1;
}

/* url.build(table): what it returns is parsed again, so no part can turn into another. */
int edge_url_build(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    URL given;
    read_parts(L, &given);
    push_joined(L, &given);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    const char *where = text;
    URL read;
    const char *problem = edge_url_split(text, length, &read, &where);
    if (problem != NULL) {
        return luaL_error(L, "url.build: %s (position %I of the result)", problem, (LUAI_UACINT)(where - text + 1));
    }
    for (int part = 0; part < URL_PARTS; part++) {
        if (!is_same(part, given.part[part], read.part[part])) {
            return luaL_error(L, "url.build: the parts do not fit together, '%s' would be read back differently",
                              names[part]);
        }
    }
    return 1;
}
