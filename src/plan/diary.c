/* A ring of quarters. */
#include "plan/diary.h"

#include <math.h>
#include <string.h>

static int ring_of(int64_t quarter)
{
	return (int)((quarter % DIARY_ROOM + DIARY_ROOM) % DIARY_ROOM);
}

void diary_init(struct diary *diary)
{
	memset(diary, 0, sizeof(*diary));
	diary->is_empty = true;
	for (int i = 0; i < DIARY_ROOM; i++)
		diary->soc_pct[i] = diary->temp_c[i] = NAN;
}

void diary_append(struct diary *diary, float soc_pct, float temp_c)
{
	diary->newest++;
	diary->is_empty = false;
	diary->soc_pct[ring_of(diary->newest)] = soc_pct;
	diary->temp_c[ring_of(diary->newest)] = temp_c;
}

static bool is_kept(const struct diary *diary, int64_t quarter)
{
	return !diary->is_empty && quarter <= diary->newest && quarter > diary->newest - DIARY_ROOM;
}

float diary_soc(const struct diary *diary, int64_t quarter)
{
	return is_kept(diary, quarter) ? diary->soc_pct[ring_of(quarter)] : NAN;
}

float diary_temp(const struct diary *diary, int64_t quarter)
{
	return is_kept(diary, quarter) ? diary->temp_c[ring_of(quarter)] : NAN;
}

int diary_place(int64_t quarter)
{
	return (int)((quarter % DIARY_QUARTERS + DIARY_QUARTERS) % DIARY_QUARTERS);
}

int32_t diary_day(int64_t quarter)
{
	return (int32_t)((quarter - diary_place(quarter)) / DIARY_QUARTERS);
}
