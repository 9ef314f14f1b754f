#ifndef EDGE_LIB_SORT_H
#define EDGE_LIB_SORT_H

#include "libraries.h"

/*
 * Pushes an array of the keys of the table at the absolute `index`, sorted by bytes, and returns their number. When a
 * key is no string it pushes that key instead and returns -1. Needs six free stack slots.
 */
lua_Integer edge_push_sorted_keys(lua_State *L, int index);

#endif
