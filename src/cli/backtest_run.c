/*
 * Runs a strategy over a record, slot by slot. Whatever is not `perfect` is
 * given what a house would know: prices for 24 hours from now, its own past,
 * and the running slot only by what the battery follows in it.
 */
#include "cli/backtest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plan/perfect.h"
#include "plan/planner.h"

#define PROGRESS_EVERY 256
#define ROWS_KEPT_EVERY 128 /* of hindsight: between them they are worked out again */

struct backtest {
	const struct backtest_run *run;
	struct plan_reach reach; /* of a slot of the file */
	float energy_kwh;        /* above the floor */
	struct backtest_result result;
	struct ageing ageing;
};

static double processor_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void tell(const struct backtest_run *run, double done)
{
	if (run->progress != NULL)
		run->progress(run->user, done);
}

/* Settles a slot of the file. Returns what the cells gave. */
static float settle(struct backtest *test, size_t i, float move)
{
	const struct plan_slot *slot = &test->run->home->slots[i].plan;
	struct backtest_slot *out = test->run->slots ? &test->run->slots[i] : NULL;
	double hours = test->run->home->step_minutes / 60.0;
	float floor_kwh = test->run->battery.floor_kwh, e = test->reach.efficiency;
	struct plan_flow flow = {.grid_kwh = NAN, .move_kwh = NAN};

	if (plan_slot_is_known(slot)) {
		flow = plan_settle(&test->reach, &test->energy_kwh, move,
				   slot->load_kwh - slot->pv_kwh, slot->price);
		test->result.bill += (double)flow.bill;
		test->result.wear += (double)flow.wear;
		test->result.peak_import_kw =
		    fmax(test->result.peak_import_kw, (double)flow.grid_kwh / hours);
		test->result.counted++;
	}
	ageing_take(&test->ageing, (test->energy_kwh + floor_kwh) / test->run->battery.capacity_kwh,
		    test->run->temp_c, (float)hours);
	if (out != NULL)
		*out = (struct backtest_slot){
		    .energy_kwh = test->energy_kwh + floor_kwh,
		    .battery_kwh = flow.move_kwh > 0 ? flow.move_kwh / e : flow.move_kwh * e,
		    .grid_kwh = flow.grid_kwh,
		};
	return fmaxf(-flow.move_kwh, 0);
}

/* ---- hindsight ---- */

struct hindsight {
	struct perfect perfect;
	size_t kept_count;
	struct perfect_row *kept; /* before every ROWS_KEPT_EVERYth slot, and after the last */
	struct perfect_row block[ROWS_KEPT_EVERY + 1];
};

static void look_back(const struct backtest *test, struct hindsight *hindsight)
{
	const struct home_record *home = test->run->home;
	struct perfect_row row = {{0}};

	for (size_t i = home->count; i-- > 0;) {
		perfect_back(&hindsight->perfect, &home->slots[i].plan, &row, &row);
		if (i % ROWS_KEPT_EVERY == 0)
			hindsight->kept[i / ROWS_KEPT_EVERY] = row;
		if (i % PROGRESS_EVERY == 0)
			tell(test->run, 0.5 * (1 - (double)i / (double)home->count));
	}
}

/* The rows of the slots from `from` on, which is one that is kept. */
static size_t fill_block(const struct backtest *test, struct hindsight *hindsight, size_t from)
{
	const struct home_record *home = test->run->home;
	size_t count = home->count - from < ROWS_KEPT_EVERY ? home->count - from : ROWS_KEPT_EVERY;

	hindsight->block[count] = hindsight->kept[from / ROWS_KEPT_EVERY + 1];
	for (size_t i = count; i-- > 1;)
		perfect_back(&hindsight->perfect, &home->slots[from + i].plan,
			     &hindsight->block[i + 1], &hindsight->block[i]);
	return count;
}

static int run_perfect(struct backtest *test)
{
	const struct home_record *home = test->run->home;
	struct hindsight *hindsight = calloc(1, sizeof(*hindsight));
	size_t blocks = (home->count + ROWS_KEPT_EVERY - 1) / ROWS_KEPT_EVERY;
	int rc = -ENOMEM;

	if (hindsight != NULL)
		hindsight->kept = calloc(blocks + 1, sizeof(*hindsight->kept));
	if (hindsight != NULL && hindsight->kept != NULL) {
		perfect_init(&hindsight->perfect, &test->reach);
		look_back(test, hindsight);
		for (size_t from = 0; from < home->count; from += ROWS_KEPT_EVERY) {
			size_t count = fill_block(test, hindsight, from);

			for (size_t i = 0; i < count; i++)
				(void)settle(
				    test, from + i,
				    perfect_act(&hindsight->perfect, &home->slots[from + i].plan,
						&hindsight->block[i + 1], test->energy_kwh));
			tell(test->run, 0.5 + 0.5 * (double)from / (double)home->count);
		}
		rc = 0;
	}
	free(hindsight ? hindsight->kept : NULL);
	free(hindsight);
	return rc;
}

/* ---- what a house can follow ---- */

/* Slots of the file that make one to plan for. */
struct stretch {
	size_t from, count;
	struct plan_slot slot; /* the sum of them; NaN where too little is known */
};

struct course {
	size_t count;
	struct stretch *stretches;
	struct plan_slot *ahead; /* of each, and of the hours after the last */
};

static bool is_same_place(struct plan_when a, struct plan_when b)
{
	return a.day == b.day && a.place == b.place;
}

/* The mean of the prices and the sum of the energies, of what is known of a stretch. */
static void add_up(const struct home_record *home, struct stretch *stretch)
{
	struct plan_slot *sum = &stretch->slot;
	float loads = 0, suns = 0, buys = 0, sells = 0;

	*sum = (struct plan_slot){.when = home->slots[stretch->from].plan.when};
	for (size_t i = stretch->from; i < stretch->from + stretch->count; i++) {
		const struct plan_slot *slot = &home->slots[i].plan;

		sum->load_kwh += isnan(slot->load_kwh) ? 0 : (loads++, slot->load_kwh);
		sum->pv_kwh += isnan(slot->pv_kwh) ? 0 : (suns++, slot->pv_kwh);
		sum->price.buy += isnan(slot->price.buy) ? 0 : (buys++, slot->price.buy);
		sum->price.sell += isnan(slot->price.sell) ? 0 : (sells++, slot->price.sell);
	}
	sum->load_kwh *= (float)home->plan_minutes / ((float)home->step_minutes * loads);
	sum->pv_kwh *= (float)home->plan_minutes / ((float)home->step_minutes * suns);
	sum->price.buy /= buys; /* 0 / 0 is NaN: not known */
	sum->price.sell /= sells;
}

/* Where the clock goes on after the record, in slots to plan for. */
static struct plan_when place_after(struct plan_when when, int slots_per_day)
{
	bool is_last = when.place + 1 >= slots_per_day;

	return (struct plan_when){is_last ? when.day + 1 : when.day, is_last ? 0 : when.place + 1};
}

static int lay_course(struct course *course, const struct home_record *home)
{
	size_t most = (size_t)(home->plan_minutes / home->step_minutes);

	*course = (struct course){0};
	course->stretches = malloc(home->count * sizeof(*course->stretches));
	course->ahead = malloc((home->count + LATTICE_STAGES_MAX) * sizeof(*course->ahead));
	if (course->stretches == NULL || course->ahead == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < home->count;) {
		struct stretch *stretch = &course->stretches[course->count];

		*stretch = (struct stretch){.from = i};
		while (
		    i < home->count && stretch->count < most &&
		    is_same_place(home->slots[i].plan.when, home->slots[stretch->from].plan.when)) {
			stretch->count++;
			i++;
		}
		add_up(home, stretch);
		course->ahead[course->count++] = stretch->slot;
	}
	for (size_t i = course->count; i < course->count + LATTICE_STAGES_MAX; i++)
		course->ahead[i] = (struct plan_slot){
		    .when = place_after(course->ahead[i - 1].when, 24 * 60 / home->plan_minutes),
		    .price = {NAN, NAN},
		};
	return 0;
}

static void free_course(struct course *course)
{
	free(course->stretches);
	free(course->ahead);
}

/* What is known when a slot begins: places, and prices for a day. */
static void look_ahead(const struct course *course, size_t at, int known, int count,
		       struct plan_slot *ahead)
{
	for (int i = 0; i < count; i++) {
		const struct plan_slot *slot = &course->ahead[at + (size_t)i];

		ahead[i] = (struct plan_slot){.when = slot->when, .price = {NAN, NAN}};
		if (i < known)
			ahead[i].price = slot->price;
	}
}

static void run_slots(struct backtest *test, struct planner *planner, const struct stretch *stretch,
		      const struct plan_decision *decision)
{
	struct plan_decision now = *decision;
	int fill = decision->view.fill_slots * (int)stretch->count;

	for (size_t i = 0; i < stretch->count; i++) {
		const struct plan_slot *slot = &test->run->home->slots[stretch->from + i].plan;

		now.view.fill_slots = fill > 0 ? fill - (int)i : 0;
		planner_hold(planner, test->energy_kwh, 0, &now);
		planner_give(planner, settle(test, stretch->from + i,
					     planner_act(&now, &test->reach, test->energy_kwh,
							 slot->load_kwh - slot->pv_kwh)));
	}
}

/* Decides, and returns how long that took in ms. */
static float decide(struct planner *planner, enum strategy strategy, const struct plan_slot *ahead,
		    struct plan_decision *decision)
{
	double began = processor_ms();

	if (strategy == STRATEGY_PLAN)
		planner_decide(planner, ahead, false, decision);
	else
		planner_decide_rule(planner, ahead, (enum plan_rule)strategy, decision);
	return (float)(processor_ms() - began);
}

static int by_size(const void *one, const void *other)
{
	float a = *(const float *)one, b = *(const float *)other;

	return (a > b) - (a < b);
}

/* What is needed to follow a strategy through a course; some of it may be NULL. */
struct followed {
	struct course course;
	struct planner *planner;
	struct forecast_book *books[FORECASTERS]; /* the plan's own first */
	float *took;                              /* ms of each decision */
	struct outlook outlook;
};

static int begin_following(struct followed *all, const struct backtest *test)
{
	const struct home_record *home = test->run->home;
	int slots_per_day = 24 * 60 / home->plan_minutes;
	int rc = lay_course(&all->course, home);

	all->planner = malloc(sizeof(*all->planner));
	all->took = malloc((all->course.count + 1) * sizeof(*all->took));
	for (int i = 0; i < FORECASTERS; i++) {
		all->books[i] = forecast_book_new(slots_per_day);
		rc = all->books[i] == NULL ? -ENOMEM : rc;
	}
	if (rc < 0 || all->planner == NULL || all->took == NULL)
		return -ENOMEM;
	planner_init(all->planner, &test->run->battery, slots_per_day);
	return 0;
}

static void end_following(struct followed *all)
{
	free_course(&all->course);
	for (int i = 0; i < FORECASTERS; i++)
		forecast_book_free(all->books[i]);
	free(all->planner);
	free(all->took);
	free(all);
}

/* The plan learns from a slot, and what it had expected is scored. */
static void learn(struct backtest *test, struct followed *all, const struct plan_decision *decision,
		  const struct plan_slot *slot)
{
	test->result.ruled += decision->is_rule;
	planner_outlook(all->planner, slot->when, &all->outlook);
	forecast_book_expect(all->books[0], &all->outlook);
	for (int i = 1; i < FORECASTERS; i++)
		forecast_book_expect_rival(all->books[i], &all->planner->rivals,
					   (enum rival)(i - 1));
	for (int i = 0; i < FORECASTERS; i++)
		forecast_book_take(all->books[i], slot, &test->result.rivals[i].scores);
	planner_take(all->planner, decision, slot);
}

static void follow(struct backtest *test, enum strategy strategy, struct followed *all)
{
	const struct course *course = &all->course;
	int slots_per_day = all->planner->past.slots_per_day;
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;

	for (size_t i = 0; i < course->count; i++) {
		look_ahead(course, i, slots_per_day, planner_slots_ahead(all->planner), ahead);
		all->took[i] = decide(all->planner, strategy, ahead, &decision);
		run_slots(test, all->planner, &course->stretches[i], &decision);
		if (strategy == STRATEGY_PLAN)
			learn(test, all, &decision, &course->stretches[i].slot);
		if (i % PROGRESS_EVERY == 0)
			tell(test->run, (double)i / (double)course->count);
	}
	test->result.forecasts = test->result.rivals[0].scores;
	for (int i = 0; i < FORECASTERS; i++) {
		int expert = i == 0 ? 0 : PANEL_READINGS + i - 1;

		test->result.rivals[i].paid = all->planner->panel.experts[expert].paid;
	}
	qsort(all->took, course->count, sizeof(*all->took), by_size);
	test->result.p99_ms = (double)all->took[course->count * 99 / 100];
}

static int run_causal(struct backtest *test, enum strategy strategy)
{
	struct followed *all = calloc(1, sizeof(*all));
	int rc;

	if (all == NULL)
		return -ENOMEM;
	rc = begin_following(all, test);
	if (rc == 0)
		follow(test, strategy, all);
	end_following(all);
	return rc;
}

int backtest_run(const struct backtest_run *run, enum strategy strategy,
		 struct backtest_result *result)
{
	const struct home_record *home = run->home;
	const struct plan_battery *battery = &run->battery;
	struct backtest test = {
	    .run = run,
	    .reach = plan_reach_of(battery, (float)home->step_minutes / 60, 1, 1),
	    .energy_kwh = run->start_kwh - battery->floor_kwh,
	};
	double began = processor_ms();
	struct wear_count wear;
	int rc;

	ageing_take(&test.ageing, run->start_kwh / battery->capacity_kwh, run->temp_c, 0);
	rc = strategy == STRATEGY_PERFECT ? run_perfect(&test) : run_causal(&test, strategy);

	if (rc < 0)
		return rc;
	tell(run, 1);
	test.result.seconds = (processor_ms() - began) / 1e3;
	wear = wear_close(&test.ageing.wear);
	test.result.efc = wear.efc;
	test.result.mean_soc = wear.mean / wear.hours;
	test.result.high_hours = wear.high_hours;
	test.result.ageing = test.ageing;
	*result = test.result;
	return 0;
}
