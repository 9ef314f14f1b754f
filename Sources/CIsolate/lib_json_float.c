#include "lib_json.h"

#include <string.h>

/*
 * Floats of ordinary size to decimals and back, exactly: a power of five up to 5^27 fits 64 bits, so that its product with
 * a mantissa fits 128, and what rounding has to look at is there in whole.
 */
__extension__ typedef unsigned __int128 uint128_t;

#define FIVES_MAX 27

static const uint64_t fives[FIVES_MAX + 1] = {
    UINT64_C(1),
    UINT64_C(5),
    UINT64_C(25),
    UINT64_C(125),
    UINT64_C(625),
    UINT64_C(3125),
    UINT64_C(15625),
    UINT64_C(78125),
    UINT64_C(390625),
    UINT64_C(1953125),
    UINT64_C(9765625),
    UINT64_C(48828125),
    UINT64_C(244140625),
    UINT64_C(1220703125),
    UINT64_C(6103515625),
    UINT64_C(30517578125),
    UINT64_C(152587890625),
    UINT64_C(762939453125),
    UINT64_C(3814697265625),
    UINT64_C(19073486328125),
    UINT64_C(95367431640625),
    UINT64_C(476837158203125),
    UINT64_C(2384185791015625),
    UINT64_C(11920928955078125),
    UINT64_C(59604644775390625),
    UINT64_C(298023223876953125),
    UINT64_C(1490116119384765625),
    UINT64_C(7450580596923828125),
};

/* value * 2^exponent, rounded to the nearest double, half to even. Neither 0 nor beyond the normal doubles. */
static double round_binary(uint128_t value, int exponent) {
    const uint64_t high = (uint64_t)(value >> 64);
    const int bits = high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)value);
    const int shift = bits - 53;
    uint64_t mantissa;
    if (shift <= 0) {
        mantissa = (uint64_t)value << -shift;
    } else {
        const uint128_t half = (uint128_t)1 << (shift - 1);
        const uint128_t rest = value & (2 * half - 1);
        mantissa = (uint64_t)(value >> shift);
        mantissa += rest > half || (rest == half && (mantissa & 1) != 0);
    }
    /* A mantissa rounded up to 2^53 carries into the exponent. */
    const uint64_t word = ((uint64_t)(exponent + shift + 52 + 1023) << 52) + (mantissa - (UINT64_C(1) << 52));
    double result;
    memcpy(&result, &word, sizeof result);
    return result;
}

double edge_json_nearest_float(uint64_t mantissa, int exponent) {
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        /* One operation on two exact doubles. */
        return exponent < 0 ? (double)mantissa / tens[-exponent] : (double)mantissa * tens[exponent];
    }
    if (mantissa == 0) {
        return 0;
    }
    if (exponent >= 0) {
        return round_binary((uint128_t)mantissa * fives[exponent], exponent);
    }
    /* The quotient has more than 64 bits; its last one stands for whatever the division leaves. */
    const int shift = 64 + __builtin_clzll(mantissa);
    const uint128_t dividend = (uint128_t)mantissa << shift;
    const uint64_t divisor = fives[-exponent];
    const uint128_t quotient = dividend / divisor;
    return round_binary(quotient | (quotient * divisor != dividend), exponent - shift);
}

/* A positive float as an integer times 2^-shift times 10^-places: its first 17 digits stand before the binary point. */
typedef struct Scaled {
    uint128_t value;
    unsigned shift;
    unsigned places;
} Scaled;

#define DIGITS_MAX 17
#define LARGEST_DIGITS UINT64_C(100000000000000000)

static Scaled scale(double value) {
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    const uint64_t hidden_bit = UINT64_C(1) << 52;
    const uint64_t mantissa = (word & (hidden_bit - 1)) | hidden_bit;
    const int exponent = (int)(word >> 52) - 1023 - 52;
    /* log10(2) is 1233 / 4096; the quotient is the number of digits before the decimal point, or one less. */
    const int magnitude = ((exponent + 52) * 1233 >> 12) + 1;
    unsigned places = (unsigned)(DIGITS_MAX - magnitude);
    for (;;) {
        const Scaled scaled = {
            .value = (uint128_t)mantissa * fives[places],
            .shift = (unsigned)-(exponent + (int)places),
            .places = places,
        };
        if (scaled.value >> scaled.shift < LARGEST_DIGITS) {
            return scaled;
        }
        places--;
    }
}

/* Rounds to a multiple of `unit`, half to even; whether that reads back as the float. */
static int round_decimal(const Scaled *scaled, uint64_t unit, uint64_t *rounded) {
    const uint64_t whole = (uint64_t)(scaled->value >> scaled->shift);
    uint64_t count = whole / unit;
    const uint128_t rest = scaled->value - ((uint128_t)(count * unit) << scaled->shift);
    const uint128_t step = (uint128_t)unit << scaled->shift;
    const int up = 2 * rest > step || (2 * rest == step && (count & 1) != 0);
    const uint128_t distance = up ? step - rest : rest;
    *rounded = (count + (unsigned)up) * unit;
    /*
     * Half the way to the next float is half a power of five here, which is odd: no decimal lies right between two floats.
     * Below a power of two the next float is half as far away; no power of this size has a decimal that falls in between.
     */
    return 2 * distance < fives[scaled->places];
}

/* digits * 10^-places, without the zeros at the end but for one behind the point. */
static size_t put_decimal(char *out, uint64_t digits, unsigned places) {
    while (places > 1 && digits % 10 == 0) {
        digits /= 10;
        places--;
    }
    char text[EDGE_JSON_NUMBER_SIZE];
    size_t length = edge_json_format_unsigned(text, digits);
    if (length <= places) {
        const size_t zeros = places + 1 - length;
        memset(out, '0', zeros);
        memcpy(out + zeros, text, length);
        length += zeros;
    } else {
        memcpy(out, text, length);
    }
    memmove(out + length - places + 1, out + length - places, places);
    out[length - places] = '.';
    return length + 1;
}

/* As "%.15g", or "%.16g" or "%.17g" where that reads back as another float. */
size_t edge_json_format_decimal(char *out, double value) {
    if (value == 0) {
        memcpy(out, "0.0", 3);
        return 3;
    }
    if (!(value >= 1e-4 && value < 1e15)) {
        return 0;
    }
    const Scaled scaled = scale(value);
    uint64_t digits;
    if (!round_decimal(&scaled, 100, &digits) && !round_decimal(&scaled, 10, &digits)) {
        round_decimal(&scaled, 1, &digits);
    }
    return put_decimal(out, digits, scaled.places);
}
