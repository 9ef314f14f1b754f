#ifndef CPROCESS_CONTROL_H
#define CPROCESS_CONTROL_H

#include <stdint.h>

/// The most descriptors that one message carries.
#define EDGE_CONTROL_DESCRIPTORS 2

/// A pair of connected sockets that keep message boundaries, closed by exec.
/// Returns 0, or -1 with errno.
int edge_control_pair(int ends[2]);

/// Sends one byte, with duplicates of `count` descriptors; never blocks.
/// Returns 0, or -1 with errno: EAGAIN where the other side has stopped reading, EPIPE where it is gone.
int edge_control_send(int socket, uint8_t byte, const int *descriptors, int count);

/// Receives one byte; never blocks. `descriptors` has room for EDGE_CONTROL_DESCRIPTORS, which the caller owns and exec
/// closes; `*count` is set to how many came.
/// Returns 1, 0 where the other side is gone, or -1 with errno: EAGAIN where nothing has arrived.
int edge_control_receive(int socket, uint8_t *byte, int *descriptors, int *count);

#endif
