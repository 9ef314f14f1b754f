#include "lib_os.h"

#include <limits.h>
#include <string.h>

/* Years that struct tm can hold, as in stock Lua. */
static int is_representable(int64_t year) {
    return year - 1900 >= INT_MIN && year - 1900 <= INT_MAX;
}

static lua_Integer now(lua_State *L) {
    const int64_t ms = edge_host_unix_ms(L);
    return ms / 1000 - (ms % 1000 < 0);
}

/* A field of the table at index 1; `fallback` below 0 says that there is none. `offset` is that of struct tm. */
static int64_t get_field(lua_State *L, const char *name, int fallback, int offset) {
    int is_integer;
    lua_pushstring(L, name);
    const int type = lua_rawget(L, 1);
    const lua_Integer value = lua_tointegerx(L, -1, &is_integer);
    lua_pop(L, 1);
    if (!is_integer) {
        if (type != LUA_TNIL) {
            return luaL_error(L, "field '%s' is not an integer", name);
        }
        if (fallback < 0) {
            return luaL_error(L, "field '%s' missing in date table", name);
        }
        return fallback;
    }
    if (value < (lua_Integer)INT_MIN + offset || value > (lua_Integer)INT_MAX + offset) {
        return luaL_error(L, "field '%s' is out-of-bound", name);
    }
    return value;
}

static void set_field(lua_State *L, const char *name, lua_Integer value) {
    lua_pushstring(L, name);
    lua_pushinteger(L, value);
    lua_rawset(L, -3);
}

/* Into the table at the top of the stack. */
static void set_fields(lua_State *L, const Calendar *calendar) {
    set_field(L, "year", calendar->year);
    set_field(L, "month", calendar->month);
    set_field(L, "day", calendar->day);
    set_field(L, "hour", calendar->hour);
    set_field(L, "min", calendar->minute);
    set_field(L, "sec", calendar->second);
    set_field(L, "yday", calendar->year_day);
    set_field(L, "wday", calendar->week_day + 1);
    lua_pushliteral(L, "isdst");
    lua_pushboolean(L, 0);
    lua_rawset(L, -3);
}

/* os.time([table]): UTC. It normalises the fields of the table, as stock Lua does. */
static int os_time(lua_State *L) {
    if (lua_isnoneornil(L, 1)) {
        lua_pushinteger(L, now(L));
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    const int64_t year = get_field(L, "year", -1, 1900);
    const int64_t month = get_field(L, "month", -1, 1);
    const int64_t day = get_field(L, "day", -1, 0);
    const int64_t hour = get_field(L, "hour", 12, 0);
    const int64_t minute = get_field(L, "min", 0, 0);
    const int64_t second = get_field(L, "sec", 0, 0);
    const int64_t seconds = edge_calendar_seconds(year, month, day, hour, minute, second);
    const Calendar calendar = edge_calendar_at(seconds);
    if (!is_representable(calendar.year)) {
        return luaL_error(L, "time result cannot be represented in this installation");
    }
    set_fields(L, &calendar);
    lua_pushinteger(L, seconds);
    return 1;
}

/* os.date([format [, time]]): UTC with or without a leading "!". */
static int os_date(lua_State *L) {
    size_t length;
    const char *format = luaL_optlstring(L, 1, "%c", &length);
    const lua_Integer seconds = lua_isnoneornil(L, 2) ? now(L) : luaL_checkinteger(L, 2);
    const Calendar calendar = edge_calendar_at(seconds);
    if (!is_representable(calendar.year)) {
        return luaL_error(L, "date result cannot be represented in this installation");
    }
    if (*format == '!') {
        format++;
        length--;
    }
    if (strcmp(format, "*t") == 0) {
        lua_createtable(L, 0, 9);
        set_fields(L, &calendar);
    } else {
        edge_os_push_date(L, format, length, &calendar);
    }
    return 1;
}

/* os.clock(): the request's CPU time, in seconds. */
static int os_clock(lua_State *L) {
    lua_pushnumber(L, edge_host_cpu_seconds(L));
    return 1;
}

static int os_difftime(lua_State *L) {
    const lua_Integer later = luaL_checkinteger(L, 1);
    const lua_Integer earlier = luaL_checkinteger(L, 2);
    lua_pushnumber(L, (lua_Number)later - (lua_Number)earlier);
    return 1;
}

int edge_open_os(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"clock", os_clock},
        {"date", os_date},
        {"difftime", os_difftime},
        {"time", os_time},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
