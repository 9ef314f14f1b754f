#ifndef EDGE_LIBRARIES_H
#define EDGE_LIBRARIES_H

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <stddef.h>
#include <stdint.h>

#if LUA_VERSION_NUM != 504
#error "the libraries of CIsolate are written for Lua 5.4"
#endif

/*
 * Libraries that need no host call. A signal may jump out of any of them at any instruction and discard the heap, so
 * they keep to three rules: memory comes from the Lua API alone; no static object is ever written; of libc only mem*,
 * str*, strtod, snprintf and libm are called. User tables are read raw: no metamethod runs and nothing yields, but for
 * `__tostring` and `__name` in lib_text.c.
 */

/* Each pushes the library's table, as luaopen_* does, and returns 1. */
int edge_open_base64(lua_State *L);
int edge_open_hex(lua_State *L);
int edge_open_html(lua_State *L);
int edge_open_json(lua_State *L);
int edge_open_os(lua_State *L);
int edge_open_url(lua_State *L);

/* Replaces `random` and `randomseed` in the table at the top of the stack (`math`), which stays there; returns 1. */
int edge_open_random(lua_State *L);

/* Replaces Lua's own `format` in the table at the top of the stack (`string`), which stays there; returns 1. */
int edge_open_text(lua_State *L);

/* Lua's `tostring` without addresses: objects print as `table: 0x1a2b3c4d`, where the number only tells them apart. */
int edge_safe_tostring(lua_State *L);

/* As luaL_tolstring, without addresses: pushes the text of the value at `index` and returns it. */
const char *edge_safe_tolstring(lua_State *L, int index, size_t *length);

/* Registry name of the metatable that marks a table as a JSON array. */
#define EDGE_JSON_ARRAY "json.array"

/* What the core provides. */
int64_t edge_host_unix_ms(lua_State *L);            /* wall clock, milliseconds since 1970-01-01 UTC */
double edge_host_cpu_seconds(lua_State *L);         /* CPU time of this request, seconds */
uint64_t *edge_host_random_state(lua_State *L);     /* four words in the arena, seeded and not all zero */
uint64_t edge_host_address_key(lua_State *L);       /* secret of this image */
void edge_host_entropy(lua_State *L, void *bytes, size_t count);

#endif
