#include "lib_json.h"

/* json.array([t]): marks t (a new table by default) as an array, so that it encodes as [] even when it is empty. */
static int json_array(lua_State *L) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_getmetatable(L, 1)) {
        luaL_argcheck(L, lua_rawequal(L, -1, EDGE_JSON_ARRAY_META), 1, "table has another metatable");
        lua_pop(L, 1);
    }
    lua_pushvalue(L, EDGE_JSON_ARRAY_META);
    lua_setmetatable(L, 1);
    return 1;
}

/* json.number(text): a number that keeps its digits, whatever its size. */
static int json_number(lua_State *L) {
    luaL_checktype(L, 1, LUA_TSTRING);
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    luaL_argcheck(L, edge_json_is_number(text, length), 1, "not a JSON number");
    edge_json_push_number(L, text, length);
    return 1;
}

static int number_tostring(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_rawgeti(L, 1, 1) != LUA_TSTRING) {
        return luaL_error(L, "json.number: the number's text is gone");
    }
    return 1;
}

/* Two numbers are equal when their digits are. */
static int number_equals(lua_State *L) {
    int equal = 0;
    if (lua_type(L, 1) == LUA_TTABLE && lua_type(L, 2) == LUA_TTABLE) {
        lua_rawgeti(L, 1, 1);
        lua_rawgeti(L, 2, 1);
        equal = lua_rawequal(L, -1, -2);
    }
    lua_pushboolean(L, equal);
    return 1;
}

int edge_open_json(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"array", json_array},
        {"decode", edge_json_decode},
        {"encode", edge_json_encode},
        {"number", json_number},
        {NULL, NULL},
    };
    static const luaL_Reg number_methods[] = {
        {"__eq", number_equals},
        {"__tostring", number_tostring},
        {NULL, NULL},
    };
    luaL_newlibtable(L, functions);
    luaL_newmetatable(L, EDGE_JSON_ARRAY);
    luaL_newmetatable(L, EDGE_JSON_NUMBER);
    luaL_setfuncs(L, number_methods, 0);
    luaL_setfuncs(L, functions, EDGE_JSON_UPVALUES);
    /* NULL as a light userdata equals itself alone, and no relocation of the heap changes it. */
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
