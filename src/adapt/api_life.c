/*
 * GET /battery/life: where a battery has lived in the last days, how much it was cycled, and what
 * it takes and gives, from its quarters of an hour in the journal. Runs on a worker.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "adapt/api_internal.h"
#include "adapt/journal_read.h"
#include "model/life.h"
#include "model/stamina.h"

#define DAYS_USUAL 30
#define DAYS_MAX 366
#define QUARTERS_A_DAY 96

/* What its quarters come to. */
struct past {
	struct life life;
	struct stamina stamina;
};

static bool add_quarter(void *user, const struct journal_rollup_row *row)
{
	struct past *past = user;

	life_add(&past->life, row->span, row->readings);
	stamina_add(&past->stamina, row->span, row->readings);
	return true;
}

/* A value with its interval to `step`, or null: not enough data. */
static json_t *learned_json(const struct stamina_value *value, double step)
{
	if (!value->is_known)
		return json_null();
	return json_pack("{s:f, s:f, s:f}", "value", round(value->value / step) * step, "low",
			 round(value->low / step) * step, "high", round(value->high / step) * step);
}

static json_t *stamina_json(const struct stamina *stamina)
{
	struct stamina_learned learned = stamina_learn(stamina);
	char buffer[160] = "";
	struct text needs = text_in(buffer, sizeof(buffer));

	if (!learned.efficiency.is_known)
		text_add(&needs,
			 "not enough data: %d charges and %d discharges of %.0f %% or more with "
			 "measured power, of %d each",
			 (int)learned.charges, (int)learned.discharges, STAMINA_RUN_PCT,
			 STAMINA_RUNS_LEAST);
	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:i, s:i, s:o}", "capacity_wh",
	    learned_json(&learned.capacity_wh, 1), "takes_wh", learned_json(&learned.takes_wh, 1),
	    "gives_wh", learned_json(&learned.gives_wh, 1), "efficiency",
	    learned_json(&learned.efficiency, 0.001), "charges", (int)learned.charges, "discharges",
	    (int)learned.discharges, "needs", buffer[0] ? json_string(buffer) : json_null());
}

static json_t *hours_json(const struct life *life)
{
	json_t *out = json_array();

	for (int soc = 0; soc < LIFE_SOC_BINS; soc++)
		for (int temp = 0; temp < LIFE_TEMP_BINS; temp++)
			if (life->ms[soc][temp] > 0)
				json_array_append_new(
				    out,
				    json_pack("{s:i, s:i, s:o}", "soc_pct", soc * LIFE_SOC_STEP_PCT,
					      "temp_c", LIFE_TEMP_MIN_C + temp * LIFE_TEMP_STEP_C,
					      "h", api_scaled(life->ms[soc][temp], MS_PER_HOUR)));
	return out;
}

static json_t *life_json(const char *battery, const struct journal_span *span,
			 const struct past *past)
{
	const struct life *life = &past->life;
	struct life_cycles cycles = life_cycles(life);

	return json_pack("{s:s, s:o, s:o, s:o, s:{s:f, s:f, s:f, s:s}, s:i, s:i, s:o, s:o}",
			 "battery", battery, "from", api_wall(span->from), "to", api_wall(span->to),
			 "measured_h", api_scaled(life->measured_ms, MS_PER_HOUR), "cycles", "efc",
			 cycles.efc, "low", cycles.low, "high", cycles.high, "from", "soc",
			 "soc_step_pct", LIFE_SOC_STEP_PCT, "temp_step_c", LIFE_TEMP_STEP_C,
			 "hours", hours_json(life), "learned", stamina_json(&past->stamina));
}

static void read_life(const struct api *api, const char *battery, const char *node,
		      struct journal_span span, struct http_reply *reply)
{
	struct past *past = calloc(1, sizeof(*past));
	struct journal_reader *reader = NULL;
	int rc = past ? journal_reader_new(&reader, api->host.journal_path) : -ENOMEM;

	if (rc == 0)
		rc = journal_read_rollups(reader, node, JOURNAL_NODE, ROLLUP_QUARTER, span,
					  add_quarter, past);
	if (rc == 0)
		api_reply(reply, 200, life_json(battery, &span, past));
	else if (reader)
		http_problem(reply, 500, journal_reader_error(reader));
	else
		http_problem(reply, rc == -ENOMEM ? 500 : 503, "the journal cannot be read");
	journal_reader_free(reader);
	free(past);
}

void api_get_battery_life(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	const char *battery = http_argument(request, "battery");
	int index = battery ? api_configured_battery(api, battery) : -1;
	struct journal_span span = {.limit = DAYS_MAX * QUARTERS_A_DAY};
	uint32_t days = DAYS_USUAL;

	if (!battery) {
		http_problem(reply, 400, "\"battery\" is missing: which one");
		return;
	}
	if (api_read_limit(&days, http_argument(request, "days"), DAYS_MAX) < 0) {
		http_problem(reply, 400, "\"days\" must be within 1..366");
		return;
	}
	if (index < 0 && !api_is_admitted(api, battery)) {
		http_problem_of(reply, 404, "not-found", "no such battery");
		return;
	}
	span.to = clock_wall(api->host.clock);
	span.from.ms = span.to.ms - (int64_t)days * MS_PER_DAY;
	read_life(api, battery, index < 0 ? battery : api->host.house->batteries[index].node.text,
		  span, reply);
}
