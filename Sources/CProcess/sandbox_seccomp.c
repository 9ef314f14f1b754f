#define _GNU_SOURCE
#include "sandbox.h"

#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the filter of system calls is written for x86-64 and aarch64"
#endif
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the filter reads the low halves of arguments where little-endian machines have them"
#endif

// The last call of the Linux this was written against is 450 (set_mempolicy_home_node). What came later is in nobody's
// list, so it is refused as by an older kernel, which every library can cope with. The calls of x32 begin far above.
enum { unknown_calls_begin = 451 };

enum { namespace_flags = 0x7e020000 };  // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET

enum { program_capacity = 512 };

typedef struct {
    struct sock_filter code[program_capacity];
    unsigned short length;
} program;

static void emit(program *filter, uint16_t operation, uint32_t value, uint8_t if_true, uint8_t if_false) {
    if (filter->length < program_capacity) {
        filter->code[filter->length] = (struct sock_filter){operation, if_true, if_false, value};
    }
    filter->length++;
}

static void give(program *filter, uint32_t action) {
    emit(filter, BPF_RET | BPF_K, action, 0, 0);
}

static void deny(program *filter) {
    give(filter, SECCOMP_RET_ERRNO | EPERM);
}

static void allow(program *filter) {
    give(filter, SECCOMP_RET_ALLOW);
}

/// The next `count` instructions are for this call alone; they end with a verdict.
static void when_call(program *filter, int number, uint8_t count) {
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, count);
}

/// The low half of an argument: all of it for int arguments, and where the flags are that matter.
static void load_argument(program *filter, unsigned index) {
    emit(filter, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + index * sizeof(uint64_t), 0, 0);
}

static void deny_if_set(program *filter, uint32_t bits) {
    emit(filter, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    deny(filter);
}

static void deny_if_equal(program *filter, uint32_t value) {
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    deny(filter);
}

static void allow_if_equal(program *filter, uint32_t value) {
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    allow(filter);
}

/// Memory that is executed is what the loader mapped: nobody may bring code along.
static void filter_executable_memory(program *filter, int number) {
    when_call(filter, number, 4);
    load_argument(filter, 2);
    deny_if_set(filter, PROT_EXEC);
    allow(filter);
}

/// Threads are made, processes and namespaces not.
static void filter_clone(program *filter) {
    when_call(filter, __NR_clone, 6);
    load_argument(filter, 0);
    deny_if_set(filter, namespace_flags);
    emit(filter, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
    deny(filter);
    allow(filter);
}

/// TCP and UDP, and what the resolver asks the kernel about its addresses. No Unix sockets: Landlock does not hold a process
/// from connecting to those that lie in the file system, and behind them are daemons with other rights. No other protocols of
/// the same families: Landlock's rule for ports is for TCP alone.
static void filter_socket(program *filter) {
    when_call(filter, __NR_socket, 19);
    load_argument(filter, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 13, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0);
    deny(filter);
    load_argument(filter, 1);
    emit(filter, BPF_ALU | BPF_AND | BPF_K, 0xf, 0, 0);  // without SOCK_CLOEXEC and SOCK_NONBLOCK
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 2, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, SOCK_DGRAM, 1, 0);
    deny(filter);
    load_argument(filter, 2);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 6, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 5, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 4, 0);
    deny(filter);
    load_argument(filter, 2);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, NETLINK_ROUTE, 1, 0);
    deny(filter);
    allow(filter);
}

/// A terminal would take what is pushed into it for typed by the operator. A file that has an owner sends it signals.
static void filter_ioctl(program *filter) {
    when_call(filter, __NR_ioctl, 10);
    load_argument(filter, 1);
    deny_if_equal(filter, TIOCSTI);
    deny_if_equal(filter, TIOCLINUX);
    deny_if_equal(filter, FIOSETOWN);
    deny_if_equal(filter, SIOCSPGRP);
    allow(filter);
}

static void filter_fcntl(program *filter) {
    when_call(filter, __NR_fcntl, 6);
    load_argument(filter, 1);
    deny_if_equal(filter, F_SETOWN);
    deny_if_equal(filter, F_SETOWN_EX);
    allow(filter);
}

static void filter_prctl(program *filter) {
    when_call(filter, __NR_prctl, 6);
    load_argument(filter, 0);
    deny_if_equal(filter, PR_SET_DUMPABLE);
    deny_if_equal(filter, PR_SET_PTRACER);
    allow(filter);
}

/// The first argument names a process: this one only.
static void filter_process(program *filter, int number, uint32_t self) {
    when_call(filter, number, 4);
    load_argument(filter, 0);
    allow_if_equal(filter, self);
    deny(filter);
}

/// All jump to one verdict behind the last of them: the kernel runs this once for each call there is, when it is installed.
static void filter_denied_calls(program *filter) {
    size_t count;
    const edge_system_call *denied = edge_denied_calls(&count);
    assert(count <= UINT8_MAX);
    for (size_t index = 0; index < count; index++) {
        emit(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)denied[index].number, (uint8_t)(count - index), 0);
    }
    allow(filter);
    deny(filter);
}

static void build(program *filter) {
    emit(filter, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0);
    give(filter, SECCOMP_RET_KILL_PROCESS);
    emit(filter, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    emit(filter, BPF_JMP | BPF_JGE | BPF_K, unknown_calls_begin, 0, 1);
    give(filter, SECCOMP_RET_ERRNO | ENOSYS);
    // Its flags are in memory, where a filter can't see them; the library falls back to clone.
    when_call(filter, __NR_clone3, 1);
    give(filter, SECCOMP_RET_ERRNO | ENOSYS);
    filter_executable_memory(filter, __NR_mmap);
    filter_executable_memory(filter, __NR_mprotect);
    filter_executable_memory(filter, __NR_pkey_mprotect);
    filter_clone(filter);
    filter_socket(filter);
    filter_ioctl(filter);
    filter_fcntl(filter);
    filter_prctl(filter);
    filter_process(filter, __NR_kill, (uint32_t)getpid());
    filter_process(filter, __NR_tgkill, (uint32_t)getpid());
    filter_process(filter, __NR_prlimit64, 0);
    filter_denied_calls(filter);
}

int32_t edge_unknown_calls_begin(void) {
    return unknown_calls_begin;
}

int edge_seccomp_support(void) {
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 ? 0 : errno;
}

int edge_seccomp_enforce(void) {
    program filter = {.length = 0};
    build(&filter);
    if (filter.length > program_capacity) {
        return E2BIG;
    }
    struct sock_fprog sized = {.len = filter.length, .filter = filter.code};
    long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &sized);
    // A positive result is a thread that has another filter already.
    return result == 0 ? 0 : result > 0 ? EBUSY : errno;
}
