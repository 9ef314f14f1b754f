#ifndef EDGE_FAULTS_GUEST_H
#define EDGE_FAULTS_GUEST_H

// A host of workers in C: the real prelude, and replies to host calls that are always the same. What the server does in
// Swift, small enough to run thousands of times under sanitizers.

#include "CIsolate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes that grow; ends the program without memory.
typedef struct bytes {
    uint8_t *data;
    size_t length;
    size_t capacity;
} bytes;

void bytes_append(bytes *self, const void *data, size_t length);
void bytes_free(bytes *self);
bool bytes_equal(const bytes *left, const bytes *right);

/// A script, named by its file without folder and `.lua`.
typedef struct guest_script {
    char *name;
    char *text;
    size_t length;
} guest_script;

/// Ends the program where the file can't be read.
guest_script guest_read(const char *path);
void guest_script_free(guest_script *script);
/// The number behind `field` in the script's text, such as `cpu_ms = 30`; `otherwise` where it says nothing.
uint64_t guest_limit(const guest_script *script, const char *field, uint64_t otherwise);

/// Makes a fresh isolate in the slot and runs the script's top level, as the server loads a worker.
edge_step guest_build(edge_slot *slot, const edge_prelude *prelude, const edge_budget *budget, const guest_script *script);

/// Answers a request until it ends. `written` gets what the script wrote to the response stream and its result or error,
/// as messages; it is the same for two requests that went the same way. `slice_ns` as in `edge_input`.
edge_step guest_serve(edge_slot *slot, uint64_t slice_ns, bytes *written);

/// The same for an isolate that was built and not frozen.
edge_step guest_serve_unfrozen(edge_slot *slot, const edge_budget *budget, uint64_t slice_ns, bytes *written);

#endif
