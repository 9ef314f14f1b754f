#include "lib_json_encode.h"
#include "lib_scan.h"

#include <string.h>

/* Nothing is written longer than \u001f. */
#define ESCAPE_MAX 6

static size_t put_escape(char *out, uint8_t byte) {
    static const char hex[] = "0123456789abcdef";
    static const char named[] = "btn_fr";
    out[0] = '\\';
    if (byte == '"' || byte == '\\') {
        out[1] = (char)byte;
        return 2;
    }
    if (byte >= '\b' && byte <= '\r' && byte != '\v') {
        out[1] = named[byte - '\b'];
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = hex[byte >> 4];
    out[5] = hex[byte & 15];
    return ESCAPE_MAX;
}

/* The text from `at`, which is the first byte that does not stand for itself or is not ASCII. */
__attribute__((noinline)) static void encode_special(JSONEncoder *e, const uint8_t *run, const uint8_t *at,
                                                     const uint8_t *end) {
    *edge_json_reserve(e, 1) = '"';
    e->size++;
    for (;;) {
        if (at < end && *at >= 0x80) {
            const unsigned sequence = edge_utf8_length(at, end);
            if (sequence == 0) {
                edge_json_encode_fail(e, "string is not valid UTF-8");
            }
            at = edge_scan_plain(at + sequence, end);
            continue;
        }
        const size_t count = (size_t)(at - run);
        char *out = edge_json_reserve(e, count + ESCAPE_MAX);
        memcpy(out, run, count);
        e->size += count;
        if (at == end) {
            out[count] = '"';
            e->size++;
            return;
        }
        e->size += put_escape(out + count, *at);
        run = at + 1;
        at = edge_scan_plain(run, end);
    }
}

void edge_json_encode_string(JSONEncoder *e, const char *text, size_t length) {
    const uint8_t *begin = (const uint8_t *)text;
    const uint8_t *special = edge_scan_plain(begin, begin + length);
    char *out = edge_json_reserve(e, length + 2);
    if (special != begin + length) {
        encode_special(e, begin, special, begin + length);
        return;
    }
    *out = '"';
    edge_copy_text(out + 1, text, length);
    out[length + 1] = '"';
    e->size += length + 2;
}
