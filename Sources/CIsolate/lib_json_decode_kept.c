#include "lib_json_decode.h"

/* Longer values are rarely the same. Lua interns strings of up to 40 bytes. */
#define VALUE_MAX 40

/* They are short: memcmp would take longer to be called than to compare. */
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

/* A few bytes tell the strings of one text apart well enough: a wrong guess costs what a string costs without a guess. */
static unsigned place_of(const uint8_t *key, size_t length) {
    const uint32_t sample = key[0] | (uint32_t)key[length / 2] << 8 | (uint32_t)key[length - 1] << 16;
    return ((sample ^ (uint32_t)length << 24) * UINT32_C(0x9E3779B1)) >> 27;
}

/* Pushes the string that `kept`, and the stack at `index`, keep if it is this one; else keeps this one. Returns whether it was. */
static int push_kept(JSONDecoder *d, JSONKept *kept, int index, const uint8_t *bytes, size_t length) {
    if (kept->length == length && are_equal(kept->bytes, bytes, length)) {
        lua_pushvalue(d->L, index);
        return 1;
    }
    lua_pushlstring(d->L, (const char *)bytes, length);
    lua_copy(d->L, -1, index);
    *kept = (JSONKept){.bytes = bytes, .length = length};
    return 0;
}

int edge_json_push_key(JSONDecoder *d, const uint8_t *bytes, size_t length) {
    const unsigned place = place_of(bytes, length) % EDGE_JSON_KEYS;
    push_kept(d, &d->keys[place], d->kept_at + (int)place, bytes, length);
    return (int)place;
}

void edge_json_push_text(JSONDecoder *d, const uint8_t *bytes, size_t length) {
    if (length == 0 || length > VALUE_MAX || d->guesses == 0) {
        lua_pushlstring(d->L, (const char *)bytes, length);
        return;
    }
    const unsigned place = place_of(bytes, length) % EDGE_JSON_VALUES;
    const int index = d->kept_at + EDGE_JSON_KEYS + (int)place;
    d->guesses = push_kept(d, &d->values[place], index, bytes, length) ? EDGE_JSON_GUESSES : d->guesses - 1;
}
