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

static size_t format_unsigned(char *out, uint64_t value) {
    char reversed[EDGE_JSON_NUMBER_SIZE];
    size_t length = 0;
    do {
        reversed[length++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < length; i++) {
        out[i] = reversed[length - 1 - i];
    }
    return length;
}

size_t edge_json_format_integer(char *out, lua_Integer value) {
    if (value >= 0) {
        return format_unsigned(out, (uint64_t)value);
    }
    *out = '-';
    return 1 + format_unsigned(out + 1, 0 - (uint64_t)value);
}

/*
 * Floats such as 3.0 and 19.99 need no search. When round(value * 10^k) is below 10^15 and divides back to the very
 * value, its digits are the ones "%.15g" prints, because a decimal of up to 15 digits survives the way to a double and
 * back. Returns 0 when the float is no such one.
 */
static size_t format_short_decimal(char *out, double magnitude) {
    static const double powers[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    if (magnitude != 0 && !(magnitude >= 1e-3 && magnitude < 1e15)) {
        return 0;
    }
    for (unsigned places = 0; places < sizeof powers / sizeof *powers; places++) {
        const double scaled = nearbyint(magnitude * powers[places]);
        if (scaled >= 1e15) {
            return 0;
        }
        if (scaled / powers[places] == magnitude) {
            const uint64_t digits = (uint64_t)scaled;
            const uint64_t power = (uint64_t)powers[places];
            size_t length = format_unsigned(out, digits / power);
            out[length++] = '.';
            uint64_t fraction = digits % power;
            const unsigned width = places == 0 ? 1 : places;
            for (unsigned i = width; i > 0; i--) {
                out[length + i - 1] = (char)('0' + fraction % 10);
                fraction /= 10;
            }
            return length + width;
        }
    }
    return 0;
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
    size_t length = format_short_decimal(text, value);
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
