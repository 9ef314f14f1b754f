#ifndef EDGE_LIB_URL_H
#define EDGE_LIB_URL_H

#include "libraries.h"

/* Names and values of one query, both ways. */
#define EDGE_URL_PAIRS_MAX 1000

int edge_url_build(lua_State *L);
int edge_url_parse(lua_State *L);
int edge_url_query(lua_State *L);
/* first_values(text) returns the first value of each name. */
int edge_url_first_values(lua_State *L);

/* Pushes the text with every byte but RFC 3986's unreserved ones as %XX. */
void edge_url_push_encoded(lua_State *L, const char *text, size_t length);

/* The byte that the two hexadecimal digits at `at` (of `left` bytes) stand for, or -1. */
int edge_url_hex_byte(const char *at, size_t left);

int edge_url_is_unreserved(char byte);

#endif
