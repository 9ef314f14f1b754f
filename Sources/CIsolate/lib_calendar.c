#include "lib_calendar.h"

#define SECONDS_A_DAY 86400
#define DAYS_A_CYCLE 146097 /* of 400 years, after which the calendar repeats */

static int64_t floor_divide(int64_t value, int64_t divisor) {
    return value / divisor - (value % divisor < 0);
}

static int64_t floor_remainder(int64_t value, int64_t divisor) {
    const int64_t remainder = value % divisor;
    return remainder < 0 ? remainder + divisor : remainder;
}

static int is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days before a month (1...12) of a common year. */
static int days_before(int month) {
    static const int days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return days[month - 1];
}

/* Days from 1970-01-01 to the first day of `year`. */
static int64_t year_start(int64_t year) {
    const int64_t past = year - 1;
    const int64_t leaps = floor_divide(past, 4) - floor_divide(past, 100) + floor_divide(past, 400);
    return past * 365 + leaps - 719162;
}

int64_t edge_calendar_seconds(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute, int64_t second) {
    year += floor_divide(month - 1, 12);
    const int normal_month = (int)floor_remainder(month - 1, 12) + 1;
    const int leap_day = normal_month > 2 && is_leap(year);
    const int64_t days = year_start(year) + days_before(normal_month) + leap_day + day - 1;
    return days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
}

Calendar edge_calendar_at(int64_t seconds) {
    const int64_t days = floor_divide(seconds, SECONDS_A_DAY);
    const int rest = (int)floor_remainder(seconds, SECONDS_A_DAY);
    const int64_t cycle = floor_divide(days, DAYS_A_CYCLE);
    /* 365 days a year gives the year or, by the leap days before it, one too late; never more within a cycle. */
    int64_t year = 1970 + cycle * 400 + floor_remainder(days, DAYS_A_CYCLE) / 365;
    while (year_start(year) > days) {
        year--;
    }
    const int year_day = (int)(days - year_start(year));
    const int leap = is_leap(year);
    int month = 12;
    while (days_before(month) + (leap && month > 2) > year_day) {
        month--;
    }
    return (Calendar){
        .year = year,
        .month = month,
        .day = year_day - days_before(month) - (leap && month > 2) + 1,
        .hour = rest / 3600,
        .minute = rest / 60 % 60,
        .second = rest % 60,
        .year_day = year_day + 1,
        .week_day = (int)floor_remainder(days + 4, 7),
    };
}

/* A year has 53 weeks when it has 53 Thursdays. */
static int weeks_in(int64_t year) {
    const int64_t first = floor_remainder(year_start(year) + 4, 7);
    return first == 4 || (first == 3 && is_leap(year)) ? 53 : 52;
}

int edge_calendar_iso_week(const Calendar *calendar, int64_t *year) {
    const int monday_first = (calendar->week_day + 6) % 7 + 1;
    const int week = (calendar->year_day - monday_first + 10) / 7;
    *year = calendar->year;
    if (week < 1) {
        *year -= 1;
        return weeks_in(*year);
    }
    if (week > weeks_in(*year)) {
        *year += 1;
        return 1;
    }
    return week;
}
