#ifndef EDGE_LIB_JSON_ENCODE_H
#define EDGE_LIB_JSON_ENCODE_H

#include "lib_json.h"

/* One array or object on the way from the root to the value at hand. All but `parent` are stack indices or Lua's. */
typedef struct JSONFrame {
    struct JSONFrame *parent;
    int table;
    int key;            /* where the member's key stands, or 0 in an array or between members */
    lua_Integer index;  /* the element's index, or 0 */
} JSONFrame;

typedef struct JSONEncoder {
    lua_State *L;
    char *bytes;
    size_t size;
    size_t capacity;
    int block;  /* stack slot that holds the userdata behind `bytes`, once the first buffer was too small */
    int depth;
    int pretty;
    /* Members of objects in the order of their keys, else in that of the table's hash, which differs between images. */
    int sorted;
    JSONFrame *frame;
    const void *array_meta;
    const void *number_meta;
} JSONEncoder;

/* Moves what is written to a buffer with room for `count` more bytes. */
void edge_json_grow(JSONEncoder *e, size_t count);

/* Room for `count` more bytes at the returned address; the caller adds what it wrote to e->size. */
static inline char *edge_json_reserve(JSONEncoder *e, size_t count) {
    if (__builtin_expect(e->capacity - e->size < count, 0)) {
        edge_json_grow(e, count);
    }
    return e->bytes + e->size;
}

void edge_json_encode_string(JSONEncoder *e, const char *text, size_t length);

/* Raises "json.encode: MESSAGE (at PATH)". */
_Noreturn void edge_json_encode_fail(const JSONEncoder *e, const char *message);

#endif
