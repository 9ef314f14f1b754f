#define _GNU_SOURCE
#include "sandbox.h"

#include <sys/syscall.h>

#define CALL(name) \
    { #name, __NR_##name }

// What the server never needs and somebody who has taken it over would. Calls whose arguments decide are in
// sandbox_seccomp.c; those that only older architectures have are at the end.
static const edge_system_call denied[] = {
    // Running other programs.
    CALL(execve), CALL(execveat),
    // Other processes: their memory, files, registers, signals.
    CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(process_madvise), CALL(process_mrelease),
    CALL(kcmp), CALL(pidfd_getfd), CALL(pidfd_send_signal), CALL(migrate_pages), CALL(move_pages), CALL(tkill),
    CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo), CALL(ioprio_set),
    // The tree of files, as opposed to files in it.
    CALL(mount), CALL(umount2), CALL(mount_setattr), CALL(move_mount), CALL(open_tree), CALL(fsopen), CALL(fsconfig),
    CALL(fsmount), CALL(fspick), CALL(pivot_root), CALL(chroot), CALL(quotactl), CALL(quotactl_fd), CALL(swapon),
    CALL(swapoff), CALL(name_to_handle_at), CALL(open_by_handle_at), CALL(fanotify_init), CALL(fanotify_mark),
    // Owners, modes, attributes and times of files, which Landlock does not govern.
    CALL(fchmod), CALL(fchmodat), CALL(fchown), CALL(fchownat), CALL(setxattr), CALL(lsetxattr), CALL(fsetxattr),
    CALL(removexattr), CALL(lremovexattr), CALL(fremovexattr), CALL(utimensat), CALL(mknodat),
    // Parts of the kernel with a wide surface.
    CALL(bpf), CALL(perf_event_open), CALL(userfaultfd), CALL(io_uring_setup), CALL(io_uring_enter),
    CALL(io_uring_register), CALL(add_key), CALL(request_key), CALL(keyctl), CALL(personality), CALL(remap_file_pages),
    CALL(vmsplice),
    // The kernel itself, and the machine.
    CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(kexec_load), CALL(kexec_file_load), CALL(reboot),
    CALL(acct), CALL(syslog), CALL(sethostname), CALL(setdomainname), CALL(settimeofday), CALL(adjtimex),
    CALL(clock_settime), CALL(clock_adjtime), CALL(vhangup),
    // Namespaces and identities.
    CALL(unshare), CALL(setns), CALL(setuid), CALL(setgid), CALL(setreuid), CALL(setregid), CALL(setresuid),
    CALL(setresgid), CALL(setfsuid), CALL(setfsgid), CALL(setgroups), CALL(capset),
    // Memory and queues shared by name with any process of the user.
    CALL(shmget), CALL(shmat), CALL(shmctl), CALL(semget), CALL(semop), CALL(semtimedop), CALL(semctl), CALL(msgget),
    CALL(msgsnd), CALL(msgrcv), CALL(msgctl), CALL(mq_open), CALL(mq_unlink), CALL(mq_timedsend),
    CALL(mq_timedreceive), CALL(mq_notify), CALL(mq_getsetattr),
#ifdef __x86_64__
    CALL(fork), CALL(vfork), CALL(chmod), CALL(chown), CALL(lchown), CALL(mknod), CALL(utime), CALL(utimes),
    CALL(futimesat), CALL(iopl), CALL(ioperm), CALL(modify_ldt),
#endif
};

const edge_system_call *edge_denied_calls(size_t *count) {
    *count = sizeof denied / sizeof denied[0];
    return denied;
}
