#include "guard.h"
#include "isolate.h"
#include "lib_url.h"
#include "shared.h"

#include <string.h>

// What the prelude gets and no script sees: host functions, and the reading of flat messages.

/// Pushes `file:line: ` of the script's innermost function: the prelude's own, which has no lines, is not where to
/// look.
static void push_place(lua_State *L) {
    lua_Debug record;
    for (int level = 1; level < 16 && lua_getstack(L, level, &record); level++) {
        lua_getinfo(L, "Sl", &record);
        if (record.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", record.short_src, record.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

/// The reply is in `input`: values to return, or the text of an error to raise. Unstoppable until it is decoded: the bytes
/// are the host's, and its again when the step ends.
static int host_replied(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    edge_isolate *isolate = edge_isolate_of(L);
    const uint8_t *cursor = isolate->input;
    if (cursor == NULL || isolate->input_length < 2) {
        isolate->unstoppable = false;
        return luaL_error(L, "the host gave no reply");
    }
    const uint8_t *end = cursor + isolate->input_length;
    uint8_t kind = *cursor++;
    if (kind == EDGE_REPLY_VALUES) {
        int count = edge_decode_members(L, &cursor, end);
        isolate->unstoppable = false;
        return count;
    }
    push_place(L);
    edge_decode(L, &cursor, end, 0);
    isolate->unstoppable = false;
    lua_concat(L, 2);
    return lua_error(L);
}

/// Raises `NAME TEXT` at the script's place.
static int fail(lua_State *L, const char *text) {
    push_place(L);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushstring(L, text);
    lua_concat(L, 3);
    return lua_error(L);
}

static void check_host_call(lua_State *L, edge_isolate *isolate) {
    if (isolate->building && !lua_toboolean(L, lua_upvalueindex(3))) {
        fail(
            L,
            " can't be called at the top level of a script, which runs once, when the worker is loaded: "
            "call it inside a handler"
        );
    }
    if (isolate->nested > 0 || !lua_isyieldable(L)) {
        fail(
            L,
            " can't be called here: a function that can't be suspended is its caller "
            "(a comparator of table.sort, a callback of string.gsub, a metamethod called by either)"
        );
    }
    if (isolate->host_calls >= isolate->host_call_limit) {
        edge_guard_kill(isolate, EDGE_KILL_HOST_CALLS);
    }
}

static int host_call(lua_State *L) {
    edge_isolate *isolate = edge_isolate_of(L);
    check_host_call(L, isolate);
    int count = lua_gettop(L);
    if (count > 16) {
        return fail(L, ": too many arguments");
    }
    edge_buffer *message = &isolate->message;
    message->length = 0;
    edge_buffer_reserve(isolate, message, 64);
    message->data[message->length++] = (uint8_t)lua_tointeger(L, lua_upvalueindex(1));
    edge_encode_array(isolate, message, (uint32_t)count);
    for (int i = 1; i <= count; i++) {
        const char *problem = edge_encode(isolate, message, L, i, false);
        if (problem != NULL) {
            return fail(L, lua_pushfstring(L, ": argument %d: %s", i, problem));
        }
    }
    isolate->host_calls++;
    isolate->intent = EDGE_INTENT_CALL;
    return lua_yieldk(L, 0, 0, host_replied);
}

/// bind(operation number, name, allowed at the top level) -> function
static int host_bind(lua_State *L) {
    luaL_checkinteger(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 3);
    lua_pushcclosure(L, host_call, 3);
    return 1;
}

static void skip_value(lua_State *L, const uint8_t **cursor, const uint8_t *end, int depth);

static void skip_bytes(lua_State *L, const uint8_t **cursor, const uint8_t *end, size_t count) {
    if ((size_t)(end - *cursor) < count) {
        luaL_error(L, "a flat message is cut short");
    }
    *cursor += count;
}

static void skip_value(lua_State *L, const uint8_t **cursor, const uint8_t *end, int depth) {
    const uint8_t *start = *cursor;
    uint32_t count = 0;
    skip_bytes(L, cursor, end, 1);
    switch (*start) {
    case EDGE_TAG_INTEGER:
    case EDGE_TAG_NUMBER:
        skip_bytes(L, cursor, end, 8);
        return;
    case EDGE_TAG_STRING:
    case EDGE_TAG_ARRAY:
    case EDGE_TAG_TABLE:
        skip_bytes(L, cursor, end, 4);
        memcpy(&count, start + 1, sizeof count);
        break;
    default:
        return;
    }
    if (*start == EDGE_TAG_STRING) {
        skip_bytes(L, cursor, end, count);
        return;
    }
    if (depth >= EDGE_MESSAGE_DEPTH) {
        luaL_error(L, "a flat message is nested too deeply");
    }
    uint64_t members = *start == EDGE_TAG_TABLE ? (uint64_t)count * 2 : count;
    for (uint64_t i = 0; i < members; i++) {
        skip_value(L, cursor, end, depth + 1);
    }
}

/// at(message, i) -> the i-th member of the array that the message is, the others left unread
static int flat_at(lua_State *L) {
    size_t length;
    const uint8_t *cursor = (const uint8_t *)luaL_checklstring(L, 1, &length);
    const uint8_t *end = cursor + length;
    lua_Integer index = luaL_checkinteger(L, 2);
    uint32_t count = 0;
    if (length < 5 || *cursor != EDGE_TAG_ARRAY) {
        return luaL_error(L, "a flat message is no array");
    }
    memcpy(&count, cursor + 1, sizeof count);
    if (index < 1 || index > (lua_Integer)count) {
        return luaL_error(L, "a flat message has no member %I", (LUAI_UACINT)index);
    }
    cursor += 5;
    for (lua_Integer i = 1; i < index; i++) {
        skip_value(L, &cursor, end, 1);
    }
    edge_decode(L, &cursor, end, 1);
    return 1;
}

/// fresh(class, count) -> a table of that class with room for so many fields, where each request writes to it for nothing
static int host_fresh(lua_State *L) {
    edge_isolate *isolate = edge_isolate_of(L);
    const int count = (int)luaL_checkinteger(L, 2);
    edge_shared_set_hot(isolate, true);
    lua_createtable(L, 0, count);
    edge_shared_set_hot(isolate, false);
    lua_pushvalue(L, 1);
    lua_setmetatable(L, -2);
    return 1;
}

/// now() -> Unix time in ms; it stands still between two host calls
static int host_now(lua_State *L) {
    lua_pushinteger(L, edge_isolate_of(L)->unix_ms);
    return 1;
}

/// usage() -> CPU time in us (up to this step), heap in bytes, host calls
static int host_usage(lua_State *L) {
    edge_isolate *isolate = edge_isolate_of(L);
    lua_pushinteger(L, (lua_Integer)(edge_guard_cpu_ns(isolate) / 1000));
    lua_pushinteger(L, (lua_Integer)isolate->arena.used);
    lua_pushinteger(L, (lua_Integer)isolate->host_calls);
    return 3;
}

int edge_open_host(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"bind", host_bind},   {"at", flat_at},     {"first_values", edge_url_first_values}, {"fresh", host_fresh}, {"now", host_now},
        {"usage", host_usage}, {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
