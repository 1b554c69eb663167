/*
 * Feeds a log to the forecaster: quarters of an hour as far as they are rolled up,
 * and readings after that. Nothing of it is kept between two questions, so that
 * it can be asked of any node and costs nothing while nobody asks.
 */
#include "daemon/foresee.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "adapt/journal_read.h"
#include "base/zone.h"
#include "plan/foresight.h"

#define DAYS_BACK 35
#define ROWS_MAX 40000

void foresee_take(struct foresight *foresight, struct wall_time at, double soc_pct, double temp_c)
{
	foresight_take(foresight, at.ms / MS_PER_SECOND + zone_offset_s(at), (float)soc_pct,
		       (float)temp_c);
}

static bool take_quarter(void *user, const struct journal_rollup_row *row)
{
	const struct rollup_readings *readings = row->readings;
	bool is_whole = readings->soc_pct.count > 0 && readings->temp_c.count > 0;

	if (is_whole)
		foresee_take(user, row->span.from, readings->soc_pct.last, readings->temp_c.last);
	return true;
}

static bool take_reading(void *user, const struct journal_reading *row)
{
	const struct reading_received *values = &row->received;

	if (row->wall_is_trusted && !isnan(values->soc_pct) && !isnan(values->temp_c))
		foresee_take(user, row->wall, values->soc_pct, values->temp_c);
	return true;
}

int foresee_learn(struct journal_reader *reader, const char *node, struct wall_time now,
		  struct foresight *foresight)
{
	struct wall_time from = {now.ms - DAYS_BACK * (int64_t)MS_PER_DAY}, rolled_up;
	int rc = journal_read_rolled_up(reader, JOURNAL_NODE, &rolled_up);

	foresight_init(foresight);
	if (rc != 0)
		return rc;
	rolled_up.ms -= rolled_up.ms % (DIARY_SECONDS * MS_PER_SECOND);
	if (rolled_up.ms < from.ms)
		rolled_up = from;
	if (rolled_up.ms > now.ms)
		rolled_up = now;
	if (rolled_up.ms > from.ms)
		rc = journal_read_rollups(reader, node, JOURNAL_NODE, ROLLUP_QUARTER,
					  (struct journal_span){from, rolled_up, ROWS_MAX, false},
					  take_quarter, foresight);
	if (rc == 0 && rolled_up.ms < now.ms)
		rc = journal_read_readings(reader, node,
					   (struct journal_span){rolled_up, now, ROWS_MAX, false},
					   take_reading, foresight);
	/* The quarter that runs begins: the ones before are over, measured or not. */
	if (rc == 0 && foresight->diary.has_open)
		foresee_take(foresight, now, NAN, NAN);
	return rc;
}

/* By the clock of the house to UTC, around `now`. */
static struct wall_time utc_of(int64_t local_s, struct wall_time now)
{
	return (struct wall_time){(local_s - zone_offset_s(now)) * MS_PER_SECOND};
}

static void write_out(const struct foresight_view *view, struct wall_time now, struct forecast *out)
{
	*out = (struct forecast){
	    .from = utc_of(view->from_s, now),
	    .step_s = DIARY_SECONDS,
	    .count = view->count,
	    .days = (double)view->days,
	};
	for (int i = 0; i < view->count; i++) {
		for (int q = 0; q < FORECAST_QUANTILES; q++) {
			out->steps[i].soc_pct[q] = (double)view->steps[i].soc_pct[q];
			out->steps[i].temp_c[q] = (double)view->steps[i].temp_c[q];
		}
	}
}

int foresee(const char *path, const char *node, struct wall_time now, struct forecast *out,
	    struct text *error)
{
	struct foresight *foresight = malloc(sizeof(*foresight));
	struct foresight_view *view = malloc(sizeof(*view));
	struct journal_reader *reader = NULL;
	int rc = foresight && view ? journal_reader_new(&reader, path) : -ENOMEM;

	if (rc == 0)
		rc = foresee_learn(reader, node, now, foresight);
	if (rc == 0) {
		foresight_look(foresight, view);
		write_out(view, now, out);
	} else {
		text_add(error, "%s",
			 reader ? journal_reader_error(reader) : "the journal cannot be read");
	}
	journal_reader_free(reader);
	free(foresight);
	free(view);
	return rc;
}
