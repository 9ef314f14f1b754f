#ifndef CPROCESS_SANDBOX_H
#define CPROCESS_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

// How a process gives up rights for good. Nothing here can be undone, and all of it is inherited by threads that are
// started later: but for the filter of system calls it is to be called while the process has one thread. Where not said otherwise the result is 0, or the
// number of an error.

/// The process and what it might execute gain no rights by set-user-id files; both filters below ask for it.
int edge_forbid_new_privileges(void);

/// No core file, no pipe to a crash collector, and no debugger of the same user: the memory of the process stays its own.
int edge_forbid_core_dumps(void);

/// Drops the capabilities a server has no use for. It keeps CAP_NET_BIND_SERVICE (a port under 1024) and
/// CAP_DAC_OVERRIDE (files of other users, for a server that runs as root).
int edge_drop_capabilities(void);

/// The version of Landlock's interface, 1 or more, or the negated number of an error.
int edge_landlock_version(void);

typedef enum {
    /// Files are read, folders not listed.
    EDGE_LANDLOCK_READ_FILES,
    /// Files are read, folders listed.
    EDGE_LANDLOCK_READ,
    /// Besides, files and folders are made, written, renamed and removed.
    EDGE_LANDLOCK_READ_WRITE,
} edge_landlock_access;

/// A set of rules that forbids all it knows: opening, making and removing files, executing them, binding TCP ports, sending
/// signals to other processes. Returns a descriptor, or the negated number of an error.
int edge_landlock_create(int version);
/// Allows a file, or a folder and what is below it. The rule belongs to the inode that the path leads to now.
int edge_landlock_allow_path(int rules, int version, const char *path, edge_landlock_access access);
/// Allows to bind a TCP port; nothing to do, and 0, where this version does not govern ports.
int edge_landlock_allow_bind(int rules, int version, uint16_t port);
int edge_landlock_enforce(int rules);

/// Whether the kernel has filters of system calls: 0, or the number of an error.
int edge_seccomp_support(void);
/// Installs the filter in all threads. docs/decisions/0009-sandbox.md says what it denies and why.
int edge_seccomp_enforce(void);

/// A system call that the filter denies whatever its arguments.
typedef struct {
    const char *name;
    int32_t number;
} edge_system_call;

/// The table of denied calls; never freed.
const edge_system_call *edge_denied_calls(size_t *count);
/// The first number beyond the calls the filter knows; from here on the kernel seems not to have them (ENOSYS).
int32_t edge_unknown_calls_begin(void);

#endif
