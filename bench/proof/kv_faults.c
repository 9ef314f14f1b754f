/* Preloaded into the server: fails writes to `data.mdb` as the file named by EDGEHOST_FAULT says. Its text is a kind
   and a number of errno:
     data E    writes of data pages fail
     short 0   writes of data pages are cut short
     flush E   data pages are written, and cannot be flushed
     meta E    a meta page is written, and cannot be flushed
     dead E    all of these fail, and nothing is written */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int read_fault(int file, char *kind, int *code)
{
    char name[64], path[4096];
    const char *flag = getenv("EDGEHOST_FAULT");
    if (!flag || access(flag, F_OK) != 0)
        return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t count = readlink(name, path, sizeof path - 1);
    if (count < 0)
        return 0;
    path[count] = 0;
    if (!strstr(path, "/data.mdb"))
        return 0;
    FILE *text = fopen(flag, "r");
    if (!text)
        return 0;
    int found = fscanf(text, "%15s %d", kind, code);
    fclose(text);
    return found == 2;
}

static int is_meta(int file)
{
    return (fcntl(file, F_GETFL) & O_DSYNC) != 0;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwrite");
    char kind[16];
    int code;
    if (read_fault(file, kind, &code)) {
        if (is_meta(file) && !strcmp(kind, "meta")) {
            real(file, bytes, count, offset);
            errno = code;
            return -1;
        }
        if (!strcmp(kind, "dead") || (!is_meta(file) && !strcmp(kind, "data"))) {
            errno = code;
            return -1;
        }
        if (!is_meta(file) && !strcmp(kind, "short"))
            return real(file, bytes, count / 2, offset);
    }
    return real(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset)
{
    return pwrite(file, bytes, count, offset);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset)
{
    static ssize_t (*real)(int, const struct iovec *, int, off_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwritev");
    char kind[16];
    int code;
    if (read_fault(file, kind, &code)) {
        if (!strcmp(kind, "dead") || !strcmp(kind, "data")) {
            errno = code;
            return -1;
        }
        if (!strcmp(kind, "short"))
            return real(file, parts, count > 1 ? count / 2 : 1, offset) / 2;
    }
    return real(file, parts, count, offset);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off_t offset)
{
    return pwritev(file, parts, count, offset);
}

int fdatasync(int file)
{
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fdatasync");
    char kind[16];
    int code;
    if (read_fault(file, kind, &code) && (!strcmp(kind, "dead") || !strcmp(kind, "flush"))) {
        errno = code;
        return -1;
    }
    return real(file);
}
