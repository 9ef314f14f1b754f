#ifndef EDGE_LIB_JSON_DECODE_H
#define EDGE_LIB_JSON_DECODE_H

#include "lib_json.h"
#include "lib_scan.h"

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
} JSONDecoder;

/* Both raise an error with the line and column. The second says what was expected, and what stands at d->at instead. */
_Noreturn void edge_json_fail(const JSONDecoder *d, const uint8_t *where, const char *message);
_Noreturn void edge_json_fail_expected(const JSONDecoder *d, const char *expected);

/* Each pushes the token at d->at and moves past it. */
void edge_json_decode_string(JSONDecoder *d);
void edge_json_decode_number(JSONDecoder *d);

#endif
