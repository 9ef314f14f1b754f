#ifndef EDGE_LIB_OS_H
#define EDGE_LIB_OS_H

#include "lib_calendar.h"
#include "libraries.h"

/* Pushes the text of strftime's `format` in the C locale; a bad conversion is an error of argument 1. */
void edge_os_push_date(lua_State *L, const char *format, size_t length, const Calendar *calendar);

#endif
