#include "lib_os.h"

#include <stdio.h>
#include <string.h>

/* Room for the longest number, a year of ten digits and its sign, and to spare. */
#define CONVERSION_MAX 64

static const char *const week_days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

static int century(int64_t year) {
    return (int)(year / 100 - (year % 100 < 0));
}

static int year_of_century(int64_t year) {
    return (int)(year - 100 * (int64_t)century(year));
}

/* Conversions that stand for others, or NULL. */
static const char *composite(char conversion) {
    switch (conversion) {
        case 'c': return "%a %b %e %H:%M:%S %Y";
        case 'D': case 'x': return "%m/%d/%y";
        case 'F': return "%Y-%m-%d";
        case 'r': return "%I:%M:%S %p";
        case 'R': return "%H:%M";
        case 'T': case 'X': return "%H:%M:%S";
        default: return NULL;
    }
}

static int format_iso(char *out, char conversion, const Calendar *c) {
    int64_t year;
    const int week = edge_calendar_iso_week(c, &year);
    switch (conversion) {
        case 'g': return snprintf(out, CONVERSION_MAX, "%02d", year_of_century(year));
        case 'G': return snprintf(out, CONVERSION_MAX, "%lld", (long long)year);
        default: return snprintf(out, CONVERSION_MAX, "%02d", week);
    }
}

/* The length of the text of a conversion that is one number. 0: it is none. */
static int format_number(char *out, char conversion, const Calendar *c) {
    const size_t size = CONVERSION_MAX;
    switch (conversion) {
        case 'C': return snprintf(out, size, "%02d", century(c->year));
        case 'd': return snprintf(out, size, "%02d", c->day);
        case 'e': return snprintf(out, size, "%2d", c->day);
        case 'g': case 'G': case 'V': return format_iso(out, conversion, c);
        case 'H': return snprintf(out, size, "%02d", c->hour);
        case 'I': return snprintf(out, size, "%02d", (c->hour + 11) % 12 + 1);
        case 'j': return snprintf(out, size, "%03d", c->year_day);
        case 'm': return snprintf(out, size, "%02d", c->month);
        case 'M': return snprintf(out, size, "%02d", c->minute);
        case 'S': return snprintf(out, size, "%02d", c->second);
        case 'u': return snprintf(out, size, "%d", (c->week_day + 6) % 7 + 1);
        case 'U': return snprintf(out, size, "%02d", (c->year_day + 6 - c->week_day) / 7);
        case 'w': return snprintf(out, size, "%d", c->week_day);
        case 'W': return snprintf(out, size, "%02d", (c->year_day + 6 - (c->week_day + 6) % 7) / 7);
        case 'y': return snprintf(out, size, "%02d", year_of_century(c->year));
        case 'Y': return snprintf(out, size, "%lld", (long long)c->year);
        default: return 0;
    }
}

/* Adds a conversion that is a word; 0: it is none. */
static int add_word(luaL_Buffer *buffer, char conversion, const Calendar *c) {
    switch (conversion) {
        case 'a': luaL_addlstring(buffer, week_days[c->week_day], 3); return 1;
        case 'A': luaL_addstring(buffer, week_days[c->week_day]); return 1;
        case 'b': case 'h': luaL_addlstring(buffer, months[c->month - 1], 3); return 1;
        case 'B': luaL_addstring(buffer, months[c->month - 1]); return 1;
        case 'n': luaL_addchar(buffer, '\n'); return 1;
        case 'p': luaL_addstring(buffer, c->hour < 12 ? "AM" : "PM"); return 1;
        case 't': luaL_addchar(buffer, '\t'); return 1;
        case 'z': luaL_addstring(buffer, "+0000"); return 1;
        case 'Z': luaL_addstring(buffer, "GMT"); return 1;
        case '%': luaL_addchar(buffer, '%'); return 1;
        default: return 0;
    }
}

static int add_simple(luaL_Buffer *buffer, char conversion, const Calendar *c) {
    char text[CONVERSION_MAX];
    const int length = format_number(text, conversion, c);
    if (length > 0) {
        luaL_addlstring(buffer, text, (size_t)length);
        return 1;
    }
    return add_word(buffer, conversion, c);
}

static int add_conversion(luaL_Buffer *buffer, char conversion, const Calendar *c) {
    const char *parts = composite(conversion);
    if (parts == NULL) {
        return add_simple(buffer, conversion, c);
    }
    for (; *parts != '\0'; parts++) {
        if (*parts == '%') {
            parts++;
            add_simple(buffer, *parts, c);
        } else {
            luaL_addchar(buffer, *parts);
        }
    }
    return 1;
}

/* The conversion letter behind a '%', past the E or O of a locale's alternative, which the C locale does not have. */
static const char *find_conversion(const char *at) {
    const char *allowed = *at == 'E' ? "cCxXyY" : *at == 'O' ? "deHImMSuUVwWy" : NULL;
    if (allowed == NULL) {
        return at;
    }
    return at[1] != '\0' && strchr(allowed, at[1]) != NULL ? at + 1 : at;
}

void edge_os_push_date(lua_State *L, const char *format, size_t length, const Calendar *calendar) {
    const char *const end = format + length;
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (const char *at = format; at < end; at++) {
        if (*at != '%') {
            luaL_addchar(&buffer, *at);
            continue;
        }
        const char *conversion = find_conversion(at + 1);
        if (!add_conversion(&buffer, *conversion, calendar)) {
            luaL_argerror(L, 1, lua_pushfstring(L, "invalid conversion specifier '%s'", at));
        }
        at = conversion;
    }
    luaL_pushresult(&buffer);
}
