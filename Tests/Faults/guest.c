#include "guest.h"

#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The names of `HostOperation.swift`, as `run` found them; an operation's number is its place.
static const char *const operations[] = {
#include "operations.inc"
};
enum { OPERATIONS = sizeof operations / sizeof *operations, LARGE_REPLY = 200 * 1024 };

guest_script guest_read(const char *path) {
    FILE *file = fopen(path, "rb");
    bytes text = {0};
    char part[65536];
    size_t count;
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    while ((count = fread(part, 1, sizeof part, file)) > 0) {
        bytes_append(&text, part, count);
    }
    fclose(file);
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash != NULL ? slash + 1 : path);
    name[strcspn(name, ".")] = 0;
    guest_script script = {.name = name, .length = text.length};
    bytes_append(&text, "", 1);
    script.text = (char *)text.data;
    return script;
}

void guest_script_free(guest_script *script) {
    free(script->name);
    free(script->text);
}

uint64_t guest_limit(const guest_script *script, const char *field, uint64_t otherwise) {
    const char *place = strstr(script->text, "limits = {");
    const char *end = place != NULL ? strchr(place, '}') : NULL;
    place = place != NULL ? strstr(place, field) : NULL;
    unsigned long long value;
    if (place == NULL || place > end || sscanf(place + strlen(field), " = %llu", &value) != 1) {
        return otherwise;
    }
    return value;
}

static const char *operation_name(const edge_step *step) {
    return step->length > 0 && step->message[0] < OPERATIONS ? operations[step->message[0]] : "";
}

static void reply_to(const edge_step *step, bytes *reply, bytes *written) {
    const char *name = operation_name(step);
    reply->length = 0;
    put_byte(reply, EDGE_REPLY_VALUES);
    if (strcmp(name, "write") == 0) {
        bytes_append(written, step->message, step->length);
        put_array(reply, 0);
    } else if (strcmp(name, "module") == 0) {
        put_array(reply, 2);
        put_text(reply, "return { name = ... }");
        put_text(reply, "module.lua");
    } else if (strcmp(name, "request.text") == 0) {
        put_array(reply, 1);
        put_text(reply, "a=1&b=2");
    } else if (strcmp(name, "kv.get") == 0) {
        put_array(reply, 3);
        put_filler(reply, LARGE_REPLY);
        put_nil(reply);
        put_integer(reply, 7);
    } else if (strcmp(name, "kv.list") == 0 || strcmp(name, "kv.get_many") == 0 ||
               strcmp(name, "request.multipart") == 0) {
        put_array(reply, 1);
        put_array(reply, 0);
    } else if (strcmp(name, "kv.increment") == 0 || strcmp(name, "context.remaining") == 0) {
        put_array(reply, 1);
        put_integer(reply, 41);
    } else if (strcmp(name, "kv.delete") == 0 || strcmp(name, "secret") == 0) {
        reply->length = 0;
        put_byte(reply, EDGE_REPLY_ERROR);
        put_text(reply, "the host refuses");
    } else {
        put_array(reply, 0);
    }
}

/// Steps until the entry ends; `arguments` are those of the entry.
static edge_step run(edge_slot *slot, uint64_t slice_ns, const bytes *arguments, bytes *written) {
    bytes reply = {0};
    edge_input input = {arguments->data, arguments->length, .unix_ms = 1750000000000, .slice_ns = slice_ns};
    edge_step step;
    for (;;) {
        step = edge_isolate_step(slot, &input);
        input.message = NULL;
        input.length = 0;
        if (step.status == EDGE_CALL) {
            reply_to(&step, &reply, written);
            input.message = reply.data;
            input.length = reply.length;
            input.unix_ms++;
        } else if (step.status != EDGE_PREEMPTED) {
            break;
        }
    }
    if (step.status == EDGE_FAILED || step.status == EDGE_DONE) {
        bytes_append(written, step.message, step.length);
    }
    bytes_free(&reply);
    return step;
}

static edge_step run_entry(edge_slot *slot, const char *entry, const edge_budget *budget, const bytes *arguments) {
    edge_step step = edge_isolate_enter(slot, entry, budget);
    if (step.status == EDGE_DONE) {
        bytes written = {0};
        step = run(slot, 0, arguments, &written);
        bytes_free(&written);
    }
    return step;
}

edge_step guest_build(
    edge_slot *slot, const edge_prelude *prelude, const edge_budget *budget, const guest_script *script
) {
    bytes message = {0};
    put_array(&message, 1);
    put_table(&message, OPERATIONS);
    for (int64_t i = 0; i < OPERATIONS; i++) {
        put_text(&message, operations[i]);
        put_integer(&message, i);
    }
    edge_step step = edge_isolate_create(slot, budget);
    if (step.status == EDGE_DONE) {
        step = edge_isolate_boot(slot, prelude, message.data, message.length);
    }
    if (step.status == EDGE_DONE) {
        message.length = 0;
        put_array(&message, 2);
        put_text(&message, script->name);
        put_string(&message, script->text, script->length);
        step = run_entry(slot, "load", budget, &message);
    }
    if (step.status == EDGE_DONE) {
        message.length = 0;
        put_array(&message, 3);
        put_table(&message, 1);
        put_text(&message, "GREETING");
        put_text(&message, "hello");
        put_array(&message, 2);
        put_text(&message, "KV");
        put_text(&message, "HONEST");
        put_array(&message, 1);
        put_text(&message, "SECRET");
        step = run_entry(slot, "configure", budget, &message);
    }
    bytes_free(&message);
    return step;
}

/// A request as `EventMessage.swift` writes it, with a body too large to come along.
static void put_event(bytes *message) {
    bytes request = {0};
    static const char *const fields[] = {"POST", "http", "localhost:8080", "/path/of/it", "round=1&q=%C3%A9", "1.1", "::1"};
    static const char *const headers[] = {
        "content-type", "application/x-www-form-urlencoded", "cookie", "a=1; b=\"2\"", "x-one", "1", "x-one", "2",
    };
    put_array(&request, 10);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        put_text(&request, fields[i]);
    }
    put_array(&request, sizeof headers / sizeof *headers);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        put_text(&request, headers[i]);
    }
    put_table(&request, 1);
    put_text(&request, "name");
    put_text(&request, "value");
    put_text(&request, "0123456789abcdef");
    put_array(message, 3);
    put_text(message, "fetch");
    put_string(message, (const char *)request.data, request.length);
    put_nil(message);
    bytes_free(&request);
}

edge_step guest_serve(edge_slot *slot, uint64_t slice_ns, bytes *written) {
    bytes message = {0};
    put_event(&message);
    written->length = 0;
    edge_step step = run(slot, slice_ns, &message, written);
    bytes_free(&message);
    return step;
}

edge_step guest_serve_unfrozen(edge_slot *slot, const edge_budget *budget, uint64_t slice_ns, bytes *written) {
    edge_step step = edge_isolate_enter(slot, "dispatch", budget);
    return step.status == EDGE_DONE ? guest_serve(slot, slice_ns, written) : step;
}
