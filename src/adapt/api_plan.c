/*
 * GET /plan and /plan/explain: the plan of a battery slot by slot, and why it is so at a time;
 * what is past is api_plan_then.c's.
 * What a plan is made from is the daemon's; here it becomes JSON and words.
 */
#include <math.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "wire/plan_words.h"

#define SENTENCE_MAX 256

/* ---- which battery ---- */

/* The one that is asked for, or else the first. Returns -1 and has answered where there is none. */
static int battery_asked(const struct api *api, const struct http_request *request,
			 struct http_reply *reply)
{
	const char *name = http_argument(request, "battery");
	int index = name ? house_find_battery(api->host.house, name)
			 : (api->host.house->battery_count > 0 ? 0 : -1);

	if (index < 0)
		http_problem_of(reply, 404, "not-found", "no such battery");
	return index;
}

/* Who decides without a plan. */
static const char *meanwhile(const struct api *api, int battery)
{
	int64_t logic = setting(&api->host.site->settings[battery], PARAMETER_LOGIC);

	return parameter_get(PARAMETER_LOGIC)
	    ->choices[logic == LOGIC_PLAN ? LOGIC_THRESHOLD : logic];
}

/* ---- slots ---- */

/* Money, and prices: to a hundredth of a cent. */
json_t *api_money(float value)
{
	return isnan(value) ? json_null() : json_real(round((double)value * 10000) / 10000);
}

static json_t *watts(bool is_known, const int32_t value[PLANNED_QUANTILES])
{
	if (!is_known)
		return json_null();
	return json_pack("[i, i, i]", value[PLANNED_P10], value[PLANNED_P50], value[PLANNED_P90]);
}

static json_t *soc(const struct planned_slot *slot)
{
	return json_pack("[o, o, o]", api_scaled(slot->soc_bp[PLANNED_P10], 100),
			 api_scaled(slot->soc_bp[PLANNED_P50], 100),
			 api_scaled(slot->soc_bp[PLANNED_P90], 100));
}

/* At the slot's end, as is likely; °C to a tenth. */
static json_t *temp(const struct planned_slot *slot)
{
	return slot->has_temp ? json_real(round((double)slot->temp_mc / 100) / 10) : json_null();
}

/* The level, of the modes that have one. */
static json_t *level(const struct planned_slot *slot)
{
	if (slot->mode != PLANNED_CHARGE_TO && slot->mode != PLANNED_DISCHARGE_TO)
		return json_null();
	return api_scaled(slot->level_bp / 10, 10);
}

static struct wall_time slot_time(const struct planned *plan, const struct planned_slot *slot)
{
	return (struct wall_time){plan->from.ms +
				  (slot - plan->slots) * plan->slot_s * MS_PER_SECOND};
}

static json_t *slot_json(const struct planned *plan, const struct planned_slot *slot)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "at",
			 api_wall(slot_time(plan, slot)), "mode", planned_mode_name(slot->mode),
			 "level_pct", level(slot), "buy", api_money(slot->buy), "sell",
			 api_money(slot->sell), "price_assumed", slot->price_is_assumed, "load_w",
			 watts(slot->is_known, slot->load_w), "pv_w",
			 watts(slot->is_known && !plan->is_by_log, slot->pv_w), "pv_said_w",
			 slot->said_w < 0 ? json_null() : json_integer(slot->said_w), "soc_pct",
			 soc(slot), "temp_c", temp(slot), "bill", api_money(slot->bill));
}

/* ---- words ---- */

static json_t *sentence_json(const struct planned *plan, const struct planned_slot *slot)
{
	char buffer[SENTENCE_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	plan_sentence(&words, plan, slot);
	return json_string(buffer);
}

/* What `why` says as a code with its numbers, for who says it in another language. */
static json_t *why_reason_json(const struct plan_status *status)
{
	return status->reason.code == REASON_NONE
		   ? json_null()
		   : api_reason(&status->reason, &status->reason, NULL);
}

static json_t *why_meter_json(const struct plan_status *status)
{
	return !status->meter ? json_null()
			      : json_pack("{s:s, s:s}", "meter", status->meter, "quality",
					  quality_name(status->meter_quality));
}

/* ---- the plan ---- */

/* [low, high], or null. */
static json_t *between_json(struct planned_between between)
{
	if (isnan(between.low) || isnan(between.high))
		return json_null();
	return json_pack("[o, o]", api_money(between.low), api_money(between.high));
}

static json_t *expected_json(const struct planned *plan)
{
	json_t *rules = json_array();

	for (int rule = 0; rule < PLANNED_RULES; rule++)
		json_array_append_new(rules, json_pack("{s:s, s:o}", "name",
						       planned_rule_name((enum planned_rule)rule),
						       "bill", api_money(plan->rule_bill[rule])));
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "bill", api_money(plan->bill), "saved",
			 api_money(plan->saved), "bill_between", between_json(plan->bill_between),
			 "saved_between", between_json(plan->saved_between), "rules", rules);
}

/* What the plan knows of the home, and what it does not. */
static json_t *basis_json(const struct planned *plan)
{
	static const char *const words[2][2] = {
	    {"from the meters of the home and its prices",
	     "from the battery's own log: what charging brought at this hour and what the house "
	     "drew, "
	     "with the prices; the sun and the house themselves are not measured"},
	    {"",
	     "from the battery's own log alone: it charges when that usually brings most, as by "
	     "the "
	     "sun; prices, the sun and the house themselves are not known, so no money is said"}};

	return json_pack("{s:s, s:b, s:s}", "name", plan->is_by_log ? "log" : "meters", "prices",
			 !plan->has_no_prices, "words",
			 words[plan->has_no_prices][plan->is_by_log]);
}

static json_t *plan_json(const struct api *api, const struct plan_status *status)
{
	const struct planned *plan = status->plan;
	const struct planned_slot *now = planned_at(plan, clock_wall(api->host.clock));
	json_t *slots = json_array();
	bool is_assumed = false;

	if (now == NULL)
		now = &plan->slots[0];
	for (int i = 0; i < plan->count; i++) {
		is_assumed = is_assumed || plan->slots[i].price_is_assumed;
		json_array_append_new(slots, slot_json(plan, &plan->slots[i]));
	}
	return json_pack("{s:I, s:o, s:o, s:i, s:o, s:s, s:s, s:o, s:o, s:i, s:b, s:{s:s, s:o, s:o}, s:o, "
			 "s:o, s:s, s:o, s:o, s:o}",
			 "number", (json_int_t)plan->number, "made_at", api_wall(plan->made_at),
			 "from", api_wall(plan->from), "slot_s", plan->slot_s, "valid_until",
			 api_wall(plan->valid_until), "state", planned_state_name(status->state),
			 "why", status->why, "why_reason", why_reason_json(status), "why_meter",
			 why_meter_json(status), "days_known", plan->days_known, "prices_assumed",
			 is_assumed, "mode", "name", planned_mode_name(now->mode), "level_pct",
			 level(now), "sentence", sentence_json(plan, now), "slots", slots,
			 "expected", expected_json(plan), "made_for",
			 planned_cause_name(plan->cause), "basis", basis_json(plan), "pv_forecast",
			 api_plan_sun(plan), "paths", api_plan_paths(plan, plan->currency));
}

void api_get_plan(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	int battery = battery_asked(api, request, reply);
	struct plan_status status = {0};
	json_t *needs = json_array();

	if (battery < 0) {
		json_decref(needs);
		return;
	}
	api->host.plan(api->host.user, (size_t)battery, &status);
	for (size_t i = 0; i < status.need_count; i++)
		json_array_append_new(needs, json_string(status.needs[i]));
	api_reply(reply, 200,
		  json_pack("{s:s, s:o, s:o, s:s}", "battery",
			    api->host.house->batteries[battery].id.text, "plan",
			    status.plan ? plan_json(api, &status) : json_null(), "needs", needs,
			    "meanwhile", meanwhile(api, battery)));
}

/* ---- why ---- */

static void add_binding(json_t *out, const char *limit, int32_t value, const char *unit,
			const char *words)
{
	json_array_append_new(out, json_pack("{s:s, s:o, s:s, s:s}", "limit", limit, "value",
					     api_scaled(value, strcmp(unit, "%") == 0 ? 100 : 1),
					     "unit", unit, "words", words));
}

static bool is_too_cold_or_hot(const struct planned_limits *limits, const struct planned_slot *slot)
{
	return slot->temp_mc < limits->charge_min_mc || slot->temp_mc > limits->charge_max_mc;
}

/*
 * What keeps more from being done, as expected: limits that the plan was made within and the slot
 * meets; null where they were not kept.
 */
static json_t *binding_json(const struct planned *plan, const struct planned_slot *slot)
{
	const struct planned_limits *limits = &plan->limits;
	int32_t median = slot->soc_bp[PLANNED_P50];
	int32_t need_w = slot->load_w[PLANNED_P50] - slot->pv_w[PLANNED_P50];
	json_t *out;

	if (!limits->are_known)
		return json_null();
	out = json_array();
	if (median <= limits->reserve_bp + 50)
		add_binding(out, "reserve", limits->reserve_bp, "%",
			    "it may not fall below the reserve");
	if (median >= limits->ceiling_bp - 50)
		add_binding(out, "ceiling", limits->ceiling_bp, "%",
			    "it may not be charged beyond the ceiling");
	if (slot->has_temp && is_too_cold_or_hot(limits, slot))
		add_binding(out, "temperature", slot->temp_mc / 1000, "°C",
			    "its cells will likely be too cold or too hot to be charged");
	if ((slot->mode == PLANNED_CHARGE_TO && median < slot->level_bp - 50) ||
	    (slot->mode == PLANNED_SELF_CONSUME && slot->is_known && need_w > limits->power_w))
		add_binding(out, "power", limits->power_w, "W", "it takes and gives no more power");
	if (!plan->is_by_log && limits->are_exclusive &&
	    (slot->mode == PLANNED_SELF_CONSUME || slot->mode == PLANNED_CHARGE_FROM_SUN))
		json_array_append_new(
		    out, json_pack("{s:s, s:n, s:s, s:s}", "limit", "paths", "value", "unit", "",
				   "words",
				   "a relay charges with full power, and never while the other one "
				   "feeds the house"));
	return out;
}

static json_t *alternatives_json(const struct planned_slot *slot)
{
	static const char *const words[PLANNED_MODES] = {
	    "rest", "feed the house and store the sun", "store the sun alone",
	    "charge from the grid", "give to the grid"};
	json_t *out = json_array();

	for (int mode = 0; mode < PLANNED_MODES; mode++)
		if (!isnan(slot->more[mode]))
			json_array_append_new(
			    out, json_pack("{s:s, s:o, s:s}", "mode",
					   planned_mode_name((enum planned_mode)mode), "costs",
					   api_money(slot->more[mode]), "words", words[mode]));
	return out;
}

static json_t *end_json(const struct planned *plan, const struct planned_slot *slot)
{
	return json_pack("{s:o, s:o}", "at", api_wall(slot_time(plan, slot)), "buy",
			 api_money(slot->buy));
}

static json_t *inputs_json(const struct planned *plan, const struct planned_slot *slot)
{
	const struct planned_slot *cheapest, *dearest;

	plan_price_ends(plan, slot, &cheapest, &dearest);
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "buy", api_money(slot->buy),
			 "sell", api_money(slot->sell), "price_assumed", slot->price_is_assumed,
			 "cheapest", end_json(plan, cheapest), "dearest", end_json(plan, dearest),
			 "load_w", watts(slot->is_known, slot->load_w), "pv_w",
			 watts(slot->is_known && !plan->is_by_log, slot->pv_w), "soc_pct",
			 soc(slot), "temp_c", temp(slot));
}

json_t *api_plan_why(const struct planned *plan, const struct planned_slot *slot, json_t *happened)
{
	return json_pack(
	    "{s:I, s:o, s:s, s:I, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number",
	    (json_int_t)plan->number, "made_at", api_wall(plan->made_at), "made_for",
	    planned_cause_name(plan->cause), "days_known", (json_int_t)plan->days_known, "currency",
	    plan->currency, "at", api_wall(slot_time(plan, slot)), "mode",
	    planned_mode_name(slot->mode), "level_pct", level(slot), "sentence",
	    sentence_json(plan, slot), "inputs", inputs_json(plan, slot), "binding",
	    binding_json(plan, slot), "alternatives", alternatives_json(slot), "pv_forecast",
	    api_plan_sun(plan), "paths", api_plan_paths(plan, plan->currency), "happened",
	    happened);
}

void api_get_plan_explain(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	const char *when = http_argument(request, "at");
	int battery = battery_asked(api, request, reply);
	struct wall_time at = clock_wall(api->host.clock);
	struct plan_status status = {0};
	const struct planned_slot *slot = NULL;

	if (battery < 0)
		return;
	if (when && api_read_time(&at, when) < 0) {
		http_problem(reply, 400, "\"at\" is no time");
		return;
	}
	api->host.plan(api->host.user, (size_t)battery, &status);
	if (status.plan)
		slot = planned_at(status.plan, at);
	if (slot)
		api_reply(reply, 200, api_plan_why(status.plan, slot, json_null()));
	else
		http_problem_of(reply, 404, "not-found",
				"the plan in force is not about that time; GET /plan/past/explain "
				"knows what is past");
}
