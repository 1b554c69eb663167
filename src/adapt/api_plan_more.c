/*
 * What a plan rests on and is bound by besides its slots: a forecast of the sun from outside, and
 * paths that are never closed together; with words for people.
 */
#include <math.h>

#include "adapt/api_internal.h"

#define WORDS_MAX 320
#define SAME 0.005f /* amounts less than half a cent apart are the same */

static void add_sun(struct text *out, const struct planned_outside *outside)
{
	switch (outside->sun) {
	case PLANNED_SUN_LEARNING:
		text_add(out, "a forecast of the sun comes from outside, and is compared with the "
			      "roof for some days before the plan goes by it");
		break;
	case PLANNED_SUN_STALE:
		text_add(out,
			 "the forecast of the sun from outside is missing or older than a day; "
			 "the plan goes by the home's own days");
		break;
	case PLANNED_SUN_ODD:
		text_add(out,
			 "the forecast of the sun from outside cannot be right: more than this "
			 "roof gives, far from what it gave, or sun at night; the plan goes by "
			 "the home's own days");
		break;
	case PLANNED_SUN_NO_BETTER:
		text_add(
		    out,
		    "the forecast of the sun from outside was off by %d W six hours ahead, the "
		    "home's own days by %d W; the plan goes by its own",
		    outside->said_off_w, outside->own_off_w);
		break;
	case PLANNED_SUN_USED:
		text_add(out,
			 "%d %% of the sun ahead is the word of a forecast from outside, which was "
			 "off by %d W six hours ahead, the home's own days by %d W",
			 outside->share_pct, outside->said_off_w, outside->own_off_w);
		break;
	default:
		break;
	}
}

json_t *api_plan_sun(const struct planned *plan)
{
	const struct planned_outside *outside = &plan->outside;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	if (outside->sun == PLANNED_SUN_OWN)
		return json_null();
	add_sun(&words, outside);
	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:s}", "state", planned_sun_name(outside->sun),
			 "share_pct", outside->share_pct, "days", outside->days, "off_w",
			 outside->said_off_w, "own_off_w", outside->own_off_w, "words", buffer);
}

static void add_paths(struct text *out, const struct planned *plan, const char *currency)
{
	float costs = plan->bill - plan->free_bill;
	float own = plan->rule_bill[PLANNED_RULE_SELF_USE];

	text_add(out, "a relay charges with full power whatever the sun gives, and never while the "
		      "other one feeds the house");
	if (costs < SAME)
		text_add(out, "; in these hours that costs nothing worth telling");
	else
		text_add(out, "; that costs %.2f %s of these hours", (double)costs, currency);
	if (own - plan->free_self_use >= SAME)
		text_add(out,
			 ". Self-use pays %.2f %s so, as it buys while it stores; with paths that "
			 "may both be closed it would pay %.2f %s",
			 (double)own, currency, (double)plan->free_self_use, currency);
}

json_t *api_plan_paths(const struct planned *plan, const char *currency)
{
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	if (isnan(plan->free_bill) || isnan(plan->free_self_use))
		return json_null();
	add_paths(&words, plan, currency);
	return json_pack("{s:o, s:o, s:o, s:s}", "cost", api_money(plan->bill - plan->free_bill),
			 "bill_without", api_money(plan->free_bill), "self_use_without",
			 api_money(plan->free_self_use), "words", buffer);
}
