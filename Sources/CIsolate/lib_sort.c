#include "lib_sort.h"

#include <string.h>

/* A key and where it stands in the unsorted array, which keeps it alive. */
typedef struct Entry {
    const char *bytes;
    size_t length;
    lua_Integer place;
} Entry;

static int precedes(const Entry *a, const Entry *b) {
    const size_t shared = a->length < b->length ? a->length : b->length;
    const int order = memcmp(a->bytes, b->bytes, shared);
    return order != 0 ? order < 0 : a->length < b->length;
}

static void sift_down(Entry *entries, size_t root, size_t count) {
    const Entry moving = entries[root];
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && precedes(&entries[child], &entries[child + 1])) {
            child++;
        }
        if (!precedes(&moving, &entries[child])) {
            break;
        }
        entries[root] = entries[child];
        root = child;
    }
    entries[root] = moving;
}

/* Heap sort: in place and without recursion; qsort allocates. */
static void sort(Entry *entries, size_t count) {
    for (size_t root = count / 2; root > 0; root--) {
        sift_down(entries, root - 1, count);
    }
    for (size_t last = count; last > 1; last--) {
        const Entry largest = entries[0];
        entries[0] = entries[last - 1];
        entries[last - 1] = largest;
        sift_down(entries, 0, last - 1);
    }
}

lua_Integer edge_push_sorted_keys(lua_State *L, int index) {
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) {
            return -1;
        }
        count++;
    }
    const int presize = count < 1 << 16 ? (int)count : 1 << 16;
    lua_createtable(L, presize, 0);
    lua_createtable(L, presize, 0);
    const int keys = lua_gettop(L);
    Entry *entries = lua_newuserdatauv(L, (size_t)count * sizeof(Entry), 0);
    lua_Integer place = 0;
    lua_pushnil(L);
    /* The collector may have emptied entries of a weak table since they were counted; it can't have added any. */
    while (place < count && lua_next(L, index)) {
        lua_pop(L, 1);
        Entry *entry = &entries[place++];
        entry->bytes = lua_tolstring(L, -1, &entry->length);
        entry->place = place;
        lua_pushvalue(L, -1);
        lua_rawseti(L, keys, place);
    }
    lua_settop(L, keys + 1);
    sort(entries, (size_t)place);
    for (lua_Integer i = 0; i < place; i++) {
        lua_rawgeti(L, keys, entries[i].place);
        lua_rawseti(L, keys - 1, i + 1);
    }
    lua_settop(L, keys - 1);
    return place;
}
