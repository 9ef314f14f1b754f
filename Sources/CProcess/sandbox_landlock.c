#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's interface, written out: the headers of Debian 12 know version 2 of it, running kernels more. The numbers of
// these calls are the same on all architectures.
enum { call_create_ruleset = 444, call_add_rule = 445, call_restrict_self = 446 };
enum { create_version = 1 };
enum { rule_path_beneath = 1, rule_net_port = 2 };

struct ruleset_attributes {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

struct path_beneath_attributes {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

struct net_port_attributes {
    uint64_t allowed_access;
    uint64_t port;
};

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_REMOVE_DIR (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR (1ull << 7)
#define FS_MAKE_REG (1ull << 8)
#define FS_REFER (1ull << 13)
#define FS_TRUNCATE (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)
#define NET_BIND_TCP (1ull << 0)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0)
#define SCOPE_SIGNAL (1ull << 1)

/// All rights on files that a version governs: each handled right is denied where no rule allows it.
static uint64_t file_rights(int version) {
    uint64_t rights = FS_REFER - 1;
    if (version >= 2) {
        rights |= FS_REFER;
    }
    if (version >= 3) {
        rights |= FS_TRUNCATE;
    }
    if (version >= 5) {
        rights |= FS_IOCTL_DEV;
    }
    return rights;
}

int edge_landlock_version(void) {
    long version = syscall(call_create_ruleset, NULL, (size_t)0, create_version);
    return version < 0 ? -errno : (int)version;
}

int edge_landlock_create(int version) {
    struct ruleset_attributes attributes = {.handled_access_fs = file_rights(version)};
    if (version >= 4) {
        attributes.handled_access_net = NET_BIND_TCP;
    }
    if (version >= 6) {
        attributes.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    }
    // An older kernel takes a longer structure whose unknown end is zero.
    long rules = syscall(call_create_ruleset, &attributes, sizeof attributes, 0);
    return rules < 0 ? -errno : (int)rules;
}

int edge_landlock_allow_path(int rules, int version, const char *path, edge_landlock_access access) {
    int target = open(path, O_PATH | O_CLOEXEC);
    if (target < 0) {
        return errno;
    }
    uint64_t allowed = access == EDGE_LANDLOCK_READ_FILES ? FS_READ_FILE : FS_READ_FILE | FS_READ_DIR;
    if (access == EDGE_LANDLOCK_READ_WRITE) {
        allowed |= FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_REFER | FS_TRUNCATE;
    }
    struct stat status;
    int code = fstat(target, &status) == 0 ? 0 : errno;
    if (code == 0) {
        if (!S_ISDIR(status.st_mode)) {
            allowed &= FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE;
        }
        struct path_beneath_attributes attributes = {
            .allowed_access = allowed & file_rights(version),
            .parent_fd = target,
        };
        code = syscall(call_add_rule, rules, rule_path_beneath, &attributes, 0) == 0 ? 0 : errno;
    }
    close(target);
    return code;
}

int edge_landlock_allow_bind(int rules, int version, uint16_t port) {
    if (version < 4) {
        return 0;
    }
    struct net_port_attributes attributes = {.allowed_access = NET_BIND_TCP, .port = port};
    return syscall(call_add_rule, rules, rule_net_port, &attributes, 0) == 0 ? 0 : errno;
}

int edge_landlock_enforce(int rules) {
    return syscall(call_restrict_self, rules, 0) == 0 ? 0 : errno;
}
