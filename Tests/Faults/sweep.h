#ifndef EDGE_FAULTS_SWEEP_H
#define EDGE_FAULTS_SWEEP_H

#include "CIsolate.h"
#include "guest.h"

/// What every sweep runs: a script, what it writes when nothing fails, and how it ends.
typedef struct subject {
    const edge_prelude *prelude;
    guest_script script;
    edge_budget budget;
    edge_image *image;
    bytes expected;
    /// What it logs.
    bytes log;
    edge_status status;
} subject;

/// Ends the program with what went wrong and where.
_Noreturn void sweep_fail(const subject *self, const char *sweep, uint64_t n, const char *what);

/// Serves a request in a slot bound to the subject's image, without faults, and fails unless all is as expected.
void sweep_check(const subject *self, edge_slot *slot, const char *sweep, uint64_t n);

// Each returns how many runs it made.

/// A request whose n-th allocation (or its end, or its n-th free) ends it, for every n.
uint64_t sweep_requests(const subject *self);
/// A request under every memory limit from the image's size up, in steps of 16 bytes, until it fits.
uint64_t sweep_limits(const subject *self);
/// A build whose n-th allocation ends it, for every n.
uint64_t sweep_builds(const subject *self);
/// A build under growing memory limits.
uint64_t sweep_build_limits(const subject *self);
/// A slot's whole life with the n-th allocation of the host failing, for every n.
uint64_t sweep_host(const subject *self);
/// An image in a file and back, and its shared part at places that do not do.
uint64_t sweep_file(const subject *self);
/// Compiling the prelude without memory.
uint64_t sweep_prelude(const guest_script *text);
/// A thread's first step without memory, signal stack or timer.
uint64_t sweep_threads(const subject *self);

#endif
