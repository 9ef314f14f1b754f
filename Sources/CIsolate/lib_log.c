#include "isolate.h"
#include "libraries.h"

// Log lines are collected in the isolate's heap and read by the host after a step, a kill included. A record is the
// array [level 0...3, text, fields or nil]. Over the limit records are counted and dropped: a flood costs its worker
// only.

enum { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

/// Appends a record of the text at `text` and the table at `fields` (0 for none).
static const char *append(edge_isolate *isolate, lua_State *L, int level, int text, int fields) {
    edge_buffer *log = &isolate->log;
    log->length = isolate->log_committed;
    if (!edge_buffer_fits(log, 64)) {
        isolate->log_dropped++;
        return NULL;
    }
    edge_encode_array(isolate, log, 3);
    lua_pushinteger(L, level);
    edge_encode(isolate, log, L, -1, false);
    lua_pop(L, 1);
    size_t length;
    const char *bytes = lua_tolstring(L, text, &length);
    if (!edge_buffer_fits(log, length + 64)) {
        isolate->log_dropped++;
        return NULL;
    }
    edge_encode_text(isolate, log, bytes, length);
    if (fields != 0) {
        const char *problem = edge_encode(isolate, log, L, fields, false);
        if (problem == edge_too_large) {
            isolate->log_dropped++;
            return NULL;
        }
        if (problem != NULL) {
            return problem;
        }
    } else {
        lua_pushnil(L);
        edge_encode(isolate, log, L, -1, false);
        lua_pop(L, 1);
    }
    isolate->log_committed = log->length;
    return NULL;
}

static int log_line(lua_State *L) {
    int level = (int)lua_tointeger(L, lua_upvalueindex(1));
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING) {
        lua_pushcfunction(L, edge_safe_tostring);
        lua_pushvalue(L, 1);
        lua_call(L, 1, 1);
        lua_replace(L, 1);
    }
    if (!lua_isnoneornil(L, 2) && !lua_istable(L, 2)) {
        return luaL_argerror(L, 2, "fields must be a table");
    }
    const char *problem = append(edge_isolate_of(L), L, level, 1, lua_istable(L, 2) ? 2 : 0);
    if (problem != NULL) {
        return luaL_argerror(L, 2, problem);
    }
    return 0;
}

int edge_print(lua_State *L) {
    int count = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1) {
            luaL_addchar(&line, '\t');
        }
        lua_pushcfunction(L, edge_safe_tostring);
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    append(edge_isolate_of(L), L, LEVEL_INFO, lua_gettop(L), 0);
    return 0;
}

int edge_open_log(lua_State *L) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    lua_createtable(L, 0, 4);
    for (int level = LEVEL_DEBUG; level <= LEVEL_ERROR; level++) {
        lua_pushinteger(L, level);
        lua_pushcclosure(L, log_line, 1);
        lua_setfield(L, -2, names[level]);
    }
    return 1;
}
