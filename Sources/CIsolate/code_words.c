#define _GNU_SOURCE 1

#include "executable.h"
#include "isolate.h"

#include <pthread.h>
#include <stdlib.h>

// Which addresses of the executable a heap may hold: those of C functions, and a few of tables. Not all are known by name, as
// Lua's own are static. So they are gathered: the functions of Lua's libraries, as those that the sandbox removed leave dead words
// behind, and all words of a heap that holds whatever a script can get at. A word of another heap that lies in the executable and
// is not among these is text or a number, and that image is not kept: neither is a word changed that was no pointer, nor a pointer
// left behind.

static const char census_text[] =
    "local host = ...\n"
    "local kept = { host, coroutine.wrap(print), coroutine.wrap(coroutine.yield) }\n"
    "local function keep(...) kept[#kept + 1] = { ... } end\n"
    "local function suspend(f, ...)\n"
    "  local thread = coroutine.create(f)\n"
    "  keep(thread, coroutine.resume(thread, ...))\n"
    "end\n"
    "local call = host.bind(1, '', true)\n"
    "local function yielding(name) return setmetatable({}, { [name] = coroutine.yield }) end\n"
    "return {\n"
    "  census = function()\n"
    "    keep(call, string.gmatch('', ''), (ipairs{}), (pairs{}), (utf8.codes('')), (utf8.codes('', true)))\n"
    // Too long for a buffer on the stack.
    "    keep(string.rep('-', 65536))\n"
    "    suspend(coroutine.yield)\n"
    "    suspend(pcall, coroutine.yield)\n"
    "    suspend(xpcall, coroutine.yield, print)\n"
    "    suspend(function() for _ in pairs(yielding('__pairs')) do end end)\n"
    "    suspend(function() for _ in coroutine.wrap(function() coroutine.yield(1) end) do coroutine.yield() end end)\n"
    "    suspend(function() suspend(coroutine.yield) pcall(suspend, coroutine.yield) coroutine.yield() end)\n"
    // Last: the heap is frozen while these wait for the resumed, the wrapped, and the host.
    "    suspend(coroutine.wrap(function() suspend(call) end))\n"
    "  end,\n"
    "}\n";

static const edge_budget census_budget = {
    .cpu_ns = (uint64_t)10 * 1000 * 1000 * 1000,
    .memory_bytes = 16 << 20,
    .message_bytes = 1 << 20,
    .host_calls = 10,
    .log_bytes = 1 << 10,
};

static uintptr_t *words;
static size_t word_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int compare(const void *left, const void *right) {
    const uintptr_t a = *(const uintptr_t *)left;
    const uintptr_t b = *(const uintptr_t *)right;
    return (a > b) - (a < b);
}

/// Room for so many more words; false without memory.
static bool reserve(size_t count) {
    uintptr_t *grown = realloc(words, (word_count + count) * sizeof *words);
    if (grown == NULL) {
        return false;
    }
    words = grown;
    return true;
}

static void add_if_code(uintptr_t word) {
    const edge_executable *executable = edge_executable_self();
    if (word - executable->start < executable->end - executable->start) {
        words[word_count++] = word;
    }
}

/// Adds the functions of the table at the top of the stack.
static bool add_functions(lua_State *L) {
    bool has_room = true;
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        const lua_CFunction function = lua_tocfunction(L, -1);
        if (function != NULL && has_room) {
            has_room = reserve(1);
            if (has_room) {
                add_if_code((uintptr_t)function);
            }
        }
        lua_pop(L, 1);
    }
    return has_room;
}

static int add_libraries(lua_State *L) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},       {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_DBLIBNAME, luaopen_debug},
    };
    bool has_room = true;
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 0);
        has_room = has_room && add_functions(L);
    }
    lua_pushliteral(L, "");
    has_room = has_room && lua_getmetatable(L, -1) != 0 && add_functions(L);
    lua_pushboolean(L, has_room);
    return 1;
}

/// In a state of its own, in the host's memory.
static bool take_libraries(void) {
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        return false;
    }
    lua_pushcfunction(L, add_libraries);
    const bool is_done = lua_pcall(L, 0, 1, 0) == LUA_OK && lua_toboolean(L, -1);
    lua_close(L);
    return is_done;
}

static edge_image *freeze_census(edge_slot *slot) {
    static const uint8_t no_values[] = {EDGE_TAG_ARRAY, 0, 0, 0, 0};
    const edge_input input = {.message = no_values, .length = sizeof no_values};
    // Never freed, as every prelude; this is made once, and LeakSanitizer is to find it.
    static const edge_prelude *volatile kept;
    kept = edge_prelude_compile(census_text, sizeof census_text - 1);
    const edge_prelude *prelude = kept;
    if (prelude == NULL || edge_isolate_create(slot, &census_budget).status != EDGE_DONE ||
        edge_isolate_boot(slot, prelude, no_values, sizeof no_values).status != EDGE_DONE ||
        edge_isolate_enter(slot, "census", &census_budget).status != EDGE_DONE ||
        edge_isolate_step(slot, &input).status != EDGE_CALL) {
        return NULL;
    }
    edge_freeze outcome;
    return edge_isolate_freeze(slot, "census", &outcome);
}

static bool take_heap(edge_slot *slot) {
    edge_image *image = freeze_census(slot);
    if (image == NULL) {
        return false;
    }
    const size_t count = image->size / sizeof(uintptr_t);
    const bool has_room = reserve(count);
    for (size_t i = 0; has_room && i < count; i++) {
        add_if_code(((const uintptr_t *)image->bytes)[i]);
    }
    edge_image_free(image);
    return has_room;
}

static void remove_repeated(void) {
    qsort(words, word_count, sizeof *words, compare);
    size_t unique = 0;
    for (size_t i = 0; i < word_count; i++) {
        if (unique == 0 || words[unique - 1] != words[i]) {
            words[unique++] = words[i];
        }
    }
    word_count = unique;
}

static void take_census(void) {
    edge_slot *slot = edge_slot_acquire(EDGE_SLOT_CAPACITY, true);
    if (slot == NULL) {
        return;
    }
    if (take_libraries() && take_heap(slot)) {
        remove_repeated();
    } else {
        // A part of them would do harm no more than none.
        word_count = 0;
    }
    edge_slot_release(slot);
}

const uintptr_t *edge_code_words(size_t *count) {
    pthread_once(&once, take_census);
    *count = word_count;
    return words;
}
