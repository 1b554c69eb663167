/* Bytes a day; see written.h. An hour's beginning is known to the second that it was asked in. */
#include "daemon/written.h"

static int64_t hour_at(const struct written *written, struct mono_time now)
{
	return mono_since(now, written->began) / MS_PER_HOUR;
}

void written_follow(struct written *written, struct mono_time now, uint64_t total)
{
	int64_t hour;

	if (!written->has_begun) {
		*written =
		    (struct written){.has_begun = true, .began = now, .total_at = {[0] = total}};
		return;
	}
	hour = hour_at(written, now);
	/* After a pause longer than a day, what came before it counts no more. */
	if (hour - written->hour > WRITTEN_HOURS)
		written->hour = hour - WRITTEN_HOURS;
	while (written->hour < hour)
		written->total_at[++written->hour % WRITTEN_HOURS] = total;
}

int64_t written_per_day(const struct written *written, struct mono_time now, uint64_t total)
{
	int64_t first, span_ms;

	if (!written->has_begun)
		return -1;
	first = written->hour < WRITTEN_HOURS ? 0 : written->hour - WRITTEN_HOURS + 1;
	span_ms = mono_since(now, written->began) - first * MS_PER_HOUR;
	if (span_ms < WRITTEN_LEAST_MS)
		return -1;
	return (int64_t)((double)(total - written->total_at[first % WRITTEN_HOURS]) * MS_PER_DAY /
			 (double)span_ms);
}
