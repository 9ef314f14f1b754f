#ifndef CPROCESS_SANDBOX_PROBE_H
#define CPROCESS_SANDBOX_PROBE_H

#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

// To look at a sandbox from within: what Swift can't say of the process, and calls the C library has no function for.

/// Numbers for edge_try_call.
enum {
    EDGE_CALL_CLONE = SYS_clone,
    EDGE_CALL_CLONE3 = SYS_clone3,
    EDGE_CALL_FCNTL = SYS_fcntl,
    EDGE_CALL_GETRANDOM = SYS_getrandom,
    EDGE_CALL_IOCTL = SYS_ioctl,
    EDGE_CALL_PRCTL = SYS_prctl,
    EDGE_CALL_PRLIMIT = SYS_prlimit64,
    EDGE_CALL_PTRACE = SYS_ptrace,
    EDGE_CALL_UNSHARE = SYS_unshare,
};

/// Arguments for it.
enum {
    EDGE_NEW_NET = CLONE_NEWNET,
    EDGE_NEW_USER = CLONE_NEWUSER,
    EDGE_PEEK_DATA = PTRACE_PEEKDATA,
    EDGE_SET_DUMPABLE = PR_SET_DUMPABLE,
    EDGE_SET_SIGNAL_OWNER = F_SETOWN,
    EDGE_TYPE_INTO_TERMINAL = TIOCSTI,
};

/// Makes a system call, to see what becomes of it: 0, or the number of its error.
int edge_try_call(long number, long first, long second, long third);
/// Makes a system call of the other architecture this kernel runs (32-bit x86), which ends the process where it is filtered.
/// Returns false where there is none to try.
bool edge_try_foreign_call(void);

/// Opens the state of the calling thread by its number, as libdispatch does: 0, or the number of an error.
int edge_open_thread_state(void);

bool edge_has_no_new_privileges(void);
bool edge_is_dumpable(void);
/// Whether only the capabilities that edge_drop_capabilities keeps are left.
bool edge_capabilities_are_dropped(void);

#endif
