// Preloaded, it stands before the C library's allocator and clock: it counts the allocations of the process, and stops its clocks
// for as long as another process wants, so that a server stepped by instructions doesn't notice how slow it is. Both through words
// of the file that EDGEHOST_COUNTS names.

#define _GNU_SOURCE 1

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

/// Also the layout of the file.
struct counts {
    _Atomic uint64_t allocations, frees, bytes, is_time_stopped;
};

static struct counts before;
static struct counts *counts = &before;

__attribute__((constructor)) static void map_counts(void) {
    const char *path = getenv("EDGEHOST_COUNTS");
    int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) {
        return;
    }
    void *mapped = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) {
        counts = mapped;
    }
    close(file);
}

static void count(size_t size) {
    atomic_fetch_add_explicit(&counts->allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->bytes, size, memory_order_relaxed);
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (made == NULL) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}

void free(void *block) {
    if (block != NULL) {
        atomic_fetch_add_explicit(&counts->frees, 1, memory_order_relaxed);
    }
    __libc_free(block);
}

enum { CLOCKS = 16 };

typedef int clock_reader(clockid_t clock, struct timespec *time);

int clock_gettime(clockid_t clock, struct timespec *time) {
    static clock_reader *_Atomic reader;
    // Of each clock, what this thread was told last: it stays so while time is stopped.
    static __thread struct timespec last[CLOCKS];
    bool is_kept = clock >= 0 && clock < CLOCKS;
    if (is_kept && atomic_load_explicit(&counts->is_time_stopped, memory_order_relaxed) != 0 && last[clock].tv_sec != 0) {
        *time = last[clock];
        return 0;
    }
    if (reader == NULL) {
        reader = (clock_reader *)dlsym(RTLD_NEXT, "clock_gettime");
    }
    int status = reader(clock, time);
    if (is_kept && status == 0) {
        last[clock] = *time;
    }
    return status;
}

/// The C library's own reads the kernel's page, past `clock_gettime`: the `date` field would fall due in a request that is stepped
/// for long.
time_t time(time_t *result) {
    static __thread time_t last;
    if (last == 0 || atomic_load_explicit(&counts->is_time_stopped, memory_order_relaxed) == 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        last = now.tv_sec;
    }
    if (result != NULL) {
        *result = last;
    }
    return last;
}
