#include "lib_json_decode.h"

#include <stdio.h>
#include <string.h>

/* Elements that wait on the stack, so that the table of a small array or object is created at its exact size. */
#define PENDING_MAX 32

static void decode_value(JSONDecoder *d);

/* Columns count characters, not bytes. */
_Noreturn void edge_json_fail(const JSONDecoder *d, const uint8_t *where, const char *message) {
    int line = 1;
    int column = 1;
    for (const uint8_t *at = d->start; at < where; at++) {
        if (*at == '\n') {
            line++;
            column = 1;
        } else if (!edge_is_continuation(*at)) {
            column++;
        }
    }
    luaL_error(d->L, "json.decode: line %d, column %d: %s", line, column, message);
    __builtin_unreachable();
}

_Noreturn void edge_json_fail_expected(const JSONDecoder *d, const char *expected) {
    char message[128];
    const uint8_t byte = *d->at;
    if (d->at == d->end) {
        snprintf(message, sizeof message, "expected %s, found the end of the text", expected);
    } else if (byte > 0x20 && byte < 0x7F) {
        snprintf(message, sizeof message, "expected %s, found '%c'", expected, byte);
    } else {
        snprintf(message, sizeof message, "expected %s, found byte 0x%02x", expected, byte);
    }
    edge_json_fail(d, d->at, message);
}

static inline void skip_space(JSONDecoder *d) {
    const uint8_t *at = d->at;
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') {
        at++;
    }
    d->at = at;
}

static void decode_word(JSONDecoder *d, const char *word, size_t length) {
    if ((size_t)(d->end - d->at) < length || memcmp(d->at, word, length) != 0) {
        edge_json_fail_expected(d, "a value");
    }
    d->at += length;
}

/* Opens an array or object: what waits on the stack has room, and `nil` holds the place of the table to come. */
static int enter(JSONDecoder *d) {
    if (d->depth == EDGE_JSON_DEPTH_MAX) {
        edge_json_fail(d, d->at, "nested deeper than 128 levels");
    }
    d->depth++;
    d->at++;
    luaL_checkstack(d->L, 2 * PENDING_MAX + 8, "json.decode: too deeply nested");
    lua_pushnil(d->L);
    skip_space(d);
    return lua_gettop(d->L);
}

static void create_array(JSONDecoder *d, int slot, int pending) {
    lua_State *L = d->L;
    lua_createtable(L, pending, 0);
    lua_pushvalue(L, EDGE_JSON_ARRAY_META);
    lua_setmetatable(L, -2);
    lua_replace(L, slot);
    for (int index = pending; index > 0; index--) {
        lua_rawseti(L, slot, index);
    }
}

/* In the order of the text where keys may be equal, because the last one wins; else from the top of the stack down. */
static void create_object(JSONDecoder *d, int slot, int pending, int distinct) {
    lua_State *L = d->L;
    lua_createtable(L, 0, pending);
    lua_replace(L, slot);
    if (distinct) {
        for (int member = pending; member > 0; member--) {
            lua_rawset(L, slot);
        }
        return;
    }
    for (int key = slot + 1; key <= slot + 2 * pending; key += 2) {
        lua_pushvalue(L, key);
        lua_pushvalue(L, key + 1);
        lua_rawset(L, slot);
    }
    lua_settop(L, slot);
}

/* Behind an element: 1 when another follows, 0 when `close` did. */
static int another(JSONDecoder *d, uint8_t close, const char *expected) {
    skip_space(d);
    const uint8_t byte = *d->at;
    if (byte != ',' && byte != close) {
        edge_json_fail_expected(d, expected);
    }
    d->at++;
    if (byte == close) {
        return 0;
    }
    skip_space(d);
    return 1;
}

static void decode_array(JSONDecoder *d) {
    const int slot = enter(d);
    lua_Integer count = 0;
    int more = *d->at != ']';
    if (!more) {
        d->at++;
    }
    while (more) {
        decode_value(d);
        count++;
        if (count == PENDING_MAX) {
            create_array(d, slot, PENDING_MAX);
        } else if (count > PENDING_MAX) {
            lua_rawseti(d->L, slot, count);
        }
        more = another(d, ']', "',' or ']' after an array element");
    }
    if (count < PENDING_MAX) {
        create_array(d, slot, (int)count);
    }
    d->depth--;
}

/* Pushes the key and the value of a member; returns the place of the key, or -1. */
static int decode_member(JSONDecoder *d) {
    if (*d->at != '"') {
        edge_json_fail_expected(d, "a string as object key");
    }
    const int place = edge_json_decode_key(d);
    skip_space(d);
    if (*d->at != ':') {
        edge_json_fail_expected(d, "':' after an object key");
    }
    d->at++;
    skip_space(d);
    decode_value(d);
    return place;
}

static void decode_object(JSONDecoder *d) {
    const int slot = enter(d);
    size_t count = 0;
    uint32_t places = 0;
    int distinct = 1;
    int more = *d->at != '}';
    if (!more) {
        d->at++;
    }
    while (more) {
        const int place = decode_member(d);
        const uint32_t bit = place < 0 ? 0 : UINT32_C(1) << place;
        distinct = distinct && bit != 0 && (places & bit) == 0;
        places |= bit;
        count++;
        if (count == PENDING_MAX) {
            create_object(d, slot, PENDING_MAX, distinct);
        } else if (count > PENDING_MAX) {
            lua_rawset(d->L, slot);
        }
        more = another(d, '}', "',' or '}' after an object member");
    }
    if (count < PENDING_MAX) {
        create_object(d, slot, (int)count, distinct);
    }
    d->depth--;
}

/* Pushes one value. Recursion is bounded by EDGE_JSON_DEPTH_MAX. */
static void decode_value(JSONDecoder *d) {
    switch (*d->at) {
        case '"': edge_json_decode_string(d); break;
        case '{': decode_object(d); break;
        case '[': decode_array(d); break;
        case '-': case '0': case '1': case '2': case '3': case '4':
        case '5': case '6': case '7': case '8': case '9':
            edge_json_decode_number(d);
            break;
        case 't':
            decode_word(d, "true", 4);
            lua_pushboolean(d->L, 1);
            break;
        case 'f':
            decode_word(d, "false", 5);
            lua_pushboolean(d->L, 0);
            break;
        case 'n':
            decode_word(d, "null", 4);
            lua_pushlightuserdata(d->L, NULL);
            break;
        default: edge_json_fail_expected(d, "a value");
    }
}

/* json.decode(text): strict RFC 8259. */
int edge_json_decode(lua_State *L) {
    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    size_t length;
    const uint8_t *text = (const uint8_t *)lua_tolstring(L, 1, &length);
    JSONDecoder d = {.L = L, .start = text, .at = text, .end = text + length, .depth = 0, .guesses = EDGE_JSON_GUESSES, .kept_at = 2};
    const int kept = EDGE_JSON_KEYS + EDGE_JSON_VALUES;
    luaL_checkstack(L, kept + 2 * (2 * PENDING_MAX + 8), "json.decode: too deeply nested");
    lua_settop(L, 1 + kept);
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        edge_json_fail(&d, d.at, "text begins with a byte order mark");
    }
    skip_space(&d);
    decode_value(&d);
    skip_space(&d);
    if (d.at != d.end) {
        edge_json_fail_expected(&d, "the end of the text");
    }
    return 1;
}
