#include "lib_json_decode.h"

/* Keys are short: memcmp would take longer to be called than to compare. */
static int are_equal(const uint8_t *a, const uint8_t *b, size_t length) {
    if (length >= 8) {
        for (size_t i = 0; i + 8 < length; i += 8) {
            if (edge_load8(a + i) != edge_load8(b + i)) {
                return 0;
            }
        }
        return edge_load8(a + length - 8) == edge_load8(b + length - 8);
    }
    if (length >= 4) {
        return edge_load4(a) == edge_load4(b) && edge_load4(a + length - 4) == edge_load4(b + length - 4);
    }
    for (size_t i = 0; i < length; i++) {
        if (a[i] != b[i]) {
            return 0;
        }
    }
    return 1;
}

/* A few bytes tell the keys of one text apart well enough: a wrong guess costs what a key costs without a guess. */
static unsigned place_of(const uint8_t *key, size_t length) {
    const uint32_t sample = key[0] | (uint32_t)key[length / 2] << 8 | (uint32_t)key[length - 1] << 16;
    return ((sample ^ (uint32_t)length << 24) * UINT32_C(0x9E3779B1)) >> 27;
}

int edge_json_decode_key(JSONDecoder *d) {
    const uint8_t *begin = d->at + 1;
    const uint8_t *end = edge_scan_plain(begin, d->end);
    if (*end != '"' || end == begin) {
        edge_json_decode_string(d);
        return -1;
    }
    const size_t length = (size_t)(end - begin);
    const unsigned place = place_of(begin, length);
    JSONKey *kept = &d->kept[place];
    d->at = end + 1;
    if (kept->length == length && are_equal(kept->bytes, begin, length)) {
        lua_pushvalue(d->L, d->keys + (int)place);
        return (int)place;
    }
    lua_pushlstring(d->L, (const char *)begin, length);
    lua_copy(d->L, -1, d->keys + (int)place);
    *kept = (JSONKey){.bytes = begin, .length = length};
    return (int)place;
}
