#ifndef EDGE_LIB_SCAN_H
#define EDGE_LIB_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Whether a byte can stand in a JSON string as it is, with no look at its neighbours. */
static inline int edge_is_plain(uint8_t byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static inline uint64_t edge_load8(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint64_t edge_load4(const uint8_t *at) {
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Whether all eight bytes are plain. A borrow can only call a plain byte special that follows a special one. */
static inline int edge_are_plain8(uint64_t word) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t quote = word ^ ones * '"';
    const uint64_t backslash = word ^ ones * '\\';
    const uint64_t special = (word - ones * 0x20) | (quote - ones) | (backslash - ones) | word;
    return (special & ones * 0x80) == 0;
}

/* Whether all of fewer than 16 bytes are plain, at least 4 of them. The two loads overlap; none leaves the bytes. */
static inline int edge_is_short_plain(const uint8_t *at, size_t length) {
    if (length >= 8) {
        return edge_are_plain8(edge_load8(at)) && edge_are_plain8(edge_load8(at + length - 8));
    }
    return edge_are_plain8(edge_load4(at) | edge_load4(at + length - 4) << 32);
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
#else
    while (end - at >= 16 && edge_is_short_plain(at, 15)) {
        at += 15;
    }
#endif
    if (end - at >= 4 && end - at < 16 && edge_is_short_plain(at, (size_t)(end - at))) {
        return end;
    }
    while (at < end && edge_is_plain(*at)) {
        at++;
    }
    return at;
}

/* Copies text that is most often a few bytes long, in two moves that overlap instead of a call. */
static inline void edge_copy_text(char *out, const void *text, size_t length) {
    const uint8_t *from = text;
    if (length > 16) {
        memcpy(out, from, length);
    } else if (length >= 8) {
        const uint64_t last = edge_load8(from + length - 8);
        memcpy(out, from, 8);
        memcpy(out + length - 8, &last, 8);
    } else if (length >= 4) {
        const uint32_t last = (uint32_t)edge_load4(from + length - 4);
        memcpy(out, from, 4);
        memcpy(out + length - 4, &last, 4);
    } else {
        for (size_t i = 0; i < length; i++) {
            out[i] = (char)from[i];
        }
    }
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
