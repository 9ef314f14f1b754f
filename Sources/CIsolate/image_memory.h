// Memory for images that are read from files.
#pragma once

#include <stddef.h>

/// Writable memory of at least `length` bytes, of any content; NULL with errno set where there is none.
/// `mapped` gets the length to give back.
void *edge_image_memory_take(size_t length, size_t *mapped);

/// Takes back what ``edge_image_memory_take`` gave, whatever its pages may be used for by now.
void edge_image_memory_give_back(void *place, size_t mapped);
