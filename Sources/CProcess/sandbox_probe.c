#define _GNU_SOURCE
#include "sandbox_probe.h"
#include "sandbox_capabilities.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int edge_try_call(long number, long first, long second, long third) {
    return syscall(number, first, second, third, -1l, -1l, -1l) < 0 ? errno : 0;
}

bool edge_try_foreign_call(void) {
#ifdef __x86_64__
    long result = 20;  // getpid there
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "cc", "r8", "r9", "r10", "r11");
    return true;
#else
    return false;
#endif
}

int edge_open_thread_state(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", syscall(SYS_gettid));
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return errno;
    }
    close(descriptor);
    return 0;
}

bool edge_has_no_new_privileges(void) {
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

bool edge_is_dumpable(void) {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
}

bool edge_capabilities_are_dropped(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    return syscall(SYS_capget, &header, data) == 0 && (data[0].permitted & ~EDGE_KEPT_CAPABILITIES) == 0
        && data[1].permitted == 0;
}
