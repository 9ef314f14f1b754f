#ifndef EDGE_CHECKSUM_H
#define EDGE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// 128 bits that tell damaged bytes from whole ones: a change within one aligned word is found for certain, any other one
/// but for a chance of 2^-64. Against accidents only: whoever can choose the bytes can choose their sum.
void edge_checksum(const void *bytes, size_t length, uint64_t sum[2]);

#endif
