/* The calendar between the journal's milliseconds and the server's DATETIME(3). */
#include "adapt/server_time.h"

#include "base/time.h"

/*
 * Days since 1970 as a date of the Gregorian calendar; after H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", civil_from_days. The C library's
 * way takes a lock and costs more than all else of a row.
 */
static MYSQL_TIME date_of(int64_t days)
{
	int64_t shifted = days + 719468; /* since 0000-03-01 */
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* 0 is March */

	return (MYSQL_TIME){
	    .year = (unsigned int)(year + era * 400 + (month >= 10)),
	    .month = (unsigned int)(month < 10 ? month + 3 : month - 9),
	    .day = (unsigned int)(of_year - (153 * month + 2) / 5 + 1),
	    .time_type = MYSQL_TIMESTAMP_DATETIME,
	};
}

bool server_time_is_valid(int64_t wall_ms)
{
	return wall_ms >= SERVER_TIME_MIN_MS && wall_ms <= SERVER_TIME_MAX_MS;
}

MYSQL_TIME server_time_of(int64_t wall_ms)
{
	int64_t rest = wall_ms % MS_PER_DAY;
	int64_t ms = rest < 0 ? rest + MS_PER_DAY : rest;

	if (!server_time_is_valid(wall_ms))
		return (MYSQL_TIME){.time_type = MYSQL_TIMESTAMP_DATETIME};
	MYSQL_TIME time = date_of((wall_ms - ms) / MS_PER_DAY);
	time.hour = (unsigned int)(ms / MS_PER_HOUR);
	time.minute = (unsigned int)(ms / MS_PER_MINUTE % 60);
	time.second = (unsigned int)(ms / MS_PER_SECOND % 60);
	time.second_part = (unsigned long)(ms % MS_PER_SECOND) * 1000;
	return time;
}

void server_time_format(int64_t wall_ms, struct text *out)
{
	MYSQL_TIME time = server_time_of(wall_ms);

	text_add(out, "%04u-%02u-%02u %02u:%02u:%02u.%03lu", time.year, time.month, time.day,
		 time.hour, time.minute, time.second, time.second_part / 1000);
}
