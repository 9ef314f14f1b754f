#ifndef EDGE_LIB_JSON_H
#define EDGE_LIB_JSON_H

#include "libraries.h"

/* Nesting of arrays and objects, both ways. It bounds the C recursion, and it is what catches a cycle. */
#define EDGE_JSON_DEPTH_MAX 128

/* Every function of the library has these upvalues. */
#define EDGE_JSON_UPVALUES 2
#define EDGE_JSON_ARRAY_META lua_upvalueindex(1)
#define EDGE_JSON_NUMBER_META lua_upvalueindex(2)

#define EDGE_JSON_NUMBER "json.number"

/* Room for any integer or float as text, the terminator included. */
#define EDGE_JSON_NUMBER_SIZE 32

int edge_json_decode(lua_State *L);
int edge_json_encode(lua_State *L);

/* Pushes the object that keeps the number `text` of `length` bytes exact. */
void edge_json_push_number(lua_State *L, const char *text, size_t length);

/* Whether the whole of a NUL-terminated text is one JSON number. */
int edge_json_is_number(const char *text, size_t length);

/* Writes the shortest text that reads back as the same number; returns its length. The float must be finite. */
size_t edge_json_format_integer(char *out, lua_Integer value);
size_t edge_json_format_float(char *out, double value);
size_t edge_json_format_unsigned(char *out, uint64_t value);

/* lib_json_float.c: the same for floats of ordinary size that are not negative; 0 for another. */
size_t edge_json_format_decimal(char *out, double value);

/* The double nearest to mantissa * 10^exponent, for exponents from -27 to 27. */
double edge_json_nearest_float(uint64_t mantissa, int exponent);

#endif
