/* The course of a trial; relay_trial_way.c has its two ways to the relay. See relay_trial.h. */
#include "adapt/relay_trial_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATE_MS 3000 /* a timer that runs for so much longer is no lease */
#define EARLY_MS 1000
#define READ_EVERY_MS 1000
#define TURN_MS 50
#define ANSWER_MS 8000 /* for the broker, and for the first state */
#define HOLD_MS 1000   /* one without lease stays closed for so long */
#define OLD_NEWS_MS 1500 /* what a CoAP node said before the command may come after it */
#define STEP_MS 12000  /* for a command and its confirmation: the ways give up before that */

static const char *const RESULT_NAMES[TRIAL_RESULT_COUNT] = {
    "opens",  "follows",       "blind",  "stays",   "early",
    "was-on", "not-confirmed", "silent", "refused",
};

const char *relay_trial_result_name(enum relay_trial_result result)
{
	return RESULT_NAMES[result];
}

bool relay_trial_is_passed(enum relay_trial_result result)
{
	return result == TRIAL_OPENS || result == TRIAL_FOLLOWS || result == TRIAL_BLIND;
}

static void begin_step(struct relay_trial *trial, enum trial_step step)
{
	trial->step = step;
	trial->since = trial->asked_at = uv_now(trial->loop);
}

static int64_t in_step_ms(const struct relay_trial *trial)
{
	return (int64_t)(uv_now(trial->loop) - trial->since);
}

/* ---- its end ---- */

static void tell(uv_timer_t *timer)
{
	struct relay_trial *trial = timer->data;

	uv_timer_stop(timer);
	trial->events.on_done(trial->events.user, trial->result, trial->words);
}

static void end(struct relay_trial *trial)
{
	begin_step(trial, TRIAL_IS_OVER);
	/* Not within what has brought the end: who is told may free the trial. */
	uv_timer_start(&trial->timer, tell, 0, 0);
}

static void open_it(struct relay_trial *trial, enum trial_step step)
{
	const struct relay_command off = {.is_on = false};

	begin_step(trial, step);
	trial_way_command(trial, &off);
}

/* Known is what came of it; a relay that may be closed is told to open before anybody hears. */
static void settle(struct relay_trial *trial, enum relay_trial_result result, const char *words)
{
	if (trial->step == TRIAL_IS_OVER || trial->step == TRIAL_CLEANS)
		return;
	trial->result = result;
	snprintf(trial->words, sizeof trial->words, "%s", words);
	if (trial->may_be_closed)
		open_it(trial, TRIAL_CLEANS);
	else
		end(trial);
}

/* ---- what the relay says ---- */

static void close_it(struct relay_trial *trial)
{
	int64_t setting_ms = trial->source ? trial->source->write.lease_setting_ms : 0;
	const struct relay_command on = {
	    .is_on = true,
	    .has_lease = trial->has_lease,
	    .lease_ms = !trial->has_lease                  ? 0
			: setting_ms > RELAY_TRIAL_LEASE_MS ? setting_ms
							    : RELAY_TRIAL_LEASE_MS,
	};

	trial->lease_ms = on.lease_ms;
	trial->may_be_closed = true;
	begin_step(trial, TRIAL_CLOSES);
	trial_way_command(trial, &on);
}

/* It is off again: by itself, if it took as long as it was told. */
static void judge_end(struct relay_trial *trial)
{
	int64_t took_ms = in_step_ms(trial) * trial->clock_factor;
	int64_t lease_ms = trial_way_lease_ms(trial);
	char words[RELAY_TRIAL_WORDS_MAX];

	trial->may_be_closed = false;
	snprintf(words, sizeof words, "opened after %.1f s; its timer was set to %.1f s",
		 (double)took_ms / MS_PER_SECOND, (double)lease_ms / MS_PER_SECOND);
	if (took_ms + EARLY_MS < lease_ms)
		settle(trial, TRIAL_EARLY,
		       "was opened before its time, by somebody else: does the daemon command it?");
	else
		settle(trial, TRIAL_OPENS, words);
}

static void is_found(struct relay_trial *trial, bool is_on)
{
	if (is_on)
		settle(trial, TRIAL_WAS_ON, "is on: switch it off first");
	else
		close_it(trial);
}

static void has_opened(struct relay_trial *trial)
{
	trial->may_be_closed = false;
	if (trial->step == TRIAL_CLEANS)
		end(trial);
	else
		settle(trial, TRIAL_FOLLOWS,
		       "closed and opened as it was told; nothing opens it when Amphora is gone");
}

void trial_stands(struct relay_trial *trial, bool is_on)
{
	switch (trial->step) {
	case TRIAL_FINDS:
		is_found(trial, is_on);
		break;
	case TRIAL_CLOSES:
		if (is_on)
			begin_step(trial, trial->has_lease ? TRIAL_WAITS : TRIAL_HOLDS);
		else if (!trial->hub || in_step_ms(trial) > OLD_NEWS_MS)
			settle(trial, TRIAL_NOT_CONFIRMED,
			       "was told to close and says that it is open");
		break;
	case TRIAL_WAITS:
		if (!is_on)
			judge_end(trial);
		break;
	case TRIAL_HOLDS:
		if (!is_on)
			settle(trial, TRIAL_EARLY,
			       "was opened by somebody else: does the daemon command it?");
		break;
	case TRIAL_OPENS_TOLD:
	case TRIAL_CLEANS:
		if (!is_on)
			has_opened(trial);
		break;
	case TRIAL_IS_OVER:
		break;
	}
}

void trial_taken_blind(struct relay_trial *trial)
{
	if (trial->step == TRIAL_CLOSES) {
		begin_step(trial, TRIAL_HOLDS);
	} else if (trial->step == TRIAL_OPENS_TOLD) {
		trial->may_be_closed = false;
		settle(trial, TRIAL_BLIND,
		       "took both commands and tells nothing: was it closed for a second?");
	} else if (trial->step == TRIAL_CLEANS) {
		end(trial);
	}
}

void trial_failed(struct relay_trial *trial, bool is_refused, const char *detail)
{
	if (trial->step == TRIAL_CLEANS)
		end(trial);
	else
		settle(trial, is_refused ? TRIAL_REFUSED : TRIAL_NOT_CONFIRMED, detail);
}

void trial_way_lost(struct relay_trial *trial, const char *words)
{
	settle(trial, TRIAL_REFUSED, words);
}

/* ---- time ---- */

static void stays(struct relay_trial *trial)
{
	settle(trial, TRIAL_STAYS, "did not open by itself, and was told to open: it has no lease");
}

static void wait_on(struct relay_trial *trial)
{
	if (in_step_ms(trial) * trial->clock_factor > trial_way_lease_ms(trial) + LATE_MS) {
		stays(trial);
	} else if (uv_now(trial->loop) - trial->asked_at >= READ_EVERY_MS) {
		trial->asked_at = uv_now(trial->loop);
		trial_way_read(trial);
	}
}

static void find(struct relay_trial *trial)
{
	if (trial->is_up && trial->is_blind)
		close_it(trial);
	else if (in_step_ms(trial) > ANSWER_MS)
		settle(trial, TRIAL_SILENT,
		       trial->is_up ? "does not say how it stands: is it on?"
				    : "the broker does not answer");
}

static void on_turn(uv_timer_t *timer)
{
	struct relay_trial *trial = timer->data;

	trial_way_turn(trial);
	if (trial->step == TRIAL_FINDS)
		find(trial);
	else if (trial->step == TRIAL_WAITS)
		wait_on(trial);
	else if (trial->step == TRIAL_HOLDS && in_step_ms(trial) > HOLD_MS)
		open_it(trial, TRIAL_OPENS_TOLD);
	else if (trial->step == TRIAL_CLEANS && in_step_ms(trial) > STEP_MS)
		end(trial);
	else if ((trial->step == TRIAL_CLOSES || trial->step == TRIAL_OPENS_TOLD) &&
		 in_step_ms(trial) > STEP_MS)
		settle(trial, TRIAL_NOT_CONFIRMED, "took it and does not say how it stands");
}

/* ---- its life ---- */

int relay_trial_new(struct relay_trial **out, uv_loop_t *loop,
		    const struct relay_trial_options *options,
		    const struct relay_trial_events *events, struct text *error)
{
	struct relay_trial *trial = calloc(1, sizeof(*trial));
	int result;

	if (!trial) {
		text_add(error, "out of memory");
		return -ENOMEM;
	}
	trial->loop = loop;
	trial->events = *events;
	trial->house = options->house;
	trial->index = options->relay;
	trial->source = options->source;
	trial->clock_factor = options->clock_factor;
	trial->has_lease = options->house->relays[options->relay].has_lease;
	trial->is_blind = options->source && options->source->write.is_blind;
	result = trial_way_open(trial, options->uri, error);
	if (result != 0) {
		trial_way_close(trial);
		free(trial);
		return result;
	}
	uv_timer_init(loop, &trial->timer);
	trial->timer.data = trial;
	begin_step(trial, TRIAL_FINDS);
	uv_timer_start(&trial->timer, on_turn, TURN_MS, TURN_MS);
	*out = trial;
	return 0;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void relay_trial_free(struct relay_trial *trial)
{
	const struct relay_command off = {.is_on = false};

	if (!trial)
		return;
	if (trial->may_be_closed && trial->step != TRIAL_IS_OVER)
		trial_way_command(trial, &off);
	trial->step = TRIAL_IS_OVER;
	trial_way_close(trial);
	uv_close((uv_handle_t *)&trial->timer, closed);
}
