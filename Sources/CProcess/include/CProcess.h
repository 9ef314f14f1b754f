#ifndef CPROCESS_H
#define CPROCESS_H

// What a process does to itself that Swift can't ask for: fork, signals as a descriptor, descriptors in messages, descriptors
// that are asked for input together, and (sandbox.h) giving up rights.

#include "control.h"
#include "fork.h"
#include "readiness.h"
#include "sandbox.h"
#include "sandbox_probe.h"
#include "signals.h"

#endif
