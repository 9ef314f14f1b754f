#ifndef EDGE_GUEST_STACK_H
#define EDGE_GUEST_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Guests run on C stacks of their own. So a guest can be stopped at any instruction, inside a C function too, and go on
// later on another thread: its stack goes with it.

/// Sanitizers know each thread's stack and no other: under them guests run on the host's and are never preempted.
#if defined(__SANITIZE_ADDRESS__) || defined(EDGE_THREAD_SANITIZER)
#define EDGE_GUEST_STACKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EDGE_GUEST_STACKS 0
#endif
#endif
#ifndef EDGE_GUEST_STACKS
#define EDGE_GUEST_STACKS 1
#endif

typedef struct edge_guest_stack edge_guest_stack;

/// A stack of 1 MB above a guard page, from a pool; NULL without memory.
edge_guest_stack *edge_guest_stack_take(void);
/// Back to the pool, whatever lies on it.
void edge_guest_stack_give(edge_guest_stack *stack);
bool edge_guest_stack_contains(const edge_guest_stack *stack, uintptr_t address);
/// The bytes of the stack from its upper end down to this address.
size_t edge_guest_stack_depth(const edge_guest_stack *stack, uintptr_t address);
/// Where to switch to, so that `entry` begins on the empty stack. It must not return.
void *edge_guest_stack_start(edge_guest_stack *stack, void (*entry)(void));
/// Leaves this stack, remembering in `*left` where, and goes on at `to`. Returns when somebody switches to `*left`, which
/// may be another thread.
void edge_switch_stack(void **left, void *to);

#endif
