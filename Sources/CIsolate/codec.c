#include "guard.h"
#include "isolate.h"
#include "libraries.h"

#include <string.h>

// Flat messages: what crosses between the guest and the host. Everything is read raw: no metamethod runs here.

bool edge_buffer_fits(const edge_buffer *buffer, size_t extra) {
    return extra <= buffer->limit && buffer->length <= buffer->limit - extra;
}

void edge_buffer_reserve(edge_isolate *isolate, edge_buffer *buffer, size_t extra) {
    size_t needed = buffer->length + extra;
    if (needed <= buffer->capacity) {
        return;
    }
    size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity * 2;
    if (capacity < needed) {
        capacity = needed;
    }
    // The new block is complete before the old one is freed: after a kill the host still reads the log from it.
    uint8_t *data = edge_arena_allocate(isolate, capacity);
    uint8_t *old = buffer->data;
    size_t old_capacity = buffer->capacity;
    if (old != NULL) {
        memcpy(data, old, buffer->length);
    }
    buffer->data = data;
    buffer->capacity = capacity;
    if (old != NULL) {
        edge_arena_free(isolate, old, old_capacity);
    }
}

void edge_buffer_free(edge_isolate *isolate, edge_buffer *buffer) {
    if (buffer->data != NULL) {
        edge_arena_free(isolate, buffer->data, buffer->capacity);
    }
    *buffer = (edge_buffer){.limit = buffer->limit};
}

/// Where the next `size` bytes go; the caller has checked that they fit.
static uint8_t *extend(edge_isolate *isolate, edge_buffer *buffer, size_t size) {
    edge_buffer_reserve(isolate, buffer, size);
    uint8_t *place = buffer->data + buffer->length;
    buffer->length += size;
    return place;
}

static void put_tag(edge_isolate *isolate, edge_buffer *buffer, uint8_t tag) {
    *extend(isolate, buffer, 1) = tag;
}

static void put_tagged(edge_isolate *isolate, edge_buffer *buffer, uint8_t tag, const void *bytes, size_t size) {
    uint8_t *place = extend(isolate, buffer, 1 + size);
    *place = tag;
    memcpy(place + 1, bytes, size);
}

void edge_encode_array(edge_isolate *isolate, edge_buffer *buffer, uint32_t count) {
    put_tagged(isolate, buffer, EDGE_TAG_ARRAY, &count, sizeof count);
}

void edge_encode_text(edge_isolate *isolate, edge_buffer *buffer, const char *text, size_t length) {
    uint32_t count = (uint32_t)length;
    uint8_t *place = extend(isolate, buffer, 5 + length);
    *place = EDGE_TAG_STRING;
    memcpy(place + 1, &count, sizeof count);
    memcpy(place + 5, text, length);
}

const char edge_too_large[] = "the value is too large to pass";

static const char *encode_value(edge_isolate *, edge_buffer *, lua_State *, int, bool opaque, int depth);

/// Whether the table's keys are 1...n in this order. Keys alone are looked at first: to begin an array and then start
/// anew as a table would write what is nested n levels deep 2^n times.
static bool is_sequence(lua_State *L, int index) {
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) != ++count) {
            lua_pop(L, 1);
            return false;
        }
    }
    return true;
}

static const char *encode_as_array(
    edge_isolate *isolate, edge_buffer *buffer, lua_State *L, int index, bool opaque, int depth
) {
    size_t start = buffer->length;
    uint32_t count = 0;
    edge_encode_array(isolate, buffer, 0);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        const char *problem = encode_value(isolate, buffer, L, lua_gettop(L), opaque, depth + 1);
        if (problem != NULL) {
            lua_pop(L, 2);
            return problem;
        }
        lua_pop(L, 1);
        count++;
    }
    memcpy(buffer->data + start + 1, &count, sizeof count);
    return NULL;
}

static const char *encode_as_table(
    edge_isolate *isolate, edge_buffer *buffer, lua_State *L, int index, bool opaque, int depth
) {
    size_t start = buffer->length;
    uint32_t count = 0;
    put_tagged(isolate, buffer, EDGE_TAG_TABLE, &count, sizeof count);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        int value = lua_gettop(L);
        int key_type = lua_type(L, value - 1);
        const char *problem = NULL;
        if (key_type != LUA_TSTRING && key_type != LUA_TNUMBER && key_type != LUA_TBOOLEAN) {
            problem = "a table has a key that is no string, number or boolean";
        }
        if (problem == NULL) {
            problem = encode_value(isolate, buffer, L, value - 1, opaque, depth + 1);
        }
        if (problem == NULL) {
            problem = encode_value(isolate, buffer, L, value, opaque, depth + 1);
        }
        if (problem != NULL) {
            lua_pop(L, 2);
            return problem;
        }
        lua_pop(L, 1);
        count++;
    }
    memcpy(buffer->data + start + 1, &count, sizeof count);
    return NULL;
}

static const char *encode_table(
    edge_isolate *isolate, edge_buffer *buffer, lua_State *L, int index, bool opaque, int depth
) {
    if (depth >= EDGE_MESSAGE_DEPTH) {
        return "tables are nested deeper than 64 levels (is there a cycle?)";
    }
    if (!lua_checkstack(L, 4)) {
        return "tables are nested deeper than the stack allows";
    }
    if (is_sequence(L, index)) {
        return encode_as_array(isolate, buffer, L, index, opaque, depth);
    }
    return encode_as_table(isolate, buffer, L, index, opaque, depth);
}

static const char *encode_string(edge_isolate *isolate, edge_buffer *buffer, lua_State *L, int index) {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    if (length > UINT32_MAX || !edge_buffer_fits(buffer, length + 5)) {
        return edge_too_large;
    }
    edge_encode_text(isolate, buffer, text, length);
    return NULL;
}

static const char *encode_opaque(edge_isolate *isolate, edge_buffer *buffer, int type, bool opaque) {
    if (!opaque) {
        switch (type) {
        case LUA_TFUNCTION:
            return "a function can't be passed";
        case LUA_TTHREAD:
            return "a coroutine can't be passed";
        default:
            return "a host object can't be passed";
        }
    }
    uint8_t code = (uint8_t)type;
    put_tagged(isolate, buffer, EDGE_TAG_OPAQUE, &code, 1);
    return NULL;
}

/// `index` is absolute.
static const char *encode_value(
    edge_isolate *isolate, edge_buffer *buffer, lua_State *L, int index, bool opaque, int depth
) {
    if (!edge_buffer_fits(buffer, 16)) {
        return edge_too_large;
    }
    int type = lua_type(L, index);
    switch (type) {
    case LUA_TNIL:
        put_tag(isolate, buffer, EDGE_TAG_NIL);
        return NULL;
    case LUA_TBOOLEAN:
        put_tag(isolate, buffer, lua_toboolean(L, index) ? EDGE_TAG_TRUE : EDGE_TAG_FALSE);
        return NULL;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) {
            int64_t integer = lua_tointeger(L, index);
            put_tagged(isolate, buffer, EDGE_TAG_INTEGER, &integer, sizeof integer);
        } else {
            double number = lua_tonumber(L, index);
            put_tagged(isolate, buffer, EDGE_TAG_NUMBER, &number, sizeof number);
        }
        return NULL;
    case LUA_TSTRING:
        return encode_string(isolate, buffer, L, index);
    case LUA_TTABLE:
        return encode_table(isolate, buffer, L, index, opaque, depth);
    case LUA_TLIGHTUSERDATA:
        // json.null
        if (lua_touserdata(L, index) == NULL) {
            put_tag(isolate, buffer, EDGE_TAG_NIL);
            return NULL;
        }
        return encode_opaque(isolate, buffer, type, opaque);
    default:
        return encode_opaque(isolate, buffer, type, opaque);
    }
}

const char *edge_encode(edge_isolate *isolate, edge_buffer *buffer, lua_State *L, int index, bool opaque) {
    return encode_value(isolate, buffer, L, lua_absindex(L, index), opaque, 0);
}

static void take(lua_State *L, const uint8_t **cursor, const uint8_t *end, void *into, size_t size) {
    if ((size_t)(end - *cursor) < size) {
        luaL_error(L, "a flat message is cut short");
    }
    memcpy(into, *cursor, size);
    *cursor += size;
}

static uint32_t take_count(lua_State *L, const uint8_t **cursor, const uint8_t *end) {
    uint32_t count;
    take(L, cursor, end, &count, sizeof count);
    // Every member takes a byte at least, so that a wrong count can't make a huge table.
    if (count > (size_t)(end - *cursor)) {
        luaL_error(L, "a flat message is cut short");
    }
    return count;
}

static void decode_table(lua_State *L, const uint8_t **cursor, const uint8_t *end, int depth, bool array) {
    uint32_t count = take_count(L, cursor, end);
    lua_createtable(L, array ? (int)count : 0, array ? 0 : (int)count);
    for (uint32_t i = 1; i <= count; i++) {
        if (!array) {
            edge_decode(L, cursor, end, depth + 1);
        }
        edge_decode(L, cursor, end, depth + 1);
        if (array) {
            lua_rawseti(L, -2, i);
        } else if (lua_isnil(L, -2)) {
            luaL_error(L, "a flat message has a nil key");
        } else {
            lua_rawset(L, -3);
        }
    }
}

void edge_decode(lua_State *L, const uint8_t **cursor, const uint8_t *end, int depth) {
    uint8_t tag;
    luaL_checkstack(L, 4, "flat message");
    take(L, cursor, end, &tag, 1);
    switch (tag) {
    case EDGE_TAG_NIL:
        lua_pushnil(L);
        return;
    case EDGE_TAG_FALSE:
    case EDGE_TAG_TRUE:
        lua_pushboolean(L, tag == EDGE_TAG_TRUE);
        return;
    case EDGE_TAG_INTEGER: {
        int64_t integer;
        take(L, cursor, end, &integer, sizeof integer);
        lua_pushinteger(L, integer);
        return;
    }
    case EDGE_TAG_NUMBER: {
        double number;
        take(L, cursor, end, &number, sizeof number);
        lua_pushnumber(L, number);
        return;
    }
    case EDGE_TAG_STRING: {
        uint32_t length = take_count(L, cursor, end);
        lua_pushlstring(L, (const char *)*cursor, length);
        *cursor += length;
        return;
    }
    case EDGE_TAG_ARRAY:
    case EDGE_TAG_TABLE:
        if (depth < EDGE_MESSAGE_DEPTH) {
            decode_table(L, cursor, end, depth, tag == EDGE_TAG_ARRAY);
            return;
        }
        luaL_error(L, "a flat message is nested too deeply");
        return;
    default:
        luaL_error(L, "a flat message has an unknown tag");
    }
}

int edge_decode_members(lua_State *L, const uint8_t **cursor, const uint8_t *end) {
    uint8_t tag;
    take(L, cursor, end, &tag, 1);
    if (tag != EDGE_TAG_ARRAY) {
        luaL_error(L, "a flat message is no array");
    }
    uint32_t count = take_count(L, cursor, end);
    if (count > 250) {
        luaL_error(L, "a flat message has too many members");
    }
    luaL_checkstack(L, (int)count + 4, "flat message");
    for (uint32_t i = 0; i < count; i++) {
        edge_decode(L, cursor, end, 0);
    }
    return (int)count;
}
