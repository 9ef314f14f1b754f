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

void edge_json_encode_string(JSONEncoder *e, const char *text, size_t length) {
    const uint8_t *run = (const uint8_t *)text;
    const uint8_t *const end = run + length;
    const uint8_t *at = run;
    *edge_json_reserve(e, length + 2) = '"';
    e->size++;
    for (;;) {
        at = edge_scan_plain(at, end);
        if (at < end && *at >= 0x80) {
            const unsigned sequence = edge_utf8_length(at, end);
            if (sequence == 0) {
                edge_json_encode_fail(e, "string is not valid UTF-8");
            }
            at += sequence;
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
        run = ++at;
    }
}
