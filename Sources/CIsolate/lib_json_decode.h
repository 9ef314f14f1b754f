#ifndef EDGE_LIB_JSON_DECODE_H
#define EDGE_LIB_JSON_DECODE_H

#include "lib_json.h"
#include "lib_scan.h"

/*
 * Objects of one text tend to have the same keys, and short values that come again. Each place keeps the last string whose hash
 * leads to it: the Lua string on the stack, and here its bytes in the text, so that the same bytes are that string again and
 * nothing is hashed or interned.
 */
#define EDGE_JSON_KEYS 32
#define EDGE_JSON_VALUES 16
/* Values are looked for until so many in a row were not found: a text may have no value twice. */
#define EDGE_JSON_GUESSES 16

typedef struct JSONKept {
    const uint8_t *bytes;
    size_t length;  /* 0: none */
} JSONKept;

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
    int guesses;
    /* The stack index of the first kept key; the values follow the keys there. */
    int kept_at;
    JSONKept keys[EDGE_JSON_KEYS];
    JSONKept values[EDGE_JSON_VALUES];
} JSONDecoder;

/* Both raise an error with the line and column. The second says what was expected, and what stands at d->at instead. */
_Noreturn void edge_json_fail(const JSONDecoder *d, const uint8_t *where, const char *message);
_Noreturn void edge_json_fail_expected(const JSONDecoder *d, const char *expected);

/* Pushes a string of at least one byte that is an object's key. Returns the place it is kept in. */
int edge_json_push_key(JSONDecoder *d, const uint8_t *bytes, size_t length);
/* Pushes the text of a value. */
void edge_json_push_text(JSONDecoder *d, const uint8_t *bytes, size_t length);

/*
 * Pushes the key at d->at and moves past it. Returns the place it is kept in: equal keys without escapes have equal places.
 * -1 for a key that is not kept.
 */
int edge_json_decode_key(JSONDecoder *d);

/* Each pushes the token at d->at and moves past it. */
void edge_json_decode_string(JSONDecoder *d);
void edge_json_decode_number(JSONDecoder *d);

#endif
