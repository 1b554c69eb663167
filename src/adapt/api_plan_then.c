/*
 * GET /plan/past/explain: why the plan that was in force at a past time did what it did, and what
 * then happened: what was decided, for how long relays were closed, and what was measured. From the
 * journal, on a worker.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/journal_read.h"

#define ROWS_MAX 20000
#define TURNS_MAX 24                          /* decisions of a slot that are told */
#define CHARGE_AGE_MAX_MS (5 * MS_PER_MINUTE) /* an older reading does not tell a slot's begin */
#define WORDS_MAX 512

/* From here to there the intent of the core and who decided it were the same. */
struct turn {
	struct wall_time at;
	struct decision decision; /* the first of them */
};

/* What a meter came to. */
struct metered {
	double imported_wh, exported_wh;
	int64_t known_ms;
};

struct then {
	struct journal_reader *reader;
	struct planned plan; /* number 0: none was found */
	const struct planned_slot *slot;
	struct wall_time from, to; /* the slot, as far as it has come */

	size_t turns; /* also of those that are not kept */
	struct decision last; /* of them */
	struct turn turn[TURNS_MAX];
	int64_t on_ms[2]; /* by the relays' roles */
	double soc_begin_pct, soc_end_pct, temp_c; /* NaN: not measured */
	struct metered load, sun, grid;
};

/* ---- which plan ---- */

static bool take_plan(void *user, const struct planned *plan)
{
	((struct then *)user)->plan = *plan;
	return false;
}

/* The newest that was made until `at`, if it counted still: made for its slot, and for a moment. */
static int find_plan(struct then *then, const char *battery, struct wall_time at)
{
	struct journal_span span = {{0}, {at.ms + 1}, 1, true};
	int rc = journal_read_plans(then->reader, battery, span, take_plan, then);

	if (rc == 0 && then->plan.number != 0 && at.ms < then->plan.valid_until.ms)
		then->slot = planned_at(&then->plan, at);
	return rc;
}

/* ---- what was decided ---- */

static bool take_decision(void *user, int64_t row, const struct ident *battery,
			  const struct decision *decision)
{
	struct then *then = user;
	struct wall_time at = decision->at;

	(void)row;
	(void)battery;
	if (then->turns > 0 && then->last.intent == decision->intent &&
	    then->last.winner == decision->winner)
		return true;
	then->last = *decision;
	if (at.ms < then->from.ms)
		at = then->from;
	if (then->turns < TURNS_MAX)
		then->turn[then->turns] = (struct turn){at, *decision};
	then->turns++;
	return true;
}

static int read_decisions(struct then *then, const char *battery)
{
	struct journal_span before = {{0}, then->from, 1, true};
	struct journal_span within = {then->from, then->to, ROWS_MAX, false};
	int rc = journal_read_decisions(then->reader, battery, before, take_decision, then);

	return rc == 0 ? journal_read_decisions(then->reader, battery, within, take_decision, then)
		       : rc;
}

/* ---- relays ---- */

struct following {
	const struct then *then;
	bool is_on;
	int64_t since_ms, on_ms;
};

static bool take_relay(void *user, const struct journal_relay *relay)
{
	struct following *following = user;
	int64_t at_ms = relay->wall.ms > following->then->from.ms ? relay->wall.ms
								   : following->then->from.ms;

	if (following->is_on)
		following->on_ms += at_ms - following->since_ms;
	following->is_on = relay->is_on;
	following->since_ms = at_ms;
	return true;
}

static int read_relay(struct then *then, const struct relay_config *relay)
{
	struct journal_span before = {{0}, then->from, 1, true};
	struct journal_span within = {then->from, then->to, ROWS_MAX, false};
	struct following following = {.then = then, .since_ms = then->from.ms};
	const char *name = relay->id.text;
	int rc = journal_read_relays(then->reader, name, before, take_relay, &following);

	if (rc == 0)
		rc = journal_read_relays(then->reader, name, within, take_relay, &following);
	if (following.is_on)
		following.on_ms += then->to.ms - following.since_ms;
	then->on_ms[relay->role] += following.on_ms;
	return rc;
}

static int read_relays(struct then *then, const struct api_host *host, size_t battery)
{
	const struct house *house = host->house;
	int rc = 0;

	for (size_t i = 0; i < host->configured_relays && rc == 0; i++) {
		if (house->relays[i].battery == battery)
			rc = read_relay(then, &house->relays[i]);
	}
	return rc;
}

/* ---- what was measured ---- */

static bool take_begin(void *user, const struct journal_reading *reading)
{
	((struct then *)user)->soc_begin_pct = reading->received.soc_pct;
	return false;
}

static bool take_end(void *user, const struct journal_reading *reading)
{
	struct then *then = user;

	then->soc_end_pct = reading->received.soc_pct;
	then->temp_c = reading->received.temp_c;
	return false;
}

static bool take_minute(void *user, const struct journal_meter *meter)
{
	struct metered *metered = user;

	metered->imported_wh += meter->minute.imported_wh;
	metered->exported_wh += meter->minute.exported_wh;
	metered->known_ms += meter->minute.known_ms;
	return true;
}

static int read_measured(struct then *then, const char *node)
{
	struct journal_span begin = {
	    {then->from.ms - CHARGE_AGE_MAX_MS}, {then->from.ms + 1}, 1, true};
	struct journal_span end = {then->from, then->to, 1, true};
	struct journal_span within = {then->from, then->to, ROWS_MAX, false};
	int rc = journal_read_readings(then->reader, node, begin, take_begin, then);

	if (rc == 0)
		rc = journal_read_readings(then->reader, node, end, take_end, then);
	if (rc == 0)
		rc = journal_read_meters(then->reader, "load", within, take_minute, &then->load);
	if (rc == 0)
		rc = journal_read_meters(then->reader, "pv", within, take_minute, &then->sun);
	if (rc == 0)
		rc = journal_read_meters(then->reader, "grid", within, take_minute, &then->grid);
	return rc;
}

/* ---- the answer ---- */

static json_t *rounded(double value, double scale)
{
	return isfinite(value) ? json_real(round(value * scale) / scale) : json_null();
}

static json_t *mean_w(const struct metered *metered)
{
	return rounded((metered->imported_wh - metered->exported_wh) * MS_PER_HOUR /
			   (double)metered->known_ms,
		       1);
}

static json_t *turns_json(const struct then *then)
{
	json_t *out = json_array();

	for (size_t i = 0; i < then->turns && i < TURNS_MAX; i++) {
		const struct decision *decision = &then->turn[i].decision;
		char buffer[WORDS_MAX];
		struct text words = text_in(buffer, sizeof(buffer));

		decision_format(decision, NULL, &words);
		json_array_append_new(out, json_pack("{s:o, s:s, s:s, s:s}", "at",
						     api_wall(then->turn[i].at), "intent",
						     intent_name(decision->intent), "decided_by",
						     decider_name(decision->winner), "words",
						     buffer));
	}
	return out;
}

/* At the prices that the plan knew of that slot. */
static double bill_of(const struct then *then)
{
	if (then->grid.known_ms == 0)
		return NAN;
	return then->grid.imported_wh / 1000 * (double)then->slot->buy -
	       then->grid.exported_wh / 1000 * (double)then->slot->sell;
}

static json_t *happened_json(const struct then *then)
{
	bool has_grid = then->grid.known_ms > 0;

	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "until",
	    api_wall(then->to), "decisions", turns_json(then), "charging_s",
	    json_integer(then->on_ms[RELAY_SOURCE] / MS_PER_SECOND), "feeding_s",
	    json_integer(then->on_ms[RELAY_LOAD] / MS_PER_SECOND), "soc_begin_pct",
	    rounded(then->soc_begin_pct, 100), "soc_end_pct", rounded(then->soc_end_pct, 100),
	    "temp_c", rounded(then->temp_c, 10), "load_w", mean_w(&then->load), "pv_w",
	    mean_w(&then->sun), "imported_wh",
	    rounded(has_grid ? then->grid.imported_wh : NAN, 10), "exported_wh",
	    rounded(has_grid ? then->grid.exported_wh : NAN, 10), "bill",
	    rounded(bill_of(then), 10000), "bill_expected", api_money(then->slot->bill));
}

static int read_all(struct then *then, const struct api_host *host, size_t battery,
		    struct wall_time at)
{
	const struct battery_config *config = &host->house->batteries[battery];
	struct wall_time now = clock_wall(host->clock);
	int rc = find_plan(then, config->id.text, at);
	int64_t step_ms = then->plan.slot_s * MS_PER_SECOND;

	if (rc != 0 || then->slot == NULL)
		return rc;
	then->from.ms = then->plan.from.ms + (then->slot - then->plan.slots) * step_ms;
	then->to.ms = then->from.ms + step_ms < now.ms ? then->from.ms + step_ms : now.ms;
	then->soc_begin_pct = then->soc_end_pct = then->temp_c = NAN;
	rc = read_decisions(then, config->id.text);
	if (rc == 0)
		rc = read_relays(then, host, battery);
	return rc == 0 ? read_measured(then, config->node.text) : rc;
}

/* Where none counted then. */
static void reply_none(const struct then *then, struct http_reply *reply)
{
	char buffer[WORDS_MAX], made[WALL_TEXT_MAX], until[WALL_TEXT_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	text_add(&words, "no plan was in force at that time");
	if (then->plan.number != 0)
		text_add(&words, "; the last one before it, number %u, was made at %s and ended at "
				 "%s",
			 then->plan.number, wall_format(made, then->plan.made_at, 0),
			 wall_format(until, then->plan.valid_until, 0));
	http_problem_of(reply, 404, "not-found", buffer);
}

static void answer(const struct api *api, size_t battery, struct wall_time at, struct then *then,
		   struct http_reply *reply)
{
	int rc = journal_reader_new(&then->reader, api->host.journal_path);

	if (rc == 0)
		rc = read_all(then, &api->host, battery, at);
	if (rc == 0 && then->slot)
		api_reply(reply, 200,
			  api_plan_why(&then->plan, then->slot, happened_json(then)));
	else if (rc == 0)
		reply_none(then, reply);
	else if (then->reader)
		http_problem(reply, 500, journal_reader_error(then->reader));
	else
		http_problem(reply, rc == -ENOMEM ? 500 : 503, "the journal cannot be read");
	journal_reader_free(then->reader);
}

void api_get_plan_then(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	const char *battery = http_argument(request, "battery");
	int index = battery ? api_configured_battery(api, battery) : 0;
	struct wall_time at = {-1};
	struct then *then;

	if (api_read_time(&at, http_argument(request, "at")) < 0 || at.ms < 0 ||
	    at.ms > clock_wall(api->host.clock).ms) {
		http_problem(reply, 400, "\"at\" must be a time that is past");
		return;
	}
	if (index < 0 || api->host.configured_batteries == 0) {
		http_problem_of(reply, 404, "not-found", "no such battery");
		return;
	}
	then = calloc(1, sizeof(*then));
	if (then == NULL) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	answer(api, (size_t)index, at, then, reply);
	free(then);
}
