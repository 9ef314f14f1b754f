#ifndef EDGE_LIB_CALENDAR_H
#define EDGE_LIB_CALENDAR_H

#include <stddef.h>
#include <stdint.h>

/* A moment of the proleptic Gregorian calendar, UTC. libc's time functions take locks that a kill would leave held. */
typedef struct Calendar {
    int64_t year;
    int month;     /* 1...12 */
    int day;       /* 1...31 */
    int hour;
    int minute;
    int second;
    int year_day;  /* 1...366 */
    int week_day;  /* 0...6, Sunday is 0 */
} Calendar;

/* Seconds since 1970; each field may be out of its range by any int. */
int64_t edge_calendar_seconds(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute, int64_t second);

Calendar edge_calendar_at(int64_t seconds);

/* Week and year of ISO 8601. */
int edge_calendar_iso_week(const Calendar *calendar, int64_t *year);

#endif
