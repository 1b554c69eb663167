/*
 * How far a battery's forecast from its own log (plan/foresight.h) is off, beside "it stays as it
 * is" and "as the day before". The logs are of the physics of amphora-house (sim/world.h), whose
 * relays follow the core's own threshold rule, a schedule, or sun and load; the forecast is told
 * what a sensor sees every 10 s, and nothing else. Pure: the same seeds print the same.
 *
 *     bench_forecast [DAYS [FIRST_SEED [SEEDS]]]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/control.h"
#include "plan/foresight.h"
#include "sim/world.h"

#define SENSOR_S 10
#define LEARNING_DAYS 7 /* not scored */
#define DAYS_MOST 400
#define LOCAL_BEGIN_S (20458 * 86400LL) /* 2026-01-05, a Monday */
#define QUARTERS_MOST (DAYS_MOST * DIARY_QUARTERS)
#define LEADS 3
#define OVERCAST_STAYS 0.6 /* a day is as the one before; 2 of 5 are overcast */

static const int HOURS[LEADS] = {1, 6, 24};

enum home_kind { HOME_AS_IT_COMES, HOME_BY_CLOCK, HOME_OUTDOORS, HOME_COUNT };

static const struct {
	const char *name, *words;
	double capacity_wh, power_w;
} KINDS[HOME_COUNT] = {
    [HOME_AS_IT_COMES] = {"house", "amphora-house as it comes: 5 kWh, 5 kW, the threshold rule",
			  5000, 5000},
    [HOME_BY_CLOCK] = {"schedule", "10 kWh, 3 kW, charges 9 to 16 h, feeds the house 17 to 23 h",
		       10000, 3000},
    [HOME_OUTDOORS] = {"weather", "10 kWh, 5 kW, follows sun and load; overcast days, and outdoors",
		       10000, 5000},
};

struct score {
	double counted, off, stays_off, before_off, inside;
};

struct scores {
	struct score soc[LEADS], temp[LEADS];
};

struct log {
	size_t count; /* quarters that are over */
	float soc_pct[QUARTERS_MOST], temp_c[QUARTERS_MOST];
	struct foresight_step expected[QUARTERS_MOST][LEADS]; /* of that quarter */
	bool is_expected[QUARTERS_MOST][LEADS];
};

static struct log course;
static struct foresight foresight;
static struct foresight_view view;

/* ---- the house ---- */

struct home {
	struct world world;
	struct faults faults;
	struct settings settings;
	struct battery_state control;
	struct random weather;
	bool is_overcast;
	double mild_c; /* of the day, around the month's mean */
	enum home_kind kind;
};

static void home_init(struct home *home, enum home_kind kind, uint64_t seed)
{
	struct world_settings settings = {.seed = seed,
					  .battery_count = 1,
					  .capacity_wh = KINDS[kind].capacity_wh,
					  .power_w = KINDS[kind].power_w,
					  .soc_pct = 35};
	char words[256];
	struct text error = text_in(words, sizeof(words));

	*home = (struct home){.kind = kind, .weather = random_seeded(seed ^ 0x736b79)};
	world_init(&home->world, &settings);
	if (settings_resolve(&home->settings, CHEMISTRY_LFP, NULL, NULL, NULL, NULL, &error) != 0)
		abort();
}

static void begin_day(struct home *home)
{
	if (home->kind != HOME_OUTDOORS)
		return;
	if (random_fraction(&home->weather) > OVERCAST_STAYS)
		home->is_overcast = random_fraction(&home->weather) < 0.4;
	home->mild_c = 0.7 * home->mild_c + 2.5 * random_normal(&home->weather);
	home->faults.subjects[FAULT_CLOUD] = home->is_overcast;
}

static void switch_relays(struct home *home, double soc_pct)
{
	struct world_battery *battery = &home->world.batteries[0];
	int hour = world_second_of_day(&home->world) / 3600;

	switch (home->kind) {
	case HOME_AS_IT_COMES:
		control_follow(&home->control, &home->settings, (int32_t)(soc_pct * 100), true);
		battery->is_closed[RELAY_SOURCE] = home->control.wants_charge;
		battery->is_closed[RELAY_LOAD] = home->control.wants_discharge;
		break;
	case HOME_BY_CLOCK:
		battery->is_closed[RELAY_SOURCE] = hour >= 9 && hour < 16 && soc_pct < 95;
		battery->is_closed[RELAY_LOAD] = hour >= 17 && hour < 23 && soc_pct > 10;
		break;
	default: /* the larger of the two, as an inverter would balance them */
		battery->is_closed[RELAY_SOURCE] =
		    home->world.surroundings.pv_w > home->world.surroundings.load_w && soc_pct < 95;
		battery->is_closed[RELAY_LOAD] =
		    home->world.surroundings.pv_w <= home->world.surroundings.load_w &&
		    soc_pct > 10;
	}
}

static void surround(struct home *home)
{
	double turn = 2 * 3.14159265358979 * world_second_of_day(&home->world) / 86400;

	if (home->kind == HOME_OUTDOORS)
		home->world.surroundings.ambient_c =
		    12 + home->mild_c - 5 * cos(turn - 0.8) - 2 * home->is_overcast;
}

/* ---- scoring ---- */

static void add(struct score *score, const float quantile[CONTEST_QUANTILES], float value,
		float now, float before)
{
	score->counted++;
	score->off += fabs((double)(value - quantile[CONTEST_P50]));
	score->stays_off += fabs((double)(value - now));
	score->before_off += fabs((double)(value - before));
	score->inside += value >= quantile[CONTEST_P10] && value <= quantile[CONTEST_P90] ? 1 : 0;
}

/* The quarter `at` has ended: what had been said of it. */
static void score(struct scores *scores, size_t at)
{
	for (int lead = 0; lead < LEADS; lead++) {
		size_t ahead = (size_t)HOURS[lead] * 4;

		if (at < (LEARNING_DAYS + 1) * DIARY_QUARTERS || !course.is_expected[at][lead])
			continue;
		add(&scores->soc[lead], course.expected[at][lead].soc_pct, course.soc_pct[at],
		    course.soc_pct[at - ahead], course.soc_pct[at - DIARY_QUARTERS]);
		add(&scores->temp[lead], course.expected[at][lead].temp_c, course.temp_c[at],
		    course.temp_c[at - ahead], course.temp_c[at - DIARY_QUARTERS]);
	}
}

/* After the first reading of a new quarter: the one before is known, and what comes is said. */
static void end_quarter(struct scores *scores, float soc_pct, float temp_c, size_t most)
{
	size_t at = course.count++;

	course.soc_pct[at] = soc_pct;
	course.temp_c[at] = temp_c;
	score(scores, at);
	foresight_look(&foresight, &view);
	for (int lead = 0; lead < LEADS; lead++) {
		size_t ahead = (size_t)HOURS[lead] * 4;

		if (view.count == 0 || at + ahead >= most)
			continue;
		course.expected[at + ahead][lead] = view.steps[ahead - 1];
		course.is_expected[at + ahead][lead] = true;
	}
}

static void play(enum home_kind kind, uint64_t seed, int days, struct scores *scores)
{
	static struct home home;
	struct world_sensed sensed = {0};
	float soc_pct = NAN, temp_c = NAN;
	int64_t seconds = (int64_t)days * 86400;

	course = (struct log){0};
	foresight_init(&foresight);
	home_init(&home, kind, seed);
	for (int64_t at = 0; at < seconds; at++) {
		if (at % 86400 == 0)
			begin_day(&home);
		if (at % SENSOR_S == 0) {
			surround(&home);
			sensed = world_sense(&home.world, 0);
			switch_relays(&home, sensed.soc_pct);
			foresight_take(&foresight, LOCAL_BEGIN_S + at, (float)sensed.soc_pct,
				       (float)sensed.temp_c);
			if (at > 0 && at % DIARY_SECONDS == 0)
				end_quarter(scores, soc_pct, temp_c, QUARTERS_MOST);
			soc_pct = (float)sensed.soc_pct;
			temp_c = (float)sensed.temp_c;
		}
		world_step(&home.world, &home.faults);
	}
}

/* ---- what came of it ---- */

static void show(const char *of, const char *unit, const struct score *scores, double sum[LEADS])
{
	for (int lead = 0; lead < LEADS; lead++) {
		const struct score *score = &scores[lead];

		printf("  %-5s %2d h  %8.3f %-3s %8.3f %8.3f %9.2f %9.1f %%\n", of, HOURS[lead],
		       score->off / score->counted, unit, score->stays_off / score->counted,
		       score->before_off / score->counted, score->off / score->stays_off,
		       100 * score->inside / score->counted);
		sum[lead] += score->off / score->stays_off / HOME_COUNT;
	}
}

static void spread(const struct score *scores, double *least, double *most)
{
	for (int lead = 0; lead < LEADS; lead++) {
		double share = scores[lead].inside / scores[lead].counted;

		*least = fmin(*least, share);
		*most = fmax(*most, share);
	}
}

int main(int argc, char **argv)
{
	int days = argc > 1 ? atoi(argv[1]) : 45;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 90001;
	uint64_t seeds = argc > 3 ? strtoull(argv[3], NULL, 10) : 5;
	double soc[LEADS] = {0}, temp[LEADS] = {0}, least = 1, most = 0;

	if (days <= LEARNING_DAYS + 2 || days > DAYS_MOST || seeds < 1) {
		fprintf(stderr, "bench_forecast: DAYS is within %d..%d, SEEDS 1 or more\n",
			LEARNING_DAYS + 3, DAYS_MOST);
		return 2;
	}
	printf("%d days, %llu seeds from %llu on; mean absolute errors, the first %d days not "
	       "counted\n",
	       days, (unsigned long long)seeds, (unsigned long long)first, LEARNING_DAYS + 1);
	for (enum home_kind kind = 0; kind < HOME_COUNT; kind++) {
		struct scores scores = {0};

		for (uint64_t i = 0; i < seeds; i++)
			play(kind, first + i, days, &scores);
		printf("\n%s: %s\n  %-10s %12s %8s %8s %9s %11s\n", KINDS[kind].name,
		       KINDS[kind].words, "", "forecast", "stays", "day bef.", "of stays",
		       "0.1 to 0.9");
		show("SoC", "%", scores.soc, soc);
		show("temp", "K", scores.temp, temp);
		spread(scores.soc, &least, &most);
		spread(scores.temp, &least, &most);
	}
	printf("\nforecast: soc_1h=%.2f soc_6h=%.2f soc_24h=%.2f temp_1h=%.2f temp_6h=%.2f "
	       "temp_24h=%.2f coverage=%.2f..%.2f\n",
	       soc[0], soc[1], soc[2], temp[0], temp[1], temp[2], least, most);
	return 0;
}
