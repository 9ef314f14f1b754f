#include "lib_json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_digits(const char *at) {
    while (*at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

int edge_json_is_number(const char *text, size_t length) {
    const char *at = text;
    if (*at == '-') {
        at++;
    }
    const char *digits = at;
    at = skip_digits(at);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
        return 0;
    }
    if (*at == '.') {
        const char *fraction = ++at;
        at = skip_digits(at);
        if (at == fraction) {
            return 0;
        }
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '+' || *at == '-') {
            at++;
        }
        const char *exponent = at;
        at = skip_digits(at);
        if (at == exponent) {
            return 0;
        }
    }
    return (size_t)(at - text) == length;
}

void edge_json_push_number(lua_State *L, const char *text, size_t length) {
    lua_createtable(L, 1, 0);
    lua_pushlstring(L, text, length);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, EDGE_JSON_NUMBER_META);
    lua_setmetatable(L, -2);
}

size_t edge_json_format_unsigned(char *out, uint64_t value) {
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354"
        "555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    char text[EDGE_JSON_NUMBER_SIZE];
    char *at = text + sizeof text;
    while (value >= 100) {
        at -= 2;
        memcpy(at, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(at, pairs + 2 * value, 2);
    } else {
        *--at = (char)('0' + value);
    }
    const size_t length = (size_t)(text + sizeof text - at);
    memcpy(out, at, length);
    return length;
}

size_t edge_json_format_integer(char *out, lua_Integer value) {
    if (value >= 0) {
        return edge_json_format_unsigned(out, (uint64_t)value);
    }
    *out = '-';
    return 1 + edge_json_format_unsigned(out + 1, 0 - (uint64_t)value);
}

size_t edge_json_format_float(char *out, double value) {
    assert(isfinite(value));
    size_t sign = 0;
    if (signbit(value)) {
        out[0] = '-';
        sign = 1;
        value = -value;
    }
    char *text = out + sign;
    size_t length = edge_json_format_decimal(text, value);
    if (length != 0) {
        return sign + length;
    }
    for (int digits = 15; digits <= 17; digits++) {
        length = (size_t)snprintf(text, EDGE_JSON_NUMBER_SIZE - 4, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    /* A float keeps its subtype: without a point or an exponent it would read back as an integer. */
    if (memchr(text, '.', length) == NULL && memchr(text, 'e', length) == NULL) {
        text[length++] = '.';
        text[length++] = '0';
    }
    return sign + length;
}
