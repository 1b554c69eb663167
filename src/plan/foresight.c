/*
 * The log as it comes: quarters end, what had been said of them is scored, and
 * what is expected next is said. What the forecasters say is in guess.c.
 */
#include "plan/foresight.h"

#include <math.h>
#include <string.h>

#include "plan/guess.h"

#define BACK_MOST 8 /* quarters that a clock may go back by: one in autumn is 4 */
#define BLOCK (DIARY_QUARTERS / CONTEST_BLOCKS)
#define CARRY_KEEP (1 - 1.0f / (14 * DIARY_QUARTERS))
#define FIRST_SOC_PCT 2.0f /* an error before any was seen, an hour ahead */
#define FIRST_TEMP_C 0.5f
#define SMALL_SOC_PCT 0.02f
#define SMALL_TEMP_C 0.01f

static const int LEADS[FORESIGHT_LEADS] = {4, 8, 12, 24, 48, 96, 192};

void foresight_init(struct foresight *foresight)
{
	memset(foresight, 0, sizeof(*foresight));
	diary_init(&foresight->diary);
	thermal_init(&foresight->thermal);
	for (int i = 0; i < FORESIGHT_LEADS; i++) {
		struct foresight_lead *lead = &foresight->leads[i];
		float wider = (float)(i + 1);

		contest_init(&lead->soc, SOC_WAYS, LEADS[i], DIARY_QUARTERS, FIRST_SOC_PCT * wider,
			     SMALL_SOC_PCT);
		contest_init(&lead->temp, TEMP_WAYS, LEADS[i], DIARY_QUARTERS, FIRST_TEMP_C * wider,
			     SMALL_TEMP_C);
		/* Whole days ahead it is what was yesterday; in between it is not. */
		if (LEADS[i] % DIARY_QUARTERS == 0) {
			lead->soc.resort = SOC_STAYS;
			lead->temp.resort = TEMP_STAYS;
		}
	}
}

/* ---- learning ---- */

static int block_of(int64_t quarter)
{
	return diary_place(quarter) / BLOCK;
}

static void learn_carry(struct foresight_carry *carry, float off, float then)
{
	if (isnan(off) || isnan(then))
		return;
	carry->both = carry->both * CARRY_KEEP + off * then;
	carry->square = carry->square * CARRY_KEEP + off * off;
}

static void keep_promise(struct foresight_lead *lead, const struct foresight_promise *promise,
			 float soc_pct, float temp_c)
{
	const struct foresight_guess *guess = &promise->guess;

	if (!isnan(soc_pct) && !isnan(promise->soc)) {
		contest_take(&lead->soc, guess->soc, promise->soc, promise->soc_width,
			     block_of(promise->quarter), soc_pct);
		for (int i = CARRY_SOC; i <= CARRY_SOC_ALIKE; i++)
			learn_carry(&lead->carry[i], guess->off[i], soc_pct - guess->mean[i]);
	}
	if (!isnan(temp_c) && !isnan(promise->temp)) {
		contest_take(&lead->temp, guess->temp, promise->temp, promise->temp_width,
			     block_of(promise->quarter), temp_c);
		for (int i = CARRY_TEMP; i <= CARRY_TEMP_ALIKE; i++)
			learn_carry(&lead->carry[i], guess->off[i], temp_c - guess->mean[i]);
	}
}

static void make_promise(const struct foresight_lead *lead, int64_t quarter,
			 struct foresight_promise *promise)
{
	promise->is_made = true;
	promise->quarter = quarter;
	promise->soc = contest_mix(&lead->soc, promise->guess.soc);
	promise->temp = contest_mix(&lead->temp, promise->guess.temp);
	promise->soc_width = contest_width(&lead->soc, block_of(quarter));
	promise->temp_width = contest_width(&lead->temp, block_of(quarter));
}

static int ring_of(int64_t quarter, int room)
{
	return (int)((quarter % room + room) % room);
}

/* Scores what was said of the quarter that has ended and says what comes. */
static void promise_all(struct foresight *foresight, float soc_pct, float temp_c)
{
	struct foresight_promise *first = foresight->promises;
	int64_t newest = foresight->diary.newest;
	struct guess_view view;

	guess_look(&view, foresight);
	for (int i = 0; i < FORESIGHT_LEADS; i++) {
		struct foresight_promise *promise = &first[ring_of(newest, LEADS[i])];
		struct foresight_lead *lead = &foresight->leads[i];

		if (promise->is_made && promise->quarter == newest)
			keep_promise(lead, promise, soc_pct, temp_c);
		guess_at(&view, foresight, lead->carry, LEADS[i], &promise->guess);
		make_promise(lead, newest + LEADS[i], promise);
		first += LEADS[i];
	}
}

static void learn_warmth(struct foresight *foresight)
{
	const struct diary *diary = &foresight->diary;
	int64_t before = diary->newest - GUESS_HOUR;
	float before_c = diary_temp(diary, before), after_c = diary_temp(diary, diary->newest);
	struct thermal_work work;

	if (guess_work(diary, before, &work) && !isnan(before_c) && !isnan(after_c))
		thermal_take(&foresight->thermal, diary_place(before + 1), before_c, after_c, work);
}

static void end_quarter(struct foresight *foresight, float soc_pct, float temp_c)
{
	diary_append(&foresight->diary, soc_pct, temp_c);
	foresight->measured += !isnan(soc_pct) && !isnan(temp_c);
	learn_warmth(foresight);
	promise_all(foresight, soc_pct, temp_c);
}

/* The quarter that went on is over, and those after it until `quarter` were not measured. */
static void go_on_to(struct foresight *foresight, int64_t quarter)
{
	struct diary *diary = &foresight->diary;

	diary->newest = diary->open - 1;
	end_quarter(foresight, diary->open_soc_pct, diary->open_temp_c);
	if (quarter - diary->newest > DIARY_ROOM)
		diary->newest = quarter - DIARY_ROOM - 1;
	while (diary->newest < quarter - 1)
		end_quarter(foresight, NAN, NAN);
}

static int64_t quarter_of(int64_t local_s)
{
	int64_t quarter = local_s / DIARY_SECONDS;

	return local_s % DIARY_SECONDS < 0 ? quarter - 1 : quarter;
}

void foresight_take(struct foresight *foresight, int64_t local_s, float soc_pct, float temp_c)
{
	struct diary *diary = &foresight->diary;
	int64_t quarter = quarter_of(local_s);

	if (diary->has_open && quarter < diary->open - BACK_MOST)
		foresight_init(foresight);
	if (diary->has_open && quarter < diary->open)
		return;
	if (diary->has_open && quarter > diary->open)
		go_on_to(foresight, quarter);
	diary->has_open = true;
	diary->open = quarter;
	diary->open_soc_pct = soc_pct;
	diary->open_temp_c = temp_c;
}

/* ---- looking ahead ---- */

/* A number of steps ahead, between the leads at which forecasters compete. */
struct between {
	int low, high; /* of LEADS */
	float share;   /* of the higher one */
	float near;    /* what of the first lead's width is left before it */
};

static struct between between_leads(int ahead)
{
	struct between at = {0, 0, 0, 1};

	if (ahead < LEADS[0])
		at.near = sqrtf((float)ahead / (float)LEADS[0]);
	while (at.high < FORESIGHT_LEADS - 1 && LEADS[at.high] < ahead)
		at.high++;
	at.low = at.high > 0 ? at.high - 1 : 0;
	if (at.high > at.low)
		at.share = (float)(ahead - LEADS[at.low]) / (float)(LEADS[at.high] - LEADS[at.low]);
	return at;
}

static void blend(const struct contest *low, const struct contest *high, struct between at,
		  int block, const float *guess, float out[CONTEST_QUANTILES])
{
	float one[CONTEST_QUANTILES], other[CONTEST_QUANTILES];

	contest_quantiles(low, contest_mix(low, guess), at.near * contest_width(low, block), one);
	contest_quantiles(high, contest_mix(high, guess), at.near * contest_width(high, block),
			  other);
	for (int q = 0; q < CONTEST_QUANTILES; q++)
		out[q] = one[q] + (other[q] - one[q]) * at.share;
}

static void blend_carry(const struct foresight_carry *low, const struct foresight_carry *high,
			float share, struct foresight_carry out[CARRIES])
{
	for (int i = 0; i < CARRIES; i++)
		out[i] = (struct foresight_carry){
		    low[i].both + (high[i].both - low[i].both) * share,
		    low[i].square + (high[i].square - low[i].square) * share};
}

void foresight_look(const struct foresight *foresight, struct foresight_view *view)
{
	const struct diary *diary = &foresight->diary;
	struct foresight_carry carry[CARRIES];
	struct foresight_guess guess;
	struct guess_view now;

	memset(view, 0, sizeof(*view));
	view->from_s = (diary->newest + 1) * DIARY_SECONDS;
	view->days = (float)foresight->measured / DIARY_QUARTERS;
	if (isnan(diary_soc(diary, diary->newest)) || isnan(diary_temp(diary, diary->newest)))
		return;
	guess_look(&now, foresight);
	for (int ahead = 1; ahead <= FORESIGHT_STEPS; ahead++) {
		struct foresight_step *step = &view->steps[view->count++];
		struct between at = between_leads(ahead);
		const struct foresight_lead *low = &foresight->leads[at.low];
		const struct foresight_lead *high = &foresight->leads[at.high];
		int block = block_of(diary->newest + ahead);

		blend_carry(low->carry, high->carry, at.share, carry);
		guess_at(&now, foresight, carry, ahead, &guess);
		blend(&low->soc, &high->soc, at, block, guess.soc, step->soc_pct);
		blend(&low->temp, &high->temp, at, block, guess.temp, step->temp_c);
		for (int q = 0; q < CONTEST_QUANTILES; q++)
			step->soc_pct[q] = fminf(fmaxf(step->soc_pct[q], 0), 100);
	}
}

bool foresight_warm(const struct foresight *foresight, const float *soc_pct, int count,
		    float *temp_c)
{
	const struct diary *diary = &foresight->diary;
	float before_pct = diary_soc(diary, diary->newest);
	float from_c = diary_temp(diary, diary->newest);

	if (!thermal_is_known(&foresight->thermal) || isnan(before_pct) || isnan(from_c))
		return false;
	for (int i = 0; i < count; i++) {
		struct thermal_work work = {0};
		int in_hour = i % GUESS_HOUR, begins = i - in_hour, place;
		float moved = fabsf(soc_pct[i] - before_pct), hour_c;

		/* As if the hour went on as this quarter, of which a share has passed. */
		work.moved_pct = moved * GUESS_HOUR;
		work.hard = moved * moved * GUESS_HOUR;
		place = diary_place(diary->newest + 1 + begins);
		hour_c = thermal_step(&foresight->thermal, place, from_c, work);
		from_c += (hour_c - from_c) / GUESS_HOUR;
		if (!thermal_can_be(from_c))
			return false;
		temp_c[i] = from_c;
		before_pct = soc_pct[i];
	}
	return true;
}
