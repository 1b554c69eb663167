/*
 * GET /plan/what-if: what the plan would come to with other settings, another battery or one price,
 * beside what it comes to now. The daemon plans on a worker, one comparison at a time; the request
 * waits for it.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"

/* What may be asked for, in plain units. */
static const struct circumstance {
	const char *name, *unit;
	double least, most;
	double scale;      /* to the core's unit */
	size_t has, value; /* in struct plan_change */
	bool is_price;
} CIRCUMSTANCES[] = {
    {"reserve_pct", "%", 0, 95, 100, offsetof(struct plan_change, has_reserve),
     offsetof(struct plan_change, reserve_bp), false},
    {"ceiling_pct", "%", 5, 100, 100, offsetof(struct plan_change, has_ceiling),
     offsetof(struct plan_change, ceiling_bp), false},
    {"power_kw", "kW", 0.1, 100, 1000, offsetof(struct plan_change, has_power),
     offsetof(struct plan_change, power_w), false},
    {"capacity_kwh", "kWh", 0.5, 1000, 1000, offsetof(struct plan_change, has_capacity),
     offsetof(struct plan_change, capacity_wh), false},
    {"import", "per kWh", -10, 10, 1, offsetof(struct plan_change, has_buy),
     offsetof(struct plan_change, buy), true},
    {"export", "per kWh", -10, 10, 1, offsetof(struct plan_change, has_sell),
     offsetof(struct plan_change, sell), true},
};

/* A request that waits. */
struct plan_call {
	struct http_exchange *exchange;
	char battery[IDENT_MAX + 1];
};

/* Reads one; returns 0, 1 where it is not asked for, or -ERANGE with a sentence. */
static int read_one(const struct circumstance *one, const struct http_request *request,
		    struct plan_change *change, struct text *error)
{
	const char *words = http_argument(request, one->name);
	double number;

	if (words == NULL)
		return 1;
	if (number_parse(&number, words, strlen(words)) < 0 || number < one->least ||
	    number > one->most) {
		text_add(error, "\"%s\" is %g to %g %s", one->name, one->least, one->most,
			 one->unit);
		return -ERANGE;
	}
	*(bool *)((char *)change + one->has) = true;
	if (one->is_price)
		*(double *)((char *)change + one->value) = number;
	else
		*(int32_t *)((char *)change + one->value) = (int32_t)lround(number * one->scale);
	return 0;
}

static int read_change(const struct http_request *request, struct plan_change *change,
		       struct text *error)
{
	size_t count = 0;

	memset(change, 0, sizeof(*change));
	for (size_t i = 0; i < ARRAY_LENGTH(CIRCUMSTANCES); i++) {
		int found = read_one(&CIRCUMSTANCES[i], request, change, error);

		if (found < 0)
			return found;
		count += found == 0;
	}
	if (count > 0)
		return 0;
	text_add(error, "nothing is to be otherwise: reserve_pct, ceiling_pct, power_kw, "
			"capacity_kwh, import or export");
	return -EINVAL;
}

static json_t *sum_json(const struct plan_sum *sum)
{
	return json_pack("{s:f, s:f, s:f, s:f}", "bill", round(sum->bill * 10000) / 10000, "saved",
			 round(sum->saved * 10000) / 10000, "cycles",
			 round(sum->cycles * 1000) / 1000, "soc_end_pct",
			 round(sum->soc_end_pct * 100) / 100);
}

static struct plan_sum difference_of(const struct plan_compared *compared)
{
	const struct plan_sum *is = &compared->is, *would = &compared->would;

	return (struct plan_sum){.bill = would->bill - is->bill,
				 .saved = would->saved - is->saved,
				 .cycles = would->cycles - is->cycles,
				 .soc_end_pct = would->soc_end_pct - is->soc_end_pct};
}

static json_t *compared_json(const char *battery, const struct plan_compared *compared)
{
	struct plan_sum difference = difference_of(compared);

	return json_pack("{s:s, s:f, s:o, s:o, s:o}", "battery", battery, "hours",
			 (double)compared->slots * compared->slot_s / 3600, "now",
			 sum_json(&compared->is), "would", sum_json(&compared->would), "difference",
			 sum_json(&difference));
}

static void on_compared(void *user, const struct plan_compared *compared, const char *words)
{
	struct plan_call *call = user;
	struct http_reply reply = {0};

	if (compared == NULL)
		http_problem_of(&reply, 503, "not-now", words);
	else
		api_reply(&reply, 200, compared_json(call->battery, compared));
	http_answer(call->exchange, reply);
	free(call);
}

static void refuse(struct http_reply *reply, int rc, const char *words)
{
	switch (rc) {
	case -ENOENT:
		http_problem_of(reply, 404, "not-found", words);
		break;
	case -ERANGE:
		http_problem_of(reply, 422, "out-of-range", words);
		break;
	case -EINVAL:
		http_problem(reply, 400, words);
		break;
	case -EBUSY:
		http_problem_of(reply, 503, "not-now", words);
		break;
	default:
		http_problem(reply, 500, words);
	}
}

void api_get_plan_what_if(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	const char *name = http_argument(request, "battery");
	int battery = name ? house_find_battery(api->host.house, name)
			   : (api->host.house->battery_count > 0 ? 0 : -1);
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct plan_change change;
	struct plan_call *call;
	int rc;

	if (battery < 0) {
		http_problem_of(reply, 404, "not-found", "no such battery");
		return;
	}
	rc = read_change(request, &change, &error);
	if (rc < 0) {
		refuse(reply, rc, buffer);
		return;
	}
	call = calloc(1, sizeof(*call));
	if (call == NULL) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	strcpy(call->battery, api->host.house->batteries[battery].id.text);
	rc = api->host.compare_plans(api->host.user, (size_t)battery, &change, on_compared, call,
				     &error);
	if (rc < 0) {
		free(call);
		refuse(reply, rc, buffer);
		return;
	}
	call->exchange = http_defer(request);
}
