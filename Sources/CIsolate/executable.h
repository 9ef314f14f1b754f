#ifndef EDGE_EXECUTABLE_H
#define EDGE_EXECUTABLE_H

#include "CIsolate.h"

// What the dynamic linker tells of the executable, or the library, that this code is in.

typedef struct edge_executable {
    /// What is added to the addresses that the linker wrote: another one in each process.
    uintptr_t bias;
    /// Its segments lie in here.
    uintptr_t start;
    uintptr_t end;
    /// NULL where the linker wrote none.
    const uint8_t *build_id;
    size_t build_id_length;
} edge_executable;

/// Found once, at the first call.
const edge_executable *edge_executable_self(void);
/// Whether the address lies in a segment of another library: the C library's, the kernel's.
bool edge_executable_is_foreign(uintptr_t address);

/// The addresses in this executable that a frozen heap may hold, sorted: C functions above all. NULL without memory.
const uintptr_t *edge_code_words(size_t *count);

#endif
