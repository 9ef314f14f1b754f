#define _GNU_SOURCE
#include "signals.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <unistd.h>

int edge_signal_descriptor(const sigset_t *signals) {
    return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int edge_signal_take(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t count;
    do {
        count = read(descriptor, &information, sizeof information);
    } while (count < 0 && errno == EINTR);
    return count == (ssize_t)sizeof information ? (int)information.ssi_signo : 0;
}

/// A bit for each signal.
static _Atomic uint64_t noted;

static void note(int signal) {
    atomic_fetch_or(&noted, UINT64_C(1) << signal);
}

int edge_signal_note(const sigset_t *signals) {
    struct sigaction action = {.sa_handler = note};
    sigfillset(&action.sa_mask);
    for (int signal = 1; signal < 64; signal++) {
        if (sigismember(signals, signal) == 1 && sigaction(signal, &action, NULL) != 0) {
            return errno;
        }
    }
    return 0;
}

void edge_signal_wait(const sigset_t *signals, struct pollfd *descriptors, nfds_t count) {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    for (int signal = 1; signal < 64; signal++) {
        if (sigismember(signals, signal) == 1) {
            sigdelset(&mask, signal);
        }
    }
    ppoll(descriptors, count, NULL, &mask);
}

int edge_signal_noted(void) {
    uint64_t bits = atomic_load(&noted);
    if (bits == 0) {
        return 0;
    }
    int first = __builtin_ctzll(bits);
    atomic_fetch_and(&noted, ~(UINT64_C(1) << first));
    return first;
}
