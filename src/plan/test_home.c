#include "plan/test_home.h"

#include <math.h>
#include <stddef.h>

#define FIRST_DAY 20332 /* 2025-09-01, a Monday */

float test_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (float)(*seed >> 40) / (float)(1 << 24);
}

static float bump(float hour, float centre, float width)
{
	return expf(-(hour - centre) * (hour - centre) / (width * width));
}

static struct plan_price price_at(uint64_t *seed, float hour, bool is_dynamic)
{
	float market;

	if (!is_dynamic)
		return (struct plan_price){hour >= 16 && hour < 21 ? 0.5f : 0.2f, 0.05f};
	market = 0.12f + 0.15f * bump(hour, 19, 2.5f) - 0.1f * bump(hour, 13, 3) +
		 0.12f * (test_random(seed) - 0.5f);
	return (struct plan_price){market, market * 0.9f + 0.02f * (test_random(seed) - 0.3f)};
}

void test_home_make(struct test_home *home, uint64_t seed, int days, int slots_per_day,
		    bool is_dynamic)
{
	float hours = 24.0f / (float)slots_per_day, cloud = 0.3f, mood = 1;

	home->slots_per_day = slots_per_day;
	home->count = days * slots_per_day;
	for (int i = 0; i < home->count; i++) {
		int place = i % slots_per_day;
		float hour = (float)place * hours;
		float sun = fmaxf(0, cosf((hour + hours / 2 - 12.5f) / 12 * 3.14159f));

		if (place == 0)
			mood = 0.5f + test_random(&seed);
		cloud =
		    fminf(fmaxf(cloud + 0.4f * (test_random(&seed) - 0.5f) * sqrtf(hours), 0), 1);
		home->slots[i] = (struct plan_slot){
		    .when = {FIRST_DAY + i / slots_per_day, place},
		    .price = price_at(&seed, hour, is_dynamic),
		    .load_kwh = (0.2f + mood * (bump(hour, 7.5f, 1.5f) + 2 * bump(hour, 19, 2.5f)) +
				 0.4f * test_random(&seed)) *
				hours,
		    .pv_kwh = 4 * sun * (1 - 0.8f * cloud) * hours,
		};
	}
}

struct plan_battery test_battery(void)
{
	return (struct plan_battery){.capacity_kwh = 6.4f,
				     .ceiling_kwh = 6.4f,
				     .charge_kw = 5,
				     .discharge_kw = 5,
				     .efficiency = 0.9486833f,
				     .import_max_kw = INFINITY,
				     .export_max_kw = INFINITY,
				     .taper_kwh = 6.4f};
}

void test_home_ahead(const struct test_home *home, int at, struct plan_slot *ahead)
{
	int count = LATTICE_HOURS * home->slots_per_day / 24, per_day = home->slots_per_day;

	for (int i = 0; i < count; i++) {
		int u = at + i, days = 0;

		while (u >= home->count) {
			u -= per_day;
			days++;
		}
		ahead[i] = (struct plan_slot){.when = home->slots[u].when, .price = {NAN, NAN}};
		ahead[i].when.day += days;
		if (i < per_day && days == 0)
			ahead[i].price = home->slots[u].price;
	}
}

double test_home_run(const struct test_home *home, const struct plan_battery *battery,
		     float energy_kwh, float *course)
{
	struct plan_reach reach = plan_reach_of(battery, 24.0f / (float)home->slots_per_day, 1, 1);
	static struct planner memory;
	struct planner *planner = &memory;
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;
	double cost = 0;

	planner_init(planner, battery, home->slots_per_day);
	for (int t = 0; t < home->count; t++) {
		const struct plan_slot *slot = &home->slots[t];
		float net = slot->load_kwh - slot->pv_kwh;
		struct plan_flow flow;

		test_home_ahead(home, t, ahead);
		planner_decide(planner, ahead, false, &decision);
		if (!isnan(net)) {
			planner_hold(planner, energy_kwh, 0, &decision);
			flow = plan_settle(&reach, &energy_kwh,
					   planner_act(&decision, &reach, energy_kwh, net), net,
					   decision.price);
			planner_give(planner, fmaxf(-flow.move_kwh, 0));
			cost += (double)flow.bill + (double)flow.wear;
		}
		planner_take(planner, &decision, slot);
		if (course != NULL)
			course[t] = energy_kwh;
	}
	return cost;
}
