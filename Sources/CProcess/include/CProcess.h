#ifndef CPROCESS_H
#define CPROCESS_H

// What a process does to itself that Swift can't ask for: fork, and (sandbox.h) giving up rights.

#include "fork.h"
#include "sandbox.h"
#include "sandbox_probe.h"

#endif
