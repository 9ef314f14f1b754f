#include "lib_json_decode.h"

#include <math.h>
#include <stdlib.h>

static inline int is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static const uint8_t *expect_digits(JSONDecoder *d, const uint8_t *at, const char *expected) {
    if (!is_digit(*at)) {
        d->at = at;
        edge_json_fail_expected(d, expected);
    }
    while (is_digit(*at)) {
        at++;
    }
    return at;
}

/* What has at most 19 digits, which fit a word, and no extreme exponent is computed; strtod reads the rest. */
static double convert_float(const uint8_t *token, uint64_t mantissa, long digits, long exponent) {
    if (digits <= 19 && exponent >= -27 && exponent <= 27) {
        const double value = edge_json_nearest_float(mantissa, (int)exponent);
        return *token == '-' ? -value : value;
    }
    return strtod((const char *)token, NULL);
}

/* The rest of a number with a fraction or an exponent; `at` stands behind the integer part. */
static void decode_float(JSONDecoder *d, const uint8_t *at, uint64_t mantissa, long digits) {
    const uint8_t *token = d->at;
    long exponent = 0;
    if (*at == '.') {
        const uint8_t *fraction = at + 1;
        at = expect_digits(d, fraction, "a digit after the decimal point");
        digits += at - fraction;
        exponent = fraction - at;
        for (const uint8_t *digit = fraction; digit < at; digit++) {
            mantissa = mantissa * 10 + (*digit - '0');
        }
    }
    if ((*at | 0x20) == 'e') {
        at++;
        const int negative = *at == '-';
        if (*at == '+' || *at == '-') {
            at++;
        }
        const uint8_t *first = at;
        at = expect_digits(d, at, "a digit in the exponent");
        long written = 0;
        for (const uint8_t *digit = first; digit < at && written < 100000; digit++) {
            written = written * 10 + (*digit - '0');
        }
        exponent += negative ? -written : written;
    }
    const double value = convert_float(token, mantissa, digits, exponent);
    if (!isfinite(value)) {
        edge_json_fail(d, token, "number is too large for a float");
    }
    lua_pushnumber(d->L, value);
    d->at = at;
}

void edge_json_decode_number(JSONDecoder *d) {
    const uint8_t *token = d->at;
    const int negative = *token == '-';
    const uint8_t *first = token + negative;
    const uint8_t *at = first;
    uint64_t value = 0;
    while (is_digit(*at)) {
        value = value * 10 + (*at - '0');
        at++;
    }
    const long digits = at - first;
    if (digits == 0) {
        expect_digits(d, at, "a digit after '-'");
    }
    if (*first == '0' && digits > 1) {
        edge_json_fail(d, token, "number has a leading zero");
    }
    if (*at == '.' || (*at | 0x20) == 'e') {
        decode_float(d, at, value, digits);
        return;
    }
    /* Nineteen digits can't wrap round; "-0" keeps its sign by being a float. */
    const uint64_t limit = (uint64_t)LUA_MAXINTEGER + (uint64_t)negative;
    if (negative && value == 0 && digits == 1) {
        lua_pushnumber(d->L, -0.0);
    } else if (digits <= 19 && value <= limit) {
        lua_pushinteger(d->L, (lua_Integer)(negative ? 0 - value : value));
    } else {
        edge_json_push_number(d->L, (const char *)token, (size_t)(at - token));
    }
    d->at = at;
}
