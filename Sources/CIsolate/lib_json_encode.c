#include "lib_json_encode.h"
#include "lib_sort.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Small results are built on the C stack. */
#define FIRST_BUFFER_SIZE 4096

static void encode_value(JSONEncoder *e, int index);

__attribute__((noinline)) void edge_json_grow(JSONEncoder *e, size_t count) {
    size_t capacity = e->capacity * 2;
    while (capacity - e->size < count) {
        capacity *= 2;
    }
    char *bytes = lua_newuserdatauv(e->L, capacity, 0);
    memcpy(bytes, e->bytes, e->size);
    lua_replace(e->L, e->block);
    e->bytes = bytes;
    e->capacity = capacity;
}

static void append(JSONEncoder *e, const char *text, size_t length) {
    memcpy(edge_json_reserve(e, length), text, length);
    e->size += length;
}

static void append_byte(JSONEncoder *e, char byte) {
    *edge_json_reserve(e, 1) = byte;
    e->size++;
}

static void new_line(JSONEncoder *e) {
    const size_t indent = 2 * (size_t)e->depth;
    char *out = edge_json_reserve(e, indent + 1);
    out[0] = '\n';
    memset(out + 1, ' ', indent);
    e->size += indent + 1;
}

static void separate(JSONEncoder *e, int first) {
    if (!first) {
        append_byte(e, ',');
    }
    if (e->pretty) {
        new_line(e);
    }
}

static void close_bracket(JSONEncoder *e, char byte) {
    e->depth--;
    if (e->pretty) {
        new_line(e);
    }
    append_byte(e, byte);
}

static void encode_number(JSONEncoder *e, int index) {
    char *out = edge_json_reserve(e, EDGE_JSON_NUMBER_SIZE);
    if (lua_isinteger(e->L, index)) {
        e->size += edge_json_format_integer(out, lua_tointeger(e->L, index));
        return;
    }
    const double value = lua_tonumber(e->L, index);
    if (!isfinite(value)) {
        edge_json_encode_fail(e, isnan(value) ? "cannot encode NaN" : "cannot encode an infinite number");
    }
    e->size += edge_json_format_float(out, value);
}

/* The digits of a json.number, checked again because a script can reach them. */
static void encode_exact_number(JSONEncoder *e) {
    lua_State *L = e->L;
    size_t length = 0;
    const char *text = lua_rawgeti(L, -1, 1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    if (text == NULL || !edge_json_is_number(text, length)) {
        edge_json_encode_fail(e, "json.number no longer holds a number");
    }
    append(e, text, length);
    lua_pop(L, 1);
}

/* The key at the top of the stack can't be a key of an object. */
_Noreturn static void fail_key(JSONEncoder *e) {
    lua_State *L = e->L;
    char message[128];
    e->frame->key = 0;
    e->frame->index = 0;
    if (lua_isinteger(L, -1)) {
        snprintf(message, sizeof message, "integer key %lld is no part of an array 1..n; use json.array or string keys",
                 (long long)lua_tointeger(L, -1));
    } else {
        snprintf(message, sizeof message, "object keys must be strings, found a %s key", luaL_typename(L, -1));
    }
    edge_json_encode_fail(e, message);
}

/* A string key at the top of the stack has no place in an array; the path shows it. */
_Noreturn static void fail_mixed(JSONEncoder *e) {
    e->frame->key = lua_gettop(e->L);
    edge_json_encode_fail(e, "array has a string key; use either array elements or string keys");
}

_Noreturn static void fail_sparse(JSONEncoder *e, lua_Integer count, lua_Integer largest) {
    char message[128];
    lua_Integer missing = 1;
    while (missing <= count && lua_rawgeti(e->L, e->frame->table, missing) != LUA_TNIL) {
        lua_pop(e->L, 1);
        missing++;
    }
    e->frame->index = 0;
    snprintf(message, sizeof message, "sparse array: [%lld] is there but [%lld] is missing; fill it or use string keys",
             (long long)largest, (long long)missing);
    edge_json_encode_fail(e, message);
}

/* Raises an error unless the keys of the current table are exactly 1..n; returns n. */
static lua_Integer check_sequence(JSONEncoder *e) {
    lua_State *L = e->L;
    lua_Integer count = 0;
    lua_Integer largest = 0;
    lua_pushnil(L);
    while (lua_next(L, e->frame->table)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            fail_mixed(e);
        }
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1) {
            fail_key(e);
        }
        const lua_Integer index = lua_tointeger(L, -1);
        largest = index > largest ? index : largest;
        count++;
    }
    if (largest != count) {
        fail_sparse(e, count, largest);
    }
    return count;
}

/* The element at the top of the stack. */
static void encode_element(JSONEncoder *e, lua_Integer index) {
    e->frame->index = index;
    separate(e, index == 1);
    encode_value(e, lua_gettop(e->L));
    lua_pop(e->L, 1);
}

/*
 * The first key and value are on the stack. An array's keys come in order as long as they lie in the table's array
 * part; from the first that does not on, the elements are fetched by index.
 */
static void encode_array(JSONEncoder *e) {
    lua_State *L = e->L;
    const int table = e->frame->table;
    lua_Integer index = 1;
    int more = 1;
    append_byte(e, '[');
    while (more && lua_isinteger(L, -2) && lua_tointeger(L, -2) == index) {
        encode_element(e, index);
        index++;
        more = lua_next(L, table);
    }
    if (more) {
        lua_pop(L, 2);
        const lua_Integer count = check_sequence(e);
        for (; index <= count; index++) {
            lua_rawgeti(L, table, index);
            encode_element(e, index);
        }
    }
    close_bracket(e, ']');
}

/* The key stands at the stack index `at`, the value behind it, at the top. */
static void encode_member(JSONEncoder *e, int at, int first) {
    lua_State *L = e->L;
    if (lua_type(L, at) != LUA_TSTRING) {
        lua_pop(L, 1);
        fail_key(e);
    }
    size_t length;
    const char *key = lua_tolstring(L, at, &length);
    e->frame->key = at;
    separate(e, first);
    edge_json_encode_string(e, key, length);
    append_byte(e, ':');
    if (e->pretty) {
        append_byte(e, ' ');
    }
    encode_value(e, at + 1);
    e->frame->key = 0;
}

static void encode_sorted_members(JSONEncoder *e) {
    lua_State *L = e->L;
    const lua_Integer count = edge_push_sorted_keys(L, e->frame->table);
    if (count < 0) {
        fail_key(e);
    }
    const int keys = lua_gettop(L);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, keys, i);
        lua_pushvalue(L, -1);
        lua_rawget(L, e->frame->table);
        encode_member(e, keys + 1, i == 1);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

/* The first key and value are on the stack. */
static void encode_object(JSONEncoder *e) {
    lua_State *L = e->L;
    append_byte(e, '{');
    if (e->sorted) {
        lua_pop(L, 2);
        encode_sorted_members(e);
    } else {
        const int table = e->frame->table;
        int first = 1;
        do {
            encode_member(e, table + 1, first);
            lua_settop(L, table + 1);
            first = 0;
        } while (lua_next(L, table));
    }
    close_bracket(e, '}');
}

/* The outermost frame whose table is that of one further out, or NULL: there the cycle closes for the first time. */
static const JSONFrame *find_cycle(const JSONEncoder *e) {
    const JSONFrame *closing = NULL;
    for (const JSONFrame *inner = e->frame; inner != NULL; inner = inner->parent) {
        for (const JSONFrame *outer = inner->parent; outer != NULL; outer = outer->parent) {
            if (lua_rawequal(e->L, inner->table, outer->table)) {
                closing = inner;
            }
        }
    }
    return closing;
}

static void check_depth(JSONEncoder *e) {
    if (e->depth < EDGE_JSON_DEPTH_MAX) {
        return;
    }
    const JSONFrame *closing = find_cycle(e);
    if (closing != NULL) {
        e->frame = closing->parent;
        edge_json_encode_fail(e, "table contains itself, a cycle");
    }
    edge_json_encode_fail(e, "nested deeper than 128 levels");
}

static const void *metatable(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) {
        return NULL;
    }
    const void *meta = lua_topointer(L, -1);
    lua_pop(L, 1);
    return meta;
}

static void encode_table(JSONEncoder *e, int index) {
    lua_State *L = e->L;
    const void *meta = metatable(L, index);
    if (meta == e->number_meta) {
        encode_exact_number(e);
        return;
    }
    check_depth(e);
    luaL_checkstack(L, LUA_MINSTACK, "json.encode: too deeply nested");
    JSONFrame frame = {.parent = e->frame, .table = index, .key = 0, .index = 0};
    e->frame = &frame;
    lua_pushnil(L);
    if (!lua_next(L, frame.table)) {
        append(e, meta == e->array_meta ? "[]" : "{}", 2);
    } else {
        e->depth++;
        if (meta == e->array_meta || lua_type(L, -2) == LUA_TNUMBER) {
            encode_array(e);
        } else {
            encode_object(e);
        }
    }
    e->frame = frame.parent;
}

/* Encodes the value at the top of the stack, which is at `index`, and leaves it. The depth bounds the recursion. */
static void encode_value(JSONEncoder *e, int index) {
    lua_State *L = e->L;
    const int type = lua_type(L, index);
    if (type == LUA_TSTRING) {
        size_t length;
        const char *text = lua_tolstring(L, index, &length);
        edge_json_encode_string(e, text, length);
    } else if (type == LUA_TNUMBER) {
        encode_number(e, index);
    } else if (type == LUA_TTABLE) {
        encode_table(e, index);
    } else if (type == LUA_TBOOLEAN) {
        const int value = lua_toboolean(L, index);
        append(e, value ? "true" : "false", value ? 4 : 5);
    } else if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL) {
        append(e, "null", 4);
    } else {
        char message[64];
        const char *hint = type == LUA_TNIL ? "nil (use json.null)" : lua_typename(L, type);
        snprintf(message, sizeof message, "cannot encode %s%s", type == LUA_TNIL ? "" : "a ", hint);
        edge_json_encode_fail(e, message);
    }
}

/* The boolean of the options table at index 2. */
static int option(lua_State *L, const char *name) {
    lua_pushstring(L, name);
    lua_rawget(L, 2);
    const int value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

/* json.encode(value, {pretty = boolean, sorted = boolean}); pretty text is always sorted */
int edge_json_encode(lua_State *L) {
    luaL_checkany(L, 1);
    lua_settop(L, 2);
    char first_buffer[FIRST_BUFFER_SIZE];
    JSONEncoder e = {
        .L = L,
        .bytes = first_buffer,
        .size = 0,
        .capacity = sizeof first_buffer,
        .block = 3,
        .depth = 0,
        .pretty = 0,
        .sorted = 0,
        .frame = NULL,
        .array_meta = lua_topointer(L, EDGE_JSON_ARRAY_META),
        .number_meta = lua_topointer(L, EDGE_JSON_NUMBER_META),
    };
    if (!lua_isnil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        e.pretty = option(L, "pretty");
        e.sorted = e.pretty || option(L, "sorted");
    }
    lua_pushnil(L);
    lua_pushvalue(L, 1);
    encode_value(&e, 4);
    lua_pushlstring(L, e.bytes, e.size);
    return 1;
}
