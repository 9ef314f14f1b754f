#include "lib_json_decode.h"

#include <string.h>

/* Four hexadecimal digits at `at`; `escape` is where the escape begins, for the error. */
static unsigned decode_hex4(const JSONDecoder *d, const uint8_t *at, const uint8_t *escape) {
    unsigned code = 0;
    for (int i = 0; i < 4; i++) {
        const uint8_t byte = at[i];
        const uint8_t lower = byte | 0x20;
        if (byte >= '0' && byte <= '9') {
            code = code * 16 + (byte - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            code = code * 16 + (lower - 'a' + 10u);
        } else {
            edge_json_fail(d, escape, "expected four hexadecimal digits after \\u");
        }
    }
    return code;
}

static char *put_utf8(char *out, unsigned code) {
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    } else {
        *out++ = (char)(0xF0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3F));
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

/* Decodes the \uXXXX at *at, a surrogate pair included, and moves *at past it. */
static unsigned decode_unicode_escape(const JSONDecoder *d, const uint8_t **at) {
    const uint8_t *escape = *at;
    const unsigned code = decode_hex4(d, escape + 2, escape);
    *at = escape + 6;
    if (code < 0xD800 || code > 0xDFFF) {
        return code;
    }
    if (code > 0xDBFF || escape[6] != '\\' || escape[7] != 'u') {
        edge_json_fail(d, escape, "lone surrogate in a \\u escape");
    }
    const unsigned low = decode_hex4(d, escape + 8, escape + 6);
    if (low < 0xDC00 || low > 0xDFFF) {
        edge_json_fail(d, escape, "lone surrogate in a \\u escape");
    }
    *at = escape + 12;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* Pushes the text of [at, end), which holds escapes. No escape is shorter than what it stands for. */
__attribute__((noinline)) static void push_unescaped(const JSONDecoder *d, const uint8_t *at, const uint8_t *end) {
    luaL_Buffer buffer;
    char *const begin = luaL_buffinitsize(d->L, &buffer, (size_t)(end - at));
    char *out = begin;
    while (at < end) {
        const uint8_t *escape = memchr(at, '\\', (size_t)(end - at));
        const size_t run = (size_t)((escape == NULL ? end : escape) - at);
        memcpy(out, at, run);
        out += run;
        at += run;
        if (escape == NULL) {
            break;
        }
        if (escape[1] == 'u') {
            out = put_utf8(out, decode_unicode_escape(d, &at));
            continue;
        }
        switch (escape[1]) {
            case 'b': *out++ = '\b'; break;
            case 'f': *out++ = '\f'; break;
            case 'n': *out++ = '\n'; break;
            case 'r': *out++ = '\r'; break;
            case 't': *out++ = '\t'; break;
            default: *out++ = (char)escape[1]; break;
        }
        at += 2;
    }
    luaL_pushresultsize(&buffer, (size_t)(out - begin));
}

/* Returns the first byte after the escape's letter. */
static const uint8_t *check_escape(const JSONDecoder *d, const uint8_t *escape) {
    const uint8_t letter = escape[1];
    if (letter == '\0' || strchr("\"\\/bfnrtu", letter) == NULL) {
        edge_json_fail(d, escape, "invalid escape in a string");
    }
    return escape + 2;
}

void edge_json_decode_string(JSONDecoder *d) {
    const uint8_t *begin = d->at + 1;
    const uint8_t *at = begin;
    int escaped = 0;
    for (;;) {
        at = edge_scan_plain(at, d->end);
        const uint8_t byte = *at;
        if (byte == '"') {
            break;
        }
        if (byte == '\\') {
            escaped = 1;
            at = check_escape(d, at);
        } else if (byte >= 0x80) {
            const unsigned length = edge_utf8_length(at, d->end);
            if (length == 0) {
                edge_json_fail(d, at, "invalid UTF-8 in a string");
            }
            at += length;
        } else if (at == d->end) {
            edge_json_fail(d, begin - 1, "string is not closed");
        } else {
            edge_json_fail(d, at, "control character in a string must be escaped");
        }
    }
    if (escaped) {
        push_unescaped(d, begin, at);
    } else {
        edge_json_push_text(d, begin, (size_t)(at - begin));
    }
    d->at = at + 1;
}

int edge_json_decode_key(JSONDecoder *d) {
    const uint8_t *begin = d->at + 1;
    const uint8_t *end = edge_scan_plain(begin, d->end);
    if (*end != '"' || end == begin) {
        edge_json_decode_string(d);
        return -1;
    }
    d->at = end + 1;
    return edge_json_push_key(d, begin, (size_t)(end - begin));
}
