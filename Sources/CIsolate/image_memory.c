#define _GNU_SOURCE 1

#include "image_memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>

// New pages are half of what it takes to read a small image. Where workers rest and come back, the memory of the one that went last
// serves the one that comes next: one piece is kept for that, no larger than most images are.

enum { spare_maximum = 256 << 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *spare;
static size_t spare_mapped;

/// The spare piece if it is large enough, else NULL.
static void *take_spare(size_t length, size_t *mapped) {
    pthread_mutex_lock(&lock);
    void *place = length <= spare_mapped ? spare : NULL;
    if (place != NULL) {
        *mapped = spare_mapped;
        spare = NULL;
        spare_mapped = 0;
    }
    pthread_mutex_unlock(&lock);
    return place;
}

static bool keep_spare(void *place, size_t mapped) {
    if (mapped > spare_maximum) {
        return false;
    }
    pthread_mutex_lock(&lock);
    const bool keeps = spare == NULL;
    if (keeps) {
        spare = place;
        spare_mapped = mapped;
    }
    pthread_mutex_unlock(&lock);
    return keeps;
}

void *edge_image_memory_take(size_t length, size_t *mapped) {
    void *place = take_spare(length, mapped);
    if (place != NULL) {
        // A part of it was read-only.
        if (mprotect(place, *mapped, PROT_READ | PROT_WRITE) == 0) {
            return place;
        }
        munmap(place, *mapped);
    }
    *mapped = length;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
    place = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, -1, 0);
    return place == MAP_FAILED ? NULL : place;
}

void edge_image_memory_give_back(void *place, size_t mapped) {
    if (!keep_spare(place, mapped)) {
        munmap(place, mapped);
    }
}
