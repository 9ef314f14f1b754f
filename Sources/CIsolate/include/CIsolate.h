#ifndef EDGE_CISOLATE_H
#define EDGE_CISOLATE_H

// An isolate: one Lua heap in one slot of address space, frozen into images, restored by copying, stepped under limits.
//
// Rules that make the kill sound (a kill is a siglongjmp out of the guest, from a signal handler or the allocator):
//  1. All of Lua's memory and the allocator's state lie in the slot; nothing outside points into it after a kill.
//  2. A thread is in GUEST (inside a call of this header that says "guarded") or in HOST. Host work never calls Lua.
//  3. In GUEST only mem*, str*, strtod, snprintf, libm, localeconv and the getrandom system call are used.
//  4. sigsetjmp, the jump and every Lua call live in C; no Swift frame lies between them.
//  5. A guest runs on a stack of its own: 1 MB above a guard page. It may be stopped at any instruction and go on on another
//     thread; in GUEST nothing that belongs to a thread is kept across instructions, but where `unstoppable` is set.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A place for one isolate: 4 GiB-strided address space and what the host remembers of it.
typedef struct edge_slot edge_slot;

/// A frozen heap: what each slot copies, the words in it that are pointers, and what all its slots share.
typedef struct edge_image edge_image;

/// Trusted Lua text that every image begins with, compiled.
typedef struct edge_prelude edge_prelude;

typedef enum edge_status {
    /// The guest asks for a host call; the message is its operation and arguments.
    EDGE_CALL = 0,
    /// The entry returned; the message is an array of its results.
    EDGE_DONE = 1,
    /// The entry raised an error; the message is an array of its text and its traceback.
    EDGE_FAILED = 2,
    /// The time slice is over; step again to go on.
    EDGE_PREEMPTED = 3,
    /// A limit or a fault ended the isolate; its heap is void until it is restored.
    EDGE_KILLED = 4,
} edge_status;

typedef enum edge_kill {
    EDGE_KILL_NONE = 0,
    EDGE_KILL_CPU = 1,
    EDGE_KILL_WALL = 2,
    EDGE_KILL_MEMORY = 3,
    EDGE_KILL_HOST_CALLS = 4,
    /// A memory fault, or an error outside every protected call: the VM itself is broken here.
    EDGE_KILL_FAULT = 5,
    /// The memory of all isolates together is used up, or this worker's share of it.
    EDGE_KILL_OVERLOAD = 6,
} edge_kill;

/// What one run of an entry may use. All of it is exact but for CPU time, which is checked by a tick of 1 ms.
typedef struct edge_budget {
    uint64_t cpu_ns;
    /// Monotonic clock, in ns; 0 for none.
    uint64_t wall_deadline_ns;
    uint64_t memory_bytes;
    uint64_t message_bytes;
    uint32_t host_calls;
    uint32_t log_bytes;
} edge_budget;

typedef struct edge_step {
    edge_status status;
    edge_kill reason;
    /// Inside the slot: valid until the isolate is stepped or restored.
    const uint8_t *message;
    size_t length;
} edge_step;

typedef struct edge_usage {
    uint64_t cpu_ns;
    uint64_t heap_bytes;
    uint32_t host_calls;
    uint32_t log_dropped;
} edge_usage;

/// Installs the signal handlers; call once before any other function. Returns 0 or an errno.
int edge_initialize(void);

/// The Lua that is linked, with its version and patches, such as `Lua 5.4.4 (Debian 5.4.4-3, 13 edgehost patches ...)`.
const char *edge_lua_name(void);
/// Whether it is the one with edgehost's patches (.lua/README.md), not the system's.
bool edge_lua_is_patched(void);

/// The tag of every flat message, first byte of a value. Lengths and counts are 32-bit little endian.
enum {
    EDGE_TAG_NIL = 0,
    EDGE_TAG_FALSE = 1,
    EDGE_TAG_TRUE = 2,
    EDGE_TAG_INTEGER = 3,
    EDGE_TAG_NUMBER = 4,
    EDGE_TAG_STRING = 5,
    EDGE_TAG_ARRAY = 6,
    EDGE_TAG_TABLE = 7,
    /// A value that can't leave Lua, followed by its Lua type number.
    EDGE_TAG_OPAQUE = 8,
};

/// First byte of a reply to a host call: values follow as an array, or the text of an error as a string.
enum { EDGE_REPLY_VALUES = 0, EDGE_REPLY_ERROR = 1 };

/// Deepest nesting of tables in a message.
enum { EDGE_MESSAGE_DEPTH = 64 };

// Slots

/// Largest heap a slot can hold, in bytes.
#define EDGE_SLOT_CAPACITY ((size_t)2 << 30)

/// Takes a slot of `capacity` bytes; a random one where an image is to be built. NULL when address space is used up.
edge_slot *edge_slot_acquire(size_t capacity, bool random);
void edge_slot_release(edge_slot *slot);
/// Gives the memory of an idle slot back to the system; it must be bound again before use.
void edge_slot_trim(edge_slot *slot);

/// What a slot that is ready has of memory: the heap of a small worker and what its first request adds.
#define EDGE_READY_BYTES ((size_t)64 << 10)

/// As edge_slot_trim, but the slot has EDGE_READY_BYTES of memory afterwards, and what lay there: the image that is bound to it next
/// waits for no page.
void edge_slot_make_ready(edge_slot *slot);

// Memory of all isolates

/// The most that all isolates may take together, in bytes; no ceiling before the first call.
void edge_memory_set_ceiling(size_t bytes);
/// Idle slots should be trimmed now.
bool edge_memory_is_tight(void);
/// Whether there is room for one more slot of this image, and for its heap where that is not loaded.
bool edge_memory_admits(const edge_image *image);

// Building an image

/// Compiles trusted Lua text; it is never freed. NULL where the text has a syntax error.
edge_prelude *edge_prelude_compile(const char *source, size_t length);

/// Makes a fresh Lua state with the sandboxed libraries in the slot. Guarded. EDGE_DONE or EDGE_KILLED.
edge_step edge_isolate_create(edge_slot *slot, const edge_budget *budget);
/// Runs the prelude, whose result, a table of functions, becomes the entries; it gets the host functions and the members
/// of the array `message`. Guarded.
edge_step edge_isolate_boot(
    edge_slot *slot, const edge_prelude *prelude, const uint8_t *message, size_t message_length
);
/// Chooses the entry that the next step starts. Guarded.
edge_step edge_isolate_enter(edge_slot *slot, const char *entry, const edge_budget *budget);

typedef enum edge_freeze {
    EDGE_FREEZE_DONE,
    /// A limit ended it: the heap's own memory, as there is no other here.
    EDGE_FREEZE_KILLED,
    /// The host has no memory for the image.
    EDGE_FREEZE_NO_MEMORY,
    /// Numbers or text of the script look like an address in this slot: a chance that another slot does not have.
    EDGE_FREEZE_AMBIGUOUS,
} edge_freeze;

/// Collects, freezes the heap so that `entry` is the next to run, and copies it. NULL where `*outcome` is not EDGE_FREEZE_DONE.
edge_image *edge_isolate_freeze(edge_slot *slot, const char *entry, edge_freeze *outcome);

// Images

/// Bytes of the heap that each slot has a copy of: what a restore copies.
size_t edge_image_size(const edge_image *image);
/// Bytes of the heap that its slots share: no request writes to them.
size_t edge_image_shared_size(const edge_image *image);
size_t edge_image_relocations(const edge_image *image);
void edge_image_free(edge_image *image);
/// Makes the slot hold this image, relocated to its address. The image must live until the slot is bound to another or
/// its isolate is neither restored nor stepped any more.
void edge_slot_bind(edge_slot *slot, const edge_image *image);
/// Makes the slot's isolate pristine: copies the image over it and sets the limits of the run.
void edge_isolate_restore(edge_slot *slot, const edge_budget *budget);
/// Ends a run: gives back what it dirtied beyond the image.
void edge_isolate_retire(edge_slot *slot);

// Images in files. What a file holds of an image is its body; only a process of the executable that wrote it can run it.

/// What tells this executable from every other: the id that the linker gave it. 0 where it gave none.
size_t edge_build_id(const uint8_t **bytes);
/// The image's body, to be given to edge_image_pack_free; NULL without memory, or where the heap holds something that can't be
/// found again in another process.
uint8_t *edge_image_pack(const edge_image *image, size_t *length, uint64_t checksum[2]);
void edge_image_pack_free(uint8_t *body);

/// Where a file holds a body.
typedef struct edge_image_body {
    uint64_t offset;
    uint64_t length;
    uint64_t checksum[2];
} edge_image_body;

/// An image without its heap, to be loaded before a slot is bound to it. NULL without memory.
edge_image *edge_image_make_absent(size_t size, size_t shared_size, size_t relocations);
bool edge_image_is_loaded(const edge_image *image);
/// Reads the heap. Returns 0; EBADMSG where the body is not whole or not this image's; ENOMEM, also where the ceiling of all
/// isolates leaves no room for the heap and a slot. The image is not loaded before.
int edge_image_load(edge_image *image, int file, const edge_image_body *body);
/// Gives the heap's memory back. No slot is bound to the image.
void edge_image_unload(edge_image *image);
/// The checksum of a body, for other parts of the file.
void edge_image_checksum(const void *bytes, size_t length, uint64_t checksum[2]);

// Running

/// What a step is told by the host.
typedef struct edge_input {
    /// The arguments of the entry (first step), or the reply to the call; valid during the step.
    const uint8_t *message;
    size_t length;
    /// Wall clock in Unix ms: the guest's time stands still within a step.
    int64_t unix_ms;
    /// Time until the step is preempted, 0 for never.
    uint64_t slice_ns;
} edge_input;

/// Runs until the guest needs the host, ends, or is ended. Guarded.
edge_step edge_isolate_step(edge_slot *slot, const edge_input *input);
edge_usage edge_isolate_usage(const edge_slot *slot);
/// Counts CPU time that the host spent on the guest's behalf as the guest's own.
void edge_isolate_charge(edge_slot *slot, uint64_t cpu_ns);
/// The log records written so far (see lib_log.c for their shape); valid until the next step or restore.
const uint8_t *edge_isolate_log(const edge_slot *slot, size_t *length);
/// Forgets the log records written so far.
void edge_isolate_clear_log(edge_slot *slot);

#endif
