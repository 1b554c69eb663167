/*
 * A battery's log as its forecast needs it: state of charge and temperature at the end of each
 * quarter of an hour, by the home's clock, for four weeks. What was not measured is NaN.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DIARY_QUARTERS 96 /* of a day */
#define DIARY_SECONDS 900
#define DIARY_DAYS 28 /* that are looked back on */
#define DIARY_ROOM ((DIARY_DAYS + 1) * DIARY_QUARTERS)

struct diary {
	bool is_empty, has_open;
	int64_t newest; /* the last quarter that is over, counted from 1970 on the home's clock */
	int64_t open;   /* the one that goes on, with what was read last */
	float open_soc_pct, open_temp_c;
	float soc_pct[DIARY_ROOM], temp_c[DIARY_ROOM];
};

void diary_init(struct diary *diary);

/* Ends the quarter after the newest with these values. */
void diary_append(struct diary *diary, float soc_pct, float temp_c);

/* What was at the end of `quarter`; NaN where it is not known, not yet or not any more. */
float diary_soc(const struct diary *diary, int64_t quarter);
float diary_temp(const struct diary *diary, int64_t quarter);

/* The place of a quarter on the clock, 0..95, and its local day. */
int diary_place(int64_t quarter);
int32_t diary_day(int64_t quarter);
