#ifndef EDGE_ISOLATE_H
#define EDGE_ISOLATE_H

// Private to CIsolate: the layout of a slot. The isolate's header lies at the slot's base; the heap follows.

#include "CIsolate.h"

#include <stdatomic.h>

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

#if LUA_VERSION_NUM != 504
#error "edgehost needs the headers of Lua 5.4"
#endif

#include "arena.h"
#include "cold.h"
#include "guest_stack.h"

/// Slots are this far apart, so that the low 32 bits of an address, which Lua hashes, are the same in every slot.
#define EDGE_SLOT_STRIDE ((uintptr_t)1 << 32)
/// Where a slot begins, from a multiple of the stride: its addresses have low halves that two 16-bit fields, the upper of
/// them zero, can't make. Together with a 32-bit field such would look like a pointer (a node of a table is like that).
#define EDGE_SLOT_OFFSET ((uintptr_t)1 << 16)

/// Why the running coroutine yielded. Set right before each yield, so it is never stale.
typedef enum edge_intent {
    EDGE_INTENT_NONE,
    EDGE_INTENT_CALL,
    EDGE_INTENT_RESUME,
    EDGE_INTENT_YIELD,
} edge_intent;

/// A growing byte buffer in the isolate's heap.
typedef struct edge_buffer {
    uint8_t *data;
    size_t length;
    size_t capacity;
    size_t limit;
} edge_buffer;

enum { EDGE_CHAIN_FIRST = 8 };

/// The chain of coroutines that resumed each other, the task first. Lua is entered for its last member only.
typedef struct edge_chain {
    /// `first`, while they are few: what every request writes to lies in the header.
    lua_State **members;
    uint32_t depth;
    uint32_t capacity;
    lua_State *first[EDGE_CHAIN_FIRST];
} edge_chain;

typedef struct edge_isolate {
    edge_arena arena;
    /// While it is being built: where what will be shared lies; NULL where there is no such heap.
    struct edge_shared *shared;
    lua_State *main;
    lua_State *task;
    lua_State *target;
    edge_chain chain;
    edge_intent intent;
    /// Depth of C functions (a sort comparator, say) that run coroutines beneath them; no host call can be made there.
    uint32_t nested;
    /// The tick must not stop the guest here: it reads what belongs to this thread or to this step.
    volatile bool unstoppable;
    bool building;
    bool started;
    bool random_seeded;
    edge_buffer message;
    edge_buffer log;
    /// Bytes of whole records: a kill may leave a part of one behind them.
    volatile size_t log_committed;
    uint32_t log_dropped;
    uint32_t host_calls;
    uint32_t host_call_limit;
    /// The host's bytes, during a step only.
    const uint8_t *input;
    size_t input_length;
    int64_t unix_ms;
    uint64_t cpu_ns;
    uint64_t cpu_limit_ns;
    uint64_t wall_deadline_ns;
    /// Of a frozen heap: the bytes that lie outside the slot.
    size_t shared_bytes;
    uint64_t random_state[4];
    uint64_t address_key;
} edge_isolate;

typedef struct edge_memory_account edge_memory_account;

struct edge_slot {
    edge_isolate *isolate;
    size_t capacity;
    /// Room for what an image that is built here shares; NULL where none is to be built.
    uint8_t *shared;
    /// The image it is bound to: its identity and size, and the image itself, which lives at least as long as a lease.
    uint64_t image_id;
    size_t image_size;
    const edge_image *image;
    /// The image as it lies at this slot's address; NULL until the slot's second run.
    uint8_t *master;
    /// What of it is copied.
    edge_cold cold;
    /// The heap is the image, untouched.
    bool pristine;
    /// The stack of a guest that was stopped in the middle, and where on it; NULL when none was.
    edge_guest_stack *parked;
    void *parked_at;
    /// What the step under way came to. Here, as a guest that was parked ends in another call than it began in.
    edge_step step;
    /// What it is charged of the memory of all isolates, in bytes, and to whom; NULL while it is bound to no image.
    size_t charged;
    /// That part of it that is the stack of the parked guest.
    size_t stack_bytes;
    edge_memory_account *account;
};

enum {
    EDGE_PAGE_BYTES = 4096,
    /// The first pages of a slot are written to by every request, and copied by every restore (hot.h).
    EDGE_HOT_BYTES = 3 * EDGE_PAGE_BYTES,
    /// Heap beyond the image that every bound slot is charged for.
    EDGE_FREE_HEAP_BYTES = 64 * 1024,
    /// What a run dirtied beyond the image is kept up to this much: giving it back costs a system call and page faults.
    EDGE_KEPT_DIRTY_BYTES = 256 * 1024,
};

static inline size_t edge_round_to_pages(size_t size) {
    return (size + EDGE_PAGE_BYTES - 1) & ~(size_t)(EDGE_PAGE_BYTES - 1);
}

/// Bytes at `slot->shared`.
size_t edge_slot_shared_capacity(const edge_slot *slot);
/// Gives the slot memory for a master of its image; false without memory. Its content is undefined.
bool edge_slot_make_master(edge_slot *slot);
void edge_slot_drop_master(edge_slot *slot);
/// Makes the heap the image again, whatever became of it.
void edge_slot_make_pristine(edge_slot *slot);

struct edge_image {
    uint64_t id;
    uintptr_t base;
    size_t size;
    uint8_t *bytes;
    uint32_t *relocations;
    size_t relocation_count;
    /// What all slots of the image share, read-only, in a mapping of its own; NULL where nothing is shared.
    uint8_t *shared;
    size_t shared_size;
    edge_memory_account *account;
    /// What it is charged of the memory of all isolates, in bytes; 0 while its heap is not in memory.
    atomic_size_t charged;
    /// What all of them lie in where they were read from a file; NULL where they were allocated.
    void *mapping;
    size_t mapping_length;
};

uint64_t edge_image_next_id(void);
/// Adds `difference` to the words in `bytes` whose value lies in `[start, start + size]`; returns how many there are.
size_t edge_image_shift(uint8_t *bytes, size_t count, uintptr_t start, size_t size, uintptr_t difference);

// memory.c
edge_memory_account *edge_memory_account_make(void);
void edge_memory_account_release(edge_memory_account *account);
/// Charges the account of an image for its heap, which is in memory or about to be.
void edge_memory_charge_image(edge_image *image);
void edge_memory_discharge_image(edge_image *image);
/// Charges the slot for this image instead of another.
void edge_memory_bind(edge_slot *slot, const edge_image *image);
void edge_memory_unbind(edge_slot *slot);
/// Charges the slot for more heap; false where there is none for it. A slot that is being built in is not charged.
bool edge_memory_grow(edge_slot *slot, size_t bytes);
/// Charges the slot for the stack of its parked guest, whether there is room or not: it is there already. 0 for none.
void edge_memory_charge_stack(edge_slot *slot, size_t bytes);
/// Whether this image's slots have come near to what they may have: guests should collect garbage rather than grow.
bool edge_memory_is_scarce(const edge_slot *slot);
/// After a run: charges for what the slot keeps.
void edge_memory_shrink(edge_slot *slot);
/// Bytes from the slot's base that a run may use without asking.
size_t edge_memory_granted_heap(const edge_slot *slot);

static inline edge_isolate *edge_isolate_of(lua_State *L) {
    return (edge_isolate *)(((uintptr_t)L & ~(EDGE_SLOT_STRIDE - 1)) + EDGE_SLOT_OFFSET);
}

/// Forgets the entry that was entered last.
void edge_isolate_leave(edge_isolate *isolate);

// arena memory outside Lua's objects (buffers, the chain)
void edge_buffer_reserve(edge_isolate *isolate, edge_buffer *buffer, size_t extra);
bool edge_buffer_fits(const edge_buffer *buffer, size_t extra);
void edge_buffer_free(edge_isolate *isolate, edge_buffer *buffer);

// codec.c: NULL, or a static text that says why the value can't be passed
extern const char edge_too_large[];
const char *edge_encode(edge_isolate *isolate, edge_buffer *buffer, lua_State *L, int index, bool opaque);
void edge_encode_array(edge_isolate *isolate, edge_buffer *buffer, uint32_t count);
void edge_encode_text(edge_isolate *isolate, edge_buffer *buffer, const char *text, size_t length);
/// Pushes the value at `*cursor` and moves the cursor behind it; raises a Lua error where the bytes are no message.
void edge_decode(lua_State *L, const uint8_t **cursor, const uint8_t *end, int depth);
/// Pushes the members of the array at `*cursor`; returns their number.
int edge_decode_members(lua_State *L, const uint8_t **cursor, const uint8_t *end);
int edge_open_flat(lua_State *L);

// prelude.c
int edge_prelude_load(lua_State *L, const edge_prelude *prelude);

// trampoline.c
typedef enum edge_run { EDGE_RUN_ENDED, EDGE_RUN_ERROR, EDGE_RUN_CALL, EDGE_RUN_YIELDED } edge_run;
void edge_chain_push(edge_isolate *isolate, lua_State *coroutine);
void edge_chain_pop(edge_isolate *isolate);
bool edge_chain_contains(lua_State *coroutine);
edge_run edge_run_chain(edge_isolate *isolate, uint32_t base, lua_State *from, int argument_count, int *result_count);

// libraries of the core
int edge_open_coroutine(lua_State *L);
int edge_open_host(lua_State *L);
int edge_open_log(lua_State *L);
/// `print`: a log line of level info.
int edge_print(lua_State *L);
void edge_open_sandbox(lua_State *L);

#endif
