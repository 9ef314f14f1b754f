// What an instance costs in wasmtime, embedded in a process: instantiate, call and drop, with its pooling allocator and
// copy-on-write images, which is its fastest way. The library is loaded from a path, and so needs no headers to compile.
//
// wasmtime LIBRARY ROUNDS SAMPLES: prints a line of ns for each round, the median of its samples.

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The parts of wasmtime's C interface that are used, as its documentation describes them.
typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasmtime_error_t wasmtime_error_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasmtime_pooling_allocation_config_t pooling_t;
typedef struct wasmtime_module_t module_t;
typedef struct wasmtime_store_t store_t;
typedef struct wasmtime_context_t context_t;
typedef struct wasmtime_linker_t linker_t;
typedef struct wasmtime_instance_pre_t instance_pre_t;
typedef struct wasmtime_instance {
    uint64_t store_id;
    size_t index;
} instance_t;
/// Large enough for any item that a module exports.
typedef struct wasmtime_extern {
    uint8_t kind;
    uint64_t of[8];
} extern_t;
/// Large enough for any value.
typedef struct wasmtime_val {
    uint64_t words[4];
} value_t;
typedef struct wasm_byte_vec_t {
    size_t size;
    char *data;
} bytes_t;

static void *library;

static void *find(const char *name) {
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "wasmtime: the library has no %s\n", name);
        exit(1);
    }
    return found;
}

#define IMPORT(result, name, ...) result (*name)(__VA_ARGS__) = (result (*)(__VA_ARGS__))find(#name)

static void check(wasmtime_error_t *error, const char *what) {
    if (error != NULL) {
        bytes_t text;
        IMPORT(void, wasmtime_error_message, wasmtime_error_t *, bytes_t *);
        wasmtime_error_message(error, &text);
        fprintf(stderr, "wasmtime: %s: %.*s\n", what, (int)text.size, text.data);
        exit(1);
    }
}

/// One page of memory with five bytes of data; `run` reads them.
static const char module_text[] =
    "(module (memory 1) (data (i32.const 8) \"hello\") (func (export \"run\") (result i32) (i32.load (i32.const 8))))";

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static wasm_engine_t *make_engine(void) {
    IMPORT(wasm_config_t *, wasm_config_new, void);
    IMPORT(wasm_engine_t *, wasm_engine_new_with_config, wasm_config_t *);
    IMPORT(pooling_t *, wasmtime_pooling_allocation_config_new, void);
    IMPORT(void, wasmtime_pooling_allocation_strategy_set, wasm_config_t *, pooling_t *);
    IMPORT(void, wasmtime_pooling_allocation_config_linear_memory_keep_resident_set, pooling_t *, size_t);
    wasm_config_t *config = wasm_config_new();
    pooling_t *pooling = wasmtime_pooling_allocation_config_new();
    // What was written is put back by copying, without a system call: the faster way for the little that is.
    wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pooling, 1 << 20);
    wasmtime_pooling_allocation_strategy_set(config, pooling);
    return wasm_engine_new_with_config(config);
}

static module_t *make_module(wasm_engine_t *engine) {
    IMPORT(wasmtime_error_t *, wasmtime_wat2wasm, const char *, size_t, bytes_t *);
    IMPORT(wasmtime_error_t *, wasmtime_module_new, wasm_engine_t *, const uint8_t *, size_t, module_t **);
    bytes_t code;
    module_t *module;
    check(wasmtime_wat2wasm(module_text, sizeof module_text - 1, &code), "wat2wasm");
    check(wasmtime_module_new(engine, (const uint8_t *)code.data, code.size, &module), "module");
    return module;
}

int main(int count, char **arguments) {
    if (count != 4 || (library = dlopen(arguments[1], RTLD_NOW)) == NULL) {
        fprintf(stderr, "usage: wasmtime LIBRARY ROUNDS SAMPLES\n%s\n", count == 4 ? dlerror() : "");
        return 2;
    }
    int rounds = atoi(arguments[2]), samples = atoi(arguments[3]);
    IMPORT(linker_t *, wasmtime_linker_new, wasm_engine_t *);
    IMPORT(wasmtime_error_t *, wasmtime_linker_instantiate_pre, const linker_t *, const module_t *, instance_pre_t **);
    IMPORT(wasmtime_error_t *, wasmtime_instance_pre_instantiate, const instance_pre_t *, context_t *, instance_t *, wasm_trap_t **);
    IMPORT(store_t *, wasmtime_store_new, wasm_engine_t *, void *, void (*)(void *));
    IMPORT(context_t *, wasmtime_store_context, store_t *);
    IMPORT(void, wasmtime_store_delete, store_t *);
    IMPORT(bool, wasmtime_instance_export_get, context_t *, const instance_t *, const char *, size_t, extern_t *);
    IMPORT(wasmtime_error_t *, wasmtime_func_call, context_t *, const void *, const value_t *, size_t, value_t *, size_t, wasm_trap_t **);
    wasm_engine_t *engine = make_engine();
    instance_pre_t *ready;
    check(wasmtime_linker_instantiate_pre(wasmtime_linker_new(engine), make_module(engine), &ready), "instantiate_pre");
    uint64_t *times = calloc((size_t)samples, sizeof *times);
    if (times == NULL || samples < 1) {
        return 2;
    }
    for (int round = -1; round < rounds; round++) {
        for (int i = 0; i < samples; i++) {
            instance_t instance;
            wasm_trap_t *trap = NULL;
            extern_t run = {0};
            value_t result = {{0}};
            uint64_t start = now();
            store_t *store = wasmtime_store_new(engine, NULL, NULL);
            context_t *context = wasmtime_store_context(store);
            check(wasmtime_instance_pre_instantiate(ready, context, &instance, &trap), "instantiate");
            if (!wasmtime_instance_export_get(context, &instance, "run", 3, &run)) {
                return 1;
            }
            check(wasmtime_func_call(context, run.of, NULL, 0, &result, 1, &trap), "call");
            wasmtime_store_delete(store);
            times[i] = now() - start;
        }
        qsort(times, (size_t)samples, sizeof *times, compare);
        if (round >= 0) {
            // The first round warms up.
            printf("%llu\n", (unsigned long long)times[samples / 2]);
        }
    }
    return 0;
}
