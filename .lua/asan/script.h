#ifndef EDGE_ASAN_SCRIPT_H
#define EDGE_ASAN_SCRIPT_H

#include <stddef.h>

/// The text of a file, to be freed by the caller; ends the program where it can't be read.
char *script_read(const char *path, size_t *length);

#endif
