#ifndef EDGE_LIB_SCAN_H
#define EDGE_LIB_SCAN_H

#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Whether a byte can stand in a JSON string as it is, with no look at its neighbours. */
static inline int edge_is_plain(uint8_t byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The first byte of [at, end) that is no plain one: a quote, a backslash, a control character or a non-ASCII byte. */
static inline const uint8_t *edge_scan_plain(const uint8_t *at, const uint8_t *end) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* The signed comparison also takes in the bytes from 0x80, which are negative. */
        const __m128i special = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
            _mm_cmplt_epi8(bytes, space));
        const unsigned mask = (unsigned)_mm_movemask_epi8(special);
        if (mask != 0) {
            return at + __builtin_ctz(mask);
        }
        at += 16;
    }
#endif
    while (at < end && edge_is_plain(*at)) {
        at++;
    }
    return at;
}

static inline int edge_is_continuation(uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

/* Length of the well-formed UTF-8 sequence at `at` (RFC 3629: no overlong form, no surrogate), or 0. */
static inline unsigned edge_utf8_length(const uint8_t *at, const uint8_t *end) {
    const uint8_t lead = at[0];
    const long left = end - at;
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    if (lead < 0xE0) {
        return left >= 2 && edge_is_continuation(at[1]) ? 2 : 0;
    }
    if (left < 3 || !edge_is_continuation(at[1]) || !edge_is_continuation(at[2])) {
        return 0;
    }
    if (lead < 0xF0) {
        const int overlong = lead == 0xE0 && at[1] < 0xA0;
        const int surrogate = lead == 0xED && at[1] >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (left < 4 || !edge_is_continuation(at[3])) {
        return 0;
    }
    const int overlong = lead == 0xF0 && at[1] < 0x90;
    const int beyond = lead == 0xF4 && at[1] >= 0x90;
    return overlong || beyond ? 0 : 4;
}

#endif
