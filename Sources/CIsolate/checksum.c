#include "checksum.h"

#include <string.h>

// Four lanes take turns with words of 8 bytes, so that their multiplications overlap: 10 GB/s and more on any 64-bit
// processor, where SHA-256 without instructions for it takes longer than all else that starts a worker.
//
// Each step is a bijection of the lane for a given word, and of the word for a given lane: two inputs that differ in one word
// leave that lane different, and the end, a bijection of each lane for given others, keeps them so.

static const uint64_t multiplier = 0x9fb21c651e98df25;

static inline uint64_t rotate(uint64_t word, unsigned by) {
    return word << by | word >> (64 - by);
}

static inline uint64_t step(uint64_t lane, uint64_t word) {
    return rotate((lane ^ word) * multiplier, 29);
}

static uint64_t avalanche(uint64_t word) {
    word = (word ^ word >> 32) * 0xd6e8feb86659fd93;
    word = (word ^ word >> 29) * multiplier;
    return word ^ word >> 32;
}

void edge_checksum(const void *bytes, size_t length, uint64_t sum[2]) {
    uint64_t lanes[4] = {0x452821e638d01377, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd, 0x3f84d5b5b5470917};
    const uint8_t *place = bytes;
    uint64_t words[4];
    size_t rest = length;
    for (; rest >= sizeof words; rest -= sizeof words, place += sizeof words) {
        memcpy(words, place, sizeof words);
        for (int i = 0; i < 4; i++) {
            lanes[i] = step(lanes[i], words[i]);
        }
    }
    memset(words, 0, sizeof words);
    memcpy(words, place, rest);
    for (int i = 0; i < 4; i++) {
        lanes[i] = step(lanes[i], words[i]);
    }
    // The end's zeros are told from zeros that were there by the length.
    lanes[0] = step(lanes[0], length);
    sum[0] = avalanche(lanes[0] + rotate(lanes[1], 17) + rotate(lanes[2], 31) + rotate(lanes[3], 47));
    sum[1] = avalanche((lanes[0] ^ rotate(lanes[1], 41)) * multiplier ^ rotate(lanes[2], 7) ^ rotate(lanes[3], 23));
}

