#define _GNU_SOURCE 1

#include "isolate.h"

#include "guard.h"
#include "shared.h"

#include <alloca.h>
#include <string.h>
#include <sys/random.h>

// The life of an isolate: create, boot, enter an entry, step.

static const char entries_key[] = "edge.entries";
static const char task_key[] = "edge.task";

/// An error that reached no protected call: the isolate can't go on.
static int on_panic(lua_State *L) {
    edge_guard_kill(edge_isolate_of(L), EDGE_KILL_FAULT);
}

static void set_budget(edge_slot *slot, const edge_budget *budget) {
    edge_isolate *isolate = slot->isolate;
    size_t memory = budget->memory_bytes < slot->capacity ? (size_t)budget->memory_bytes : slot->capacity;
    size_t shared = edge_shared_bytes(isolate);
    edge_arena_set_limit(isolate, memory > shared ? memory - shared : 0, edge_memory_granted_heap(slot));
    isolate->cpu_ns = 0;
    isolate->cpu_limit_ns = budget->cpu_ns;
    isolate->wall_deadline_ns = budget->wall_deadline_ns;
    isolate->host_calls = 0;
    isolate->host_call_limit = budget->host_calls;
    isolate->message.limit = (size_t)budget->message_bytes;
    isolate->log.limit = budget->log_bytes;
}

static edge_step killed(edge_kill reason) {
    return (edge_step){.status = EDGE_KILLED, .reason = reason};
}

/// Lua 5.4.4 takes its hash seed from the address of a local, among others: another depth of the stack is another seed.
static lua_State *new_state_at_random_depth(edge_isolate *isolate) {
    uint16_t depth = 0;
    (void)!getrandom(&depth, sizeof depth, 0);
    volatile char *space = alloca((size_t)depth + 16);
    space[0] = 0;
    return lua_newstate(edge_building_lua_alloc, isolate);
}

/// The first of Lua's own buffers that outgrows its local array makes a metatable for all: here, rather than in each request.
static void outgrow_buffer(lua_State *L) {
    luaL_Buffer buffer;
    luaL_buffinitsize(L, &buffer, LUAL_BUFFERSIZE + 1);
    luaL_pushresultsize(&buffer, 0);
    lua_pop(L, 1);
}

static void create_body(edge_isolate *isolate, void *argument) {
    (void)argument;
    lua_State *L = new_state_at_random_depth(isolate);
    isolate->main = L;
    lua_atpanic(L, on_panic);
    *(uint64_t *)lua_getextraspace(L) = 0;
    // Once half awake, the collector must keep the heap well under the limit.
    lua_gc(L, LUA_GCINC, 120, 400, 13);
    edge_open_sandbox(L);
    outgrow_buffer(L);
}

edge_step edge_isolate_create(edge_slot *slot, const edge_budget *budget) {
    edge_isolate *isolate = slot->isolate;
    edge_guard_abandon(slot);
    edge_cold_end(slot);
    memset(isolate, 0, sizeof *isolate);
    slot->image_id = 0;
    slot->pristine = false;
    edge_memory_unbind(slot);
    edge_arena_init(isolate);
    if (slot->shared != NULL && edge_arena_can_share()) {
        edge_shared_init(isolate, slot->shared, edge_slot_shared_capacity(slot));
    }
    set_budget(slot, budget);
    isolate->building = true;
    (void)!getrandom(&isolate->address_key, sizeof isolate->address_key, 0);
    edge_kill reason = edge_guard_run(slot, 0, create_body, NULL);
    return reason == EDGE_KILL_NONE ? (edge_step){.status = EDGE_DONE} : killed(reason);
}

typedef struct boot_argument {
    const edge_prelude *prelude;
    const uint8_t *message;
    size_t message_length;
    bool ok;
} boot_argument;

/// Pushes the text of the error at the top of `L`, which it reads raw.
static void push_error_text(lua_State *L) {
    if (lua_type(L, -1) == LUA_TTABLE) {
        lua_pushliteral(L, "message");
        lua_rawget(L, -2);
        if (lua_type(L, -1) == LUA_TSTRING) {
            return;
        }
        lua_pop(L, 1);
    }
    if (lua_isstring(L, -1)) {
        lua_pushvalue(L, -1);
        lua_tostring(L, -1);
        return;
    }
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, -1));
}

/// Writes [text, traceback] of the error at the top of `failed`.
static void encode_failure(edge_isolate *isolate, lua_State *failed) {
    edge_buffer *message = &isolate->message;
    lua_State *L = isolate->main;
    lua_settop(L, 0);
    lua_checkstack(failed, 4);
    push_error_text(failed);
    size_t text_length;
    const char *text = lua_tolstring(failed, -1, &text_length);
    luaL_traceback(L, failed, NULL, 0);
    size_t trace_length;
    const char *trace = lua_tolstring(L, -1, &trace_length);
    size_t text_max = 64 * 1024;
    message->length = 0;
    edge_encode_array(isolate, message, 2);
    edge_encode_text(isolate, message, text, text_length < text_max ? text_length : text_max);
    edge_encode_text(isolate, message, trace, trace_length < text_max ? trace_length : text_max);
    lua_settop(L, 0);
}

static void boot_body(edge_isolate *isolate, void *argument) {
    boot_argument *boot = argument;
    lua_State *L = isolate->main;
    int status = edge_prelude_load(L, boot->prelude);
    if (status == LUA_OK) {
        const uint8_t *cursor = boot->message;
        edge_open_host(L);
        int count = edge_decode_members(L, &cursor, cursor + boot->message_length);
        status = lua_pcall(L, 1 + count, 1, 0);
    }
    boot->ok = status == LUA_OK && lua_istable(L, -1);
    if (boot->ok) {
        lua_setfield(L, LUA_REGISTRYINDEX, entries_key);
        // What the script makes is to lie where the prelude's garbage lies now, not behind it: the image is smaller.
        lua_gc(L, LUA_GCCOLLECT);
    } else {
        lua_State *failed = lua_newthread(L);
        lua_insert(L, -2);
        lua_xmove(L, failed, 1);
        encode_failure(isolate, failed);
    }
}

edge_step edge_isolate_boot(
    edge_slot *slot, const edge_prelude *prelude, const uint8_t *message, size_t message_length
) {
    edge_isolate *isolate = slot->isolate;
    boot_argument boot = {.prelude = prelude, .message = message, .message_length = message_length};
    edge_kill reason = edge_guard_run(slot, 0, boot_body, &boot);
    if (reason != EDGE_KILL_NONE) {
        return killed(reason);
    }
    if (boot.ok) {
        return (edge_step){.status = EDGE_DONE};
    }
    const edge_buffer *failure = &isolate->message;
    return (edge_step){.status = EDGE_FAILED, .message = failure->data, .length = failure->length};
}

void edge_isolate_leave(edge_isolate *isolate) {
    lua_State *L = isolate->main;
    lua_settop(L, 0);
    while (isolate->chain.depth > 0) {
        edge_chain_pop(isolate);
    }
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, task_key);
    isolate->task = NULL;
    isolate->target = NULL;
}

static void enter_body(edge_isolate *isolate, void *argument) {
    const char *entry = argument;
    lua_State *L = isolate->main;
    edge_isolate_leave(isolate);
    lua_State *task = lua_newthread(L);
    lua_setfield(L, LUA_REGISTRYINDEX, task_key);
    lua_getfield(L, LUA_REGISTRYINDEX, entries_key);
    if (lua_getfield(L, -1, entry) != LUA_TFUNCTION) {
        edge_guard_kill(isolate, EDGE_KILL_FAULT);
    }
    lua_xmove(L, task, 1);
    lua_settop(L, 0);
    isolate->task = task;
    isolate->started = false;
    isolate->nested = 0;
    edge_chain_push(isolate, task);
}

edge_step edge_isolate_enter(edge_slot *slot, const char *entry, const edge_budget *budget) {
    set_budget(slot, budget);
    edge_kill reason = edge_guard_run(slot, 0, enter_body, (void *)entry);
    return reason == EDGE_KILL_NONE ? (edge_step){.status = EDGE_DONE} : killed(reason);
}

/// Writes the results on top of the task's stack as an array; false where one can't be passed (a failure is written).
static bool encode_results(edge_isolate *isolate, int count) {
    lua_State *task = isolate->task;
    edge_buffer *message = &isolate->message;
    message->length = 0;
    edge_encode_array(isolate, message, (uint32_t)count);
    int first = lua_gettop(task) - count + 1;
    lua_checkstack(task, 8);
    for (int i = 0; i < count; i++) {
        const char *problem = edge_encode(isolate, message, task, first + i, isolate->building);
        if (problem != NULL) {
            lua_pushfstring(task, "the result can't be used: %s", problem);
            encode_failure(isolate, task);
            return false;
        }
    }
    return true;
}

/// Pushes the arguments of the entry. From the step's beginning to the end of this the guest can't be stopped.
static int decode_arguments(edge_isolate *isolate) {
    const uint8_t *cursor = isolate->input;
    int count = edge_decode_members(isolate->task, &cursor, cursor + isolate->input_length);
    isolate->unstoppable = false;
    return count;
}

static void step_body(edge_isolate *isolate, void *argument) {
    edge_step *step = argument;
    int argument_count = 0;
    int result_count = 0;
    if (!isolate->started) {
        isolate->started = true;
        argument_count = decode_arguments(isolate);
    }
    isolate->message.length = 0;
    switch (edge_run_chain(isolate, 0, NULL, argument_count, &result_count)) {
    case EDGE_RUN_CALL:
        step->status = EDGE_CALL;
        break;
    case EDGE_RUN_ENDED:
    case EDGE_RUN_YIELDED:
        step->status = encode_results(isolate, result_count) ? EDGE_DONE : EDGE_FAILED;
        break;
    case EDGE_RUN_ERROR:
        encode_failure(isolate, isolate->task);
        step->status = EDGE_FAILED;
        break;
    }
}

edge_step edge_isolate_step(edge_slot *slot, const edge_input *input) {
    edge_isolate *isolate = slot->isolate;
    if (!edge_guard_is_parked(slot)) {
        isolate->input = input->message;
        isolate->input_length = input->length;
        isolate->unix_ms = input->unix_ms;
        slot->step = (edge_step){.status = EDGE_DONE};
    }
    edge_kill reason = edge_guard_run(slot, input->slice_ns, step_body, &slot->step);
    if (reason != EDGE_KILL_NONE) {
        return killed(reason);
    }
    isolate->input = NULL;
    isolate->input_length = 0;
    if (edge_guard_is_parked(slot)) {
        return (edge_step){.status = EDGE_PREEMPTED};
    }
    slot->step.message = isolate->message.data;
    slot->step.length = isolate->message.length;
    return slot->step;
}

edge_usage edge_isolate_usage(const edge_slot *slot) {
    const edge_isolate *isolate = slot->isolate;
    // After a fault the heap may hold anything.
    size_t heap = isolate->arena.peak - (uintptr_t)isolate + isolate->shared_bytes;
    return (edge_usage){
        .cpu_ns = isolate->cpu_ns,
        .heap_bytes = heap < slot->capacity ? heap : slot->capacity,
        .host_calls = isolate->host_calls,
        .log_dropped = isolate->log_dropped,
    };
}

const uint8_t *edge_isolate_log(const edge_slot *slot, size_t *length) {
    // After a fault the heap may hold anything: the host reads inside the slot only.
    const uint8_t *data = slot->isolate->log.data;
    size_t committed = slot->isolate->log_committed;
    size_t offset = (uintptr_t)data - (uintptr_t)slot->isolate;
    bool inside = offset < slot->capacity && committed <= slot->capacity - offset;
    *length = inside ? committed : 0;
    return data;
}

void edge_isolate_charge(edge_slot *slot, uint64_t cpu_ns) {
    slot->isolate->cpu_ns += cpu_ns;
}

void edge_isolate_clear_log(edge_slot *slot) {
    slot->isolate->log_committed = 0;
    slot->isolate->log_dropped = 0;
}

void edge_isolate_restore(edge_slot *slot, const edge_budget *budget) {
    edge_guard_abandon(slot);
    edge_slot_make_pristine(slot);
    set_budget(slot, budget);
}
