/* The simple rules. What they know of tomorrow is its prices. */
#include "plan/rule.h"

#include <math.h>

#define FILL_HOURS 2
#define KEEP_FROM_HOUR 6 /* until the evening's dear hours */
#define KEEP_TO_HOUR 16

static float mean_of_day(const struct plan_rule_day *past, const struct plan_slot *slots, int count)
{
	float sum = past->sum;
	int known = past->count;

	for (int i = 0; i < count && slots[i].when.day == past->day; i++) {
		sum += slots[i].price.buy;
		known++;
	}
	return sum / (float)known;
}

struct plan_rule_view plan_rule_look(struct plan_rule_day *day, const struct plan_slot *slots,
				     int count, int slots_per_day)
{
	struct plan_rule_view view = {0};
	int within = FILL_HOURS * slots_per_day / 24, cheap = 0;
	float mean;

	if (day->day != slots[0].when.day)
		*day = (struct plan_rule_day){.day = slots[0].when.day};
	mean = mean_of_day(day, slots, count);
	while (cheap < count && cheap <= within && slots[cheap].price.buy <= mean)
		cheap++;
	view.is_cheap = slots[0].price.buy <= mean;
	view.fill_slots = view.is_cheap && cheap <= within && cheap < count ? cheap : 0;
	view.hour = (float)slots[0].when.place * 24 / (float)slots_per_day;
	day->sum += slots[0].price.buy;
	day->count++;
	return view;
}

static float wish_of(enum plan_rule rule, float level, const struct plan_rule_view *view,
		     const struct plan_reach *reach, float energy_kwh, float net_kwh)
{
	float e = reach->efficiency;
	float follow = net_kwh > 0 ? -net_kwh / e : -net_kwh * e;
	bool is_day = view->hour >= KEEP_FROM_HOUR && view->hour < KEEP_TO_HOUR;

	switch (rule) {
	case RULE_SELF_USE:
		return follow;
	case RULE_TOU:
		return view->is_cheap ? fmaxf(follow, 0) : follow;
	case RULE_TOPUP:
		if (view->fill_slots > 0) {
			float missing = level * reach->room_kwh - energy_kwh;

			return fmaxf(follow, fmaxf(missing, 0) / (float)view->fill_slots);
		}
		return view->is_cheap && is_day ? fmaxf(follow, 0) : follow;
	default:
		return 0;
	}
}

float plan_rule_act(enum plan_rule rule, float level, const struct plan_rule_view *view,
		    const struct plan_reach *reach, float energy_kwh, float net_kwh)
{
	float wish = wish_of(rule, level, view, reach, energy_kwh, net_kwh);

	if (rule == RULE_NONE || !reach->always_serves || net_kwh <= 0)
		return wish;
	return fmaxf(wish, 0) - net_kwh / reach->efficiency;
}
