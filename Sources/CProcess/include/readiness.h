#ifndef CPROCESS_READINESS_H
#define CPROCESS_READINESS_H

#include <stdint.h>

/// A set of descriptors that is asked now and then which of them have input; closed by exec. A descriptor that is closed
/// leaves it by itself. Returns -1 with errno.
int edge_readiness_make(void);

/// Puts a descriptor into the set; `token` is what the set calls it. Returns whether it is in.
int edge_readiness_add(int set, int descriptor, uint32_t token);

/// Takes a descriptor out; one that is not in it is ignored.
void edge_readiness_remove(int set, int descriptor);

/// Writes the tokens of at most `capacity` descriptors that have input, or whose input has ended, without waiting for any;
/// those left out come first the next time. Returns how many there are.
int edge_readiness_take(int set, uint32_t *tokens, int capacity);

#endif
