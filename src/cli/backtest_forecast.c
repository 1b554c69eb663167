/* Keeps what was expected until it has come. */
#include "cli/backtest_forecast.h"

#include <math.h>
#include <stdlib.h>

const int FORECAST_HOURS[FORECAST_LEADS] = {1, 6, 24};

struct forecast_book {
	int slots_per_day;
	size_t at; /* slots so far */
	/* Rings, by the slot that is meant and by how long before. */
	struct outlook_slot expected[PLAN_SLOTS_PER_DAY_MAX][FORECAST_LEADS];
	float load_kwh[PLAN_SLOTS_PER_DAY_MAX], pv_kwh[PLAN_SLOTS_PER_DAY_MAX]; /* a day ago */
};

struct forecast_book *forecast_book_new(int slots_per_day)
{
	struct forecast_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		return NULL;
	book->slots_per_day = slots_per_day;
	for (int i = 0; i < slots_per_day; i++)
		book->load_kwh[i] = book->pv_kwh[i] = NAN;
	return book;
}

void forecast_book_free(struct forecast_book *book)
{
	free(book);
}

void forecast_book_expect(struct forecast_book *book, const struct outlook *outlook)
{
	for (int lead = 0; lead < FORECAST_LEADS; lead++) {
		int ahead = FORECAST_HOURS[lead] * book->slots_per_day / 24 - 1;
		size_t of = (book->at + (size_t)ahead) % (size_t)book->slots_per_day;

		book->expected[of][lead] = (struct outlook_slot){.is_known = false};
		if (ahead < outlook->count)
			book->expected[of][lead] = outlook->slots[ahead];
	}
}

const char *forecaster_name(int forecaster)
{
	return forecaster == 0 ? "days" : rival_name((enum rival)(forecaster - 1));
}

void forecast_book_expect_rival(struct forecast_book *book, const struct rivals *rivals,
				enum rival rival)
{
	const struct rival_course *course = &rivals->course[rival];
	static const struct outlook_slot unknown;

	for (int lead = 0; lead < FORECAST_LEADS; lead++) {
		int ahead = FORECAST_HOURS[lead] * book->slots_per_day / 24 - 1;
		size_t of = (book->at + (size_t)ahead) % (size_t)book->slots_per_day;
		struct outlook_slot *slot = &book->expected[of][lead];

		*slot = unknown;
		slot->is_known = rivals->is_known && ahead < rivals->count;
		for (int q = 0; q < OUTLOOK_QUANTILES && slot->is_known; q++) {
			slot->load_kwh[q] = course->load_kwh[ahead];
			slot->pv_kwh[q] = course->pv_kwh[ahead];
		}
	}
}

static void score(struct forecast_score *score, const float *quantile, float value, float naive)
{
	score->counted++;
	score->inside += value >= quantile[OUTLOOK_P10] && value <= quantile[OUTLOOK_P90];
	score->error_kwh += fabs((double)(value - quantile[OUTLOOK_P50]));
	score->naive_kwh += fabs((double)(value - naive));
}

void forecast_book_take(struct forecast_book *book, const struct plan_slot *slot,
			struct forecast_scores *scores)
{
	size_t at = book->at++ % (size_t)book->slots_per_day;
	float load_before = book->load_kwh[at], pv_before = book->pv_kwh[at];

	for (int lead = 0; lead < FORECAST_LEADS; lead++) {
		const struct outlook_slot *expected = &book->expected[at][lead];
		float pv = slot->pv_kwh;

		if (!expected->is_known)
			continue;
		if (!isnan(slot->load_kwh) && !isnan(load_before))
			score(&scores->load[lead], expected->load_kwh, slot->load_kwh, load_before);
		if (!isnan(pv) && !isnan(pv_before) &&
		    (pv > 0 || expected->pv_kwh[OUTLOOK_P90] > 0))
			score(&scores->pv[lead], expected->pv_kwh, pv, pv_before);
	}
	book->load_kwh[at] = slot->load_kwh;
	book->pv_kwh[at] = slot->pv_kwh;
}
