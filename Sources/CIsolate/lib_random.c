#include "libraries.h"

#include <assert.h>

/*
 * xoshiro256** (Blackman and Vigna). The state belongs to the host, which seeds it anew after each restore: kept in a
 * Lua value it would be part of the image, and every request would draw the same numbers.
 */
static uint64_t rotate_left(uint64_t word, int count) {
    return word << count | word >> (64 - count);
}

static uint64_t next_word(uint64_t state[4]) {
    const uint64_t result = rotate_left(state[1] * 5, 7) * 9;
    const uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return result;
}

/* Without bias: words are cut to the bits of `limit` and drawn again until one is in [0, limit]. */
static uint64_t project(uint64_t word, uint64_t limit, uint64_t state[4]) {
    const uint64_t mask = limit == 0 ? 0 : UINT64_MAX >> __builtin_clzll(limit);
    while ((word & mask) > limit) {
        word = next_word(state);
    }
    return word & mask;
}

static int math_random(lua_State *L) {
    uint64_t *state = edge_host_random_state(L);
    const uint64_t word = next_word(state);
    lua_Integer low = 1;
    lua_Integer high = 0;
    switch (lua_gettop(L)) {
        case 0:
            lua_pushnumber(L, (lua_Number)(word >> 11) * 0x1p-53);
            return 1;
        case 1:
            high = luaL_checkinteger(L, 1);
            if (high == 0) {
                lua_pushinteger(L, (lua_Integer)word);
                return 1;
            }
            break;
        case 2:
            low = luaL_checkinteger(L, 1);
            high = luaL_checkinteger(L, 2);
            break;
        default:
            return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, 1, "interval is empty");
    const uint64_t offset = project(word, (uint64_t)high - (uint64_t)low, state);
    lua_pushinteger(L, (lua_Integer)(offset + (uint64_t)low));
    return 1;
}

/* Lua's own way from a seed to a state, so that a seed gives the numbers it gives elsewhere. */
static void seed(uint64_t state[4], uint64_t first, uint64_t second) {
    state[0] = first;
    state[1] = 0xFF;
    state[2] = second;
    state[3] = 0;
    for (int i = 0; i < 16; i++) {
        next_word(state);
    }
}

static int math_randomseed(lua_State *L) {
    uint64_t seeds[2] = {0, 0};
    if (lua_isnone(L, 1)) {
        edge_host_entropy(L, seeds, sizeof seeds);
    } else {
        seeds[0] = (uint64_t)luaL_checkinteger(L, 1);
        seeds[1] = (uint64_t)luaL_optinteger(L, 2, 0);
    }
    seed(edge_host_random_state(L), seeds[0], seeds[1]);
    lua_pushinteger(L, (lua_Integer)seeds[0]);
    lua_pushinteger(L, (lua_Integer)seeds[1]);
    return 2;
}

int edge_open_random(lua_State *L) {
    static const luaL_Reg functions[] = {{"random", math_random}, {"randomseed", math_randomseed}, {NULL, NULL}};
    assert(lua_istable(L, -1));
    luaL_setfuncs(L, functions, 0);
    return 1;
}
