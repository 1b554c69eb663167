/*
 * GET /plan/past: what was forecast, beside what happened. Of each slot the earliest forecast
 * counts that was made within `ahead` of it. GET /plan/worth: what was paid by the meters in those
 * slots, what the plan expected, and what it had been without a battery. Both run on a worker.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "adapt/api_internal.h"
#include "adapt/journal_read.h"

#define AHEAD_HOURS_MAX 24
#define SPAN_USUAL_MS MS_PER_DAY
#define WORTH_USUAL_MS (7 * (int64_t)MS_PER_DAY)
#define MEASURED_PCT 95 /* of a slot, for it to count as measured */
#define SPAN_MAX_MS (31 * (int64_t)MS_PER_DAY)
#define PLANS_MAX 8192 /* that are read: two months of quarters of an hour, and those made anew */
#define ROWS_MAX 20000
#define QUARTER_MS (15 * MS_PER_MINUTE)

/* A slot's forecast and what it came to; sums until all is read. */
struct past_slot {
	bool is_forecast, has_sun; /* `has_sun`: that was forecast too */
	struct planned_slot slot;
	float buy, sell; /* by the newest plan that knew them; NaN: none did */
	double load_wh, pv_wh, imported_wh, exported_wh, soc_sum, temp_sum;
	int64_t load_ms, pv_ms, grid_ms, soc_count, temp_count;
};

struct past {
	struct wall_time from, to;
	int64_t ahead_ms, step_ms;
	size_t count;
	struct past_slot *slots;
	enum { PAST_LOAD, PAST_SUN, PAST_GRID, PAST_BATTERY } reads;
};

static struct past_slot *slot_at(const struct past *past, int64_t at_ms)
{
	if (at_ms < past->from.ms || at_ms >= past->to.ms)
		return NULL;
	return &past->slots[(at_ms - past->from.ms) / past->step_ms];
}

/* ---- plans ---- */

/* The length of slots is that of the newest plan; begins of slots are multiples of it. */
static bool take_step(void *user, const struct planned *plan)
{
	struct past *past = user;

	past->step_ms = plan->slot_s * MS_PER_SECOND;
	return false;
}

static bool take_plan(void *user, const struct planned *plan)
{
	const struct past *past = user;

	if (plan->slot_s * MS_PER_SECOND != past->step_ms)
		return true;
	for (int i = 0; i < plan->count; i++) {
		int64_t at_ms = plan->from.ms + i * past->step_ms;
		struct past_slot *slot = slot_at(past, at_ms);

		if (slot == NULL)
			continue;
		if (!plan->slots[i].price_is_assumed) {
			slot->buy = plan->slots[i].buy;
			slot->sell = plan->slots[i].sell;
		}
		if (slot->is_forecast || at_ms - plan->made_at.ms > past->ahead_ms)
			continue;
		slot->is_forecast = true;
		slot->has_sun = !plan->is_by_log;
		slot->slot = plan->slots[i];
	}
	return true;
}

/* ---- what happened ---- */

static bool take_row(void *user, const struct journal_rollup_row *row)
{
	const struct past *past = user;
	struct past_slot *slot = slot_at(past, row->span.from.ms);
	const struct rollup_readings *readings = row->readings;

	if (slot == NULL)
		return true;
	if (past->reads == PAST_LOAD) {
		slot->load_wh += readings->charged_wh - readings->discharged_wh;
		slot->load_ms += readings->power_w.count;
	} else if (past->reads == PAST_SUN) {
		slot->pv_wh += readings->charged_wh - readings->discharged_wh;
		slot->pv_ms += readings->power_w.count;
	} else if (past->reads == PAST_GRID) {
		slot->imported_wh += readings->charged_wh;
		slot->exported_wh += readings->discharged_wh;
		slot->grid_ms += readings->power_w.count;
	} else {
		if (readings->soc_pct.count > 0) {
			slot->soc_sum = readings->soc_pct.last;
			slot->soc_count = 1;
		}
		slot->temp_sum += readings->temp_c.mean * (double)readings->temp_c.count;
		slot->temp_count += readings->temp_c.count;
	}
	return true;
}

/* ---- the answer ---- */

static void add(json_t *columns, const char *name, double value, double scale)
{
	json_array_append_new(json_object_get(columns, name),
			      isfinite(value) ? json_real(round(value * scale) / scale)
					      : json_null());
}

static double mean_w(double wh, int64_t known_ms)
{
	return known_ms > 0 ? wh * MS_PER_HOUR / (double)known_ms : NAN;
}

static void add_three(json_t *columns, const char *const names[PLANNED_QUANTILES],
		      const int32_t value[PLANNED_QUANTILES], bool is_known, double scale)
{
	for (int i = 0; i < PLANNED_QUANTILES; i++)
		add(columns, names[i], is_known ? value[i] / scale : NAN, scale);
}

static void add_slot(json_t *columns, int64_t at_ms, const struct past_slot *slot)
{
	static const char *const load[] = {"load_p10_w", "load_p50_w", "load_p90_w"};
	static const char *const sun[] = {"pv_p10_w", "pv_p50_w", "pv_p90_w"};
	static const char *const soc[] = {"soc_p10_pct", "soc_p50_pct", "soc_p90_pct"};
	bool is_known = slot->is_forecast && slot->slot.is_known;

	json_array_append_new(json_object_get(columns, "t"), json_integer(at_ms / MS_PER_SECOND));
	add(columns, "load_w", mean_w(slot->load_wh, slot->load_ms), 1);
	add(columns, "pv_w", mean_w(slot->pv_wh, slot->pv_ms), 1);
	add(columns, "soc_pct", slot->soc_count > 0 ? slot->soc_sum : NAN, 100);
	add(columns, "temp_c",
	    slot->temp_count > 0 ? slot->temp_sum / (double)slot->temp_count : NAN, 100);
	add(columns, "temp_p50_c",
	    slot->is_forecast && slot->slot.has_temp ? slot->slot.temp_mc / 1000.0 : NAN, 10);
	add_three(columns, load, slot->slot.load_w, is_known, 1);
	add_three(columns, sun, slot->slot.pv_w, is_known && slot->has_sun, 1);
	add_three(columns, soc, slot->slot.soc_bp, slot->is_forecast, 100);
}

static json_t *past_json(const struct api *api, const struct past *past)
{
	static const char *const names[] = {
	    "t",           "load_w",      "load_p10_w",  "load_p50_w", "load_p90_w",
	    "pv_w",        "pv_p10_w",    "pv_p50_w",    "pv_p90_w",   "soc_pct",
	    "soc_p10_pct", "soc_p50_pct", "soc_p90_pct", "temp_c",     "temp_p50_c",
	};
	json_t *columns = json_object();

	(void)api;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		json_object_set_new(columns, names[i], json_array());
	for (size_t i = 0; i < past->count; i++)
		add_slot(columns, past->from.ms + (int64_t)i * past->step_ms, &past->slots[i]);
	return json_pack("{s:I, s:o}", "slot_s", (json_int_t)(past->step_ms / MS_PER_SECOND),
			 "columns", columns);
}

/* ---- money ---- */

struct worth {
	int64_t measured_ms;
	double bill, without_battery, expected;
};

static bool is_measured(const struct past *past, const struct past_slot *slot)
{
	int64_t least_ms = past->step_ms * MEASURED_PCT / 100;

	return slot->is_forecast && isfinite(slot->buy) && isfinite(slot->sell) &&
	       isfinite(slot->slot.bill) && slot->load_ms >= least_ms && slot->pv_ms >= least_ms &&
	       slot->grid_ms >= least_ms;
}

static void add_worth(struct worth *worth, const struct past *past, const struct past_slot *slot)
{
	double buy = (double)slot->buy / 1000, sell = (double)slot->sell / 1000;
	double net_wh = slot->load_wh - slot->pv_wh;

	worth->measured_ms += past->step_ms;
	worth->bill += slot->imported_wh * buy - slot->exported_wh * sell;
	worth->without_battery += net_wh * (net_wh > 0 ? buy : sell);
	worth->expected += (double)slot->slot.bill;
}

/* Null where nothing was measured. */
static json_t *amount(const struct worth *worth, double money)
{
	return worth->measured_ms > 0 ? api_money((float)money) : json_null();
}

static json_t *worth_json(const struct api *api, const struct past *past)
{
	struct worth worth = {0};

	for (size_t i = 0; i < past->count; i++)
		if (is_measured(past, &past->slots[i]))
			add_worth(&worth, past, &past->slots[i]);
	return json_pack("{s:I, s:s, s:o, s:o, s:o}", "measured_s",
			 (json_int_t)(worth.measured_ms / MS_PER_SECOND), "currency",
			 api->host.house->prices.currency, "bill", amount(&worth, worth.bill),
			 "without_battery", amount(&worth, worth.without_battery), "expected_bill",
			 amount(&worth, worth.expected));
}

/* ---- reading ---- */

static int read_happened(struct journal_reader *reader, const char *node, struct past *past)
{
	struct journal_span span = {past->from, past->to, ROWS_MAX, false};
	int rc;

	past->reads = PAST_LOAD;
	rc = journal_read_rollups(reader, "load", JOURNAL_METER, ROLLUP_QUARTER, span, take_row,
				  past);
	past->reads = PAST_SUN;
	if (rc == 0)
		rc = journal_read_rollups(reader, "pv", JOURNAL_METER, ROLLUP_QUARTER, span,
					  take_row, past);
	past->reads = PAST_GRID;
	if (rc == 0)
		rc = journal_read_rollups(reader, "grid", JOURNAL_METER, ROLLUP_QUARTER, span,
					  take_row, past);
	past->reads = PAST_BATTERY;
	if (rc == 0)
		rc = journal_read_rollups(reader, node, JOURNAL_NODE, ROLLUP_QUARTER, span,
					  take_row, past);
	return rc;
}

static int read_past(struct journal_reader *reader, const char *battery, const char *node,
		     struct past *past)
{
	struct journal_span newest = {{0}, {INT64_MAX}, 1, true};
	struct journal_span made = {{past->from.ms - past->ahead_ms}, past->to, PLANS_MAX, false};
	int rc = journal_read_plans(reader, battery, newest, take_step, past);

	if (rc != 0)
		return rc;
	past->from.ms -= past->from.ms % past->step_ms;
	past->to.ms += past->step_ms - 1 - (past->to.ms - 1) % past->step_ms;
	past->count = (size_t)((past->to.ms - past->from.ms) / past->step_ms);
	past->slots = calloc(past->count, sizeof(*past->slots));
	if (past->slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < past->count; i++)
		past->slots[i].buy = past->slots[i].sell = NAN;
	rc = journal_read_plans(reader, battery, made, take_plan, past);
	return rc == 0 ? read_happened(reader, node, past) : rc;
}

typedef json_t *past_teller(const struct api *api, const struct past *past);

static void answer(const struct api *api, int index, struct past *past, past_teller *tell,
		   struct http_reply *reply)
{
	const struct battery_config *battery = &api->host.house->batteries[index];
	struct journal_reader *reader = NULL;
	int rc = journal_reader_new(&reader, api->host.journal_path);

	if (rc == 0)
		rc = read_past(reader, battery->id.text, battery->node.text, past);
	if (rc == 0)
		api_reply(reply, 200, tell(api, past));
	else if (reader)
		http_problem(reply, 500, journal_reader_error(reader));
	else
		http_problem(reply, rc == -ENOMEM ? 500 : 503, "the journal cannot be read");
	journal_reader_free(reader);
	free(past->slots);
}

/* "24h", "6h", "1h". Leaves `out` alone where `text` is NULL. */
static int read_ahead(int64_t *ahead_ms, const char *text)
{
	char *end;
	long hours;

	if (text == NULL)
		return 0;
	hours = strtol(text, &end, 10);
	if (end == text || *end != 'h' || end[1] != '\0' || hours < 1 || hours > AHEAD_HOURS_MAX)
		return -EINVAL;
	*ahead_ms = hours * MS_PER_HOUR;
	return 0;
}

/* A span of `usual_ms` where none is asked for. */
static void tell_past(const struct api *api, const struct http_request *request, int64_t usual_ms,
		      past_teller *tell, struct http_reply *reply)
{
	const char *battery = http_argument(request, "battery");
	int index = battery ? api_configured_battery(api, battery) : 0;
	struct past past = {.ahead_ms = AHEAD_HOURS_MAX * MS_PER_HOUR, .step_ms = QUARTER_MS};

	past.to = clock_wall(api->host.clock);
	if (api_read_time(&past.to, http_argument(request, "to")) < 0) {
		http_problem(reply, 400, "\"to\" is no time");
		return;
	}
	past.from.ms = past.to.ms - usual_ms;
	if (api_read_time(&past.from, http_argument(request, "from")) < 0 || past.from.ms < 0 ||
	    past.to.ms <= past.from.ms || past.to.ms - past.from.ms > SPAN_MAX_MS) {
		http_problem(reply, 400,
			     "\"from\" must be a time before \"to\", by 31 days at most");
		return;
	}
	if (read_ahead(&past.ahead_ms, http_argument(request, "ahead")) < 0) {
		http_problem(reply, 400, "\"ahead\" must be hours: 1h to 24h");
		return;
	}
	if (index < 0 || api->host.configured_batteries == 0) {
		http_problem_of(reply, 404, "not-found", "no such battery");
		return;
	}
	answer(api, index, &past, tell, reply);
}

void api_get_plan_past(void *user, const struct http_request *request, struct http_reply *reply)
{
	tell_past(user, request, SPAN_USUAL_MS, past_json, reply);
}

void api_get_plan_worth(void *user, const struct http_request *request, struct http_reply *reply)
{
	tell_past(user, request, WORTH_USUAL_MS, worth_json, reply);
}
