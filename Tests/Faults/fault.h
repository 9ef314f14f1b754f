#ifndef EDGE_FAULTS_FAULT_H
#define EDGE_FAULTS_FAULT_H

// Makes the n-th of something fail. `run` sends CIsolate's calls here when it compiles and links: the code under test is
// that of the server, unchanged.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a guest's allocator call is to end the isolate for.
typedef enum fault_place {
    /// An allocation or growth that has no memory: before the arena has changed.
    FAULT_BEFORE_GROWTH,
    /// A kill of any reason once the arena has changed and Lua does not yet know.
    FAULT_AFTER_GROWTH,
    /// A kill before a block is freed or shrinks.
    FAULT_BEFORE_FREE,
    /// A kill once it is, and who freed it does not yet know.
    FAULT_AFTER_FREE,
    FAULT_PLACES,
} fault_place;

/// From now on the n-th call (from 1) at this place of the arena ends the isolate as out of memory.
void fault_arm_guest(fault_place place, uint64_t n);

/// What the host's allocations fail as.
typedef enum fault_host {
    /// One fails with ENOMEM, those after it succeed.
    FAULT_ONCE,
    /// All from the n-th on fail with ENOMEM.
    FAULT_ALL,
    /// One mapping finds its place taken (EEXIST); other allocations fail with ENOMEM.
    FAULT_TAKEN,
    FAULT_HOST_KINDS,
} fault_host;

/// From now on the n-th (from 1) of malloc, calloc, realloc, mmap, madvise, mprotect, sigaltstack and timer_create
/// fails.
void fault_arm_host(fault_host kind, uint64_t n);

/// The next mapping of this length whose place is left to the system comes to lie there.
void fault_place_mapping(void *place, size_t length);

/// Whether one did since.
bool fault_was_placed(void);

/// No more faults. Whether one happened since it was armed.
bool fault_disarm(void);

/// Bytes in mappings that CIsolate made and did not yet give back.
int64_t fault_mapped_bytes(void);

#endif
