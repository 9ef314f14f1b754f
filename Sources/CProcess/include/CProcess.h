#ifndef CPROCESS_H
#define CPROCESS_H

// What a process does to itself that Swift can't ask for: fork, signals as a descriptor, descriptors in messages, and
// (sandbox.h) giving up rights.

#include "control.h"
#include "fork.h"
#include "sandbox.h"
#include "sandbox_probe.h"
#include "signals.h"

#endif
