#define _GNU_SOURCE 1

#include "guest_stack.h"

#include <assert.h>
#include <pthread.h>
#include <sys/mman.h>

enum {
    GUARD_BYTES = 4096,
    STACK_BYTES = (1 << 20) + GUARD_BYTES,
    /// Kept resident when a stack goes back to the pool: what a shallow guest needs.
    KEPT_BYTES = 16 * 1024,
    /// Unused stacks the pool keeps.
    POOL_MAX = 64,
};

/// Lies at the upper end of its own mapping; the stack grows down from it.
struct edge_guest_stack {
    struct edge_guest_stack *next;
    uint64_t padding;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static edge_guest_stack *pool;
static unsigned pool_count;

static uint8_t *memory_of(const edge_guest_stack *stack) {
    return (uint8_t *)(stack + 1) - STACK_BYTES;
}

edge_guest_stack *edge_guest_stack_take(void) {
    pthread_mutex_lock(&lock);
    edge_guest_stack *stack = pool;
    if (stack != NULL) {
        pool = stack->next;
        pool_count--;
    }
    pthread_mutex_unlock(&lock);
    if (stack != NULL) {
        return stack;
    }
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    uint8_t *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    madvise(memory, STACK_BYTES, MADV_NOHUGEPAGE);
    if (mprotect(memory, GUARD_BYTES, PROT_NONE) != 0) {
        munmap(memory, STACK_BYTES);
        return NULL;
    }
    return (edge_guest_stack *)(memory + STACK_BYTES) - 1;
}

void edge_guest_stack_give(edge_guest_stack *stack) {
    uint8_t *memory = memory_of(stack);
    madvise(memory + GUARD_BYTES, STACK_BYTES - GUARD_BYTES - KEPT_BYTES, MADV_DONTNEED);
    pthread_mutex_lock(&lock);
    bool kept = pool_count < POOL_MAX;
    if (kept) {
        stack->next = pool;
        pool = stack;
        pool_count++;
    }
    pthread_mutex_unlock(&lock);
    if (!kept) {
        munmap(memory, STACK_BYTES);
    }
}

bool edge_guest_stack_contains(const edge_guest_stack *stack, uintptr_t address) {
    uintptr_t end = (uintptr_t)stack;
    return address < end && address >= end - (STACK_BYTES - GUARD_BYTES);
}

size_t edge_guest_stack_depth(const edge_guest_stack *stack, uintptr_t address) {
    return (uintptr_t)(stack + 1) - address;
}

// What a switch keeps is what the C ABI says a call keeps; all else is on the stack already.

#if defined(__x86_64__)

enum { SAVED_WORDS = 6 };

__asm__(
    ".text\n"
    ".globl edge_switch_stack\n"
    ".type edge_switch_stack, @function\n"
    "edge_switch_stack:\n"
    "    pushq %rbp\n"
    "    pushq %rbx\n"
    "    pushq %r12\n"
    "    pushq %r13\n"
    "    pushq %r14\n"
    "    pushq %r15\n"
    "    movq %rsp, (%rdi)\n"
    "    movq %rsi, %rsp\n"
    "    popq %r15\n"
    "    popq %r14\n"
    "    popq %r13\n"
    "    popq %r12\n"
    "    popq %rbx\n"
    "    popq %rbp\n"
    "    ret\n"
    ".size edge_switch_stack, . - edge_switch_stack\n"
);

void *edge_guest_stack_start(edge_guest_stack *stack, void (*entry)(void)) {
    // A function begins with its return address on a stack that was aligned to 16 before the call; zero ends a backtrace.
    uintptr_t *top = (uintptr_t *)((uintptr_t)stack & ~(uintptr_t)15);
    *--top = 0;
    *--top = (uintptr_t)entry;
    for (int i = 0; i < SAVED_WORDS; i++) {
        *--top = 0;
    }
    return top;
}

#elif defined(__aarch64__)

enum { SAVED_WORDS = 20, LINK_WORD = 11 };

__asm__(
    ".text\n"
    ".globl edge_switch_stack\n"
    ".type edge_switch_stack, %function\n"
    "edge_switch_stack:\n"
    "    sub sp, sp, #160\n"
    "    stp x19, x20, [sp, #0]\n"
    "    stp x21, x22, [sp, #16]\n"
    "    stp x23, x24, [sp, #32]\n"
    "    stp x25, x26, [sp, #48]\n"
    "    stp x27, x28, [sp, #64]\n"
    "    stp x29, x30, [sp, #80]\n"
    "    stp d8, d9, [sp, #96]\n"
    "    stp d10, d11, [sp, #112]\n"
    "    stp d12, d13, [sp, #128]\n"
    "    stp d14, d15, [sp, #144]\n"
    "    mov x9, sp\n"
    "    str x9, [x0]\n"
    "    mov sp, x1\n"
    "    ldp x19, x20, [sp, #0]\n"
    "    ldp x21, x22, [sp, #16]\n"
    "    ldp x23, x24, [sp, #32]\n"
    "    ldp x25, x26, [sp, #48]\n"
    "    ldp x27, x28, [sp, #64]\n"
    "    ldp x29, x30, [sp, #80]\n"
    "    ldp d8, d9, [sp, #96]\n"
    "    ldp d10, d11, [sp, #112]\n"
    "    ldp d12, d13, [sp, #128]\n"
    "    ldp d14, d15, [sp, #144]\n"
    "    add sp, sp, #160\n"
    "    ret\n"
    ".size edge_switch_stack, . - edge_switch_stack\n"
);

void *edge_guest_stack_start(edge_guest_stack *stack, void (*entry)(void)) {
    uintptr_t *top = (uintptr_t *)((uintptr_t)stack & ~(uintptr_t)15) - SAVED_WORDS;
    for (int i = 0; i < SAVED_WORDS; i++) {
        top[i] = 0;
    }
    top[LINK_WORD] = (uintptr_t)entry;
    return top;
}

#else
#error "edgehost runs on x86-64 and aarch64"
#endif
