#ifndef EDGE_LIB_JSON_DECODE_H
#define EDGE_LIB_JSON_DECODE_H

#include "lib_json.h"
#include "lib_scan.h"

/*
 * Objects of one text tend to have the same keys. Each place keeps the last key whose hash leads to it: the Lua string on
 * the stack, and here its bytes in the text, so that the same bytes are that string again and nothing is hashed or interned.
 */
#define EDGE_JSON_KEYS 32

typedef struct JSONKey {
    const uint8_t *bytes;
    size_t length;  /* 0: none */
} JSONKey;

/*
 * Invariant: *end is the NUL that ends every Lua string, and no token may contain NUL. So a single byte may be read at
 * `at` without a look at `end`, and the one place where NUL is met decides whether it is the end.
 */
typedef struct JSONDecoder {
    lua_State *L;
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    int depth;
    /* The stack index of the first kept key. */
    int keys;
    JSONKey kept[EDGE_JSON_KEYS];
} JSONDecoder;

/* Both raise an error with the line and column. The second says what was expected, and what stands at d->at instead. */
_Noreturn void edge_json_fail(const JSONDecoder *d, const uint8_t *where, const char *message);
_Noreturn void edge_json_fail_expected(const JSONDecoder *d, const char *expected);

/*
 * Pushes the key at d->at and moves past it. Returns the place it is kept in: equal keys without escapes have equal places.
 * -1 for a key that is not kept.
 */
int edge_json_decode_key(JSONDecoder *d);

/* Each pushes the token at d->at and moves past it. */
void edge_json_decode_string(JSONDecoder *d);
void edge_json_decode_number(JSONDecoder *d);

#endif
