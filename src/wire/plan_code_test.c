/* A plan comes back from its bytes as it was, but for less than a hundredth of a cent. */
#include "wire/plan_code.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>

static struct planned plan, again;
static uint8_t bytes[PLAN_CODE_MAX];

static void fill(int count)
{
	memset(&plan, 0, sizeof(plan));
	plan.number = 412;
	strcpy(plan.battery.text, "b1");
	plan.made_at.ms = INT64_C(1795595354720);
	plan.from.ms = INT64_C(1795595400000);
	plan.valid_until.ms = INT64_C(1795596600000);
	plan.slot_s = 900;
	plan.days_known = 23;
	plan.is_by_rule = true;
	plan.is_by_log = true;
	plan.cause = PLANNED_FOR_COMMAND;
	plan.bill = 1.2345f;
	plan.saved = -0.4f;
	plan.rule_bill[PLANNED_RULE_TOPUP] = 1.41f;
	plan.bill_between = (struct planned_between){0.9876f, 1.5f};
	plan.saved_between = (struct planned_between){NAN, NAN};
	plan.free_bill = 1.0123f;
	plan.free_self_use = NAN;
	plan.outside = (struct planned_outside){PLANNED_SUN_USED, 62, 9, 410, 230};
	strcpy(plan.currency, "GBP");
	plan.limits = (struct planned_limits){true, true, 1000, 9000, 4600, 5000, 45000};
	plan.count = count;
	for (int i = 0; i < count; i++) {
		struct planned_slot *slot = &plan.slots[i];

		slot->mode = (enum planned_mode)(i % PLANNED_MODES);
		slot->level_bp = 8000 - i;
		slot->is_known = i % 2 == 0;
		slot->buy = 0.3217f;
		slot->sell = -0.05f;
		slot->load_w[PLANNED_P90] = 100000 + i;
		slot->pv_w[PLANNED_P10] = i;
		slot->soc_bp[PLANNED_P50] = 5000 + i;
		slot->bill = NAN;
		slot->has_temp = i % 3 == 0;
		slot->temp_mc = 100 * i - 1000;
		slot->said_w = i % 3 == 0 ? -1 : 10 * i;
		for (int mode = 0; mode < PLANNED_MODES; mode++)
			slot->more[mode] = mode == PLANNED_DISCHARGE_TO ? NAN : 0.25f;
	}
}

static void it_comes_back_as_it_was(void **state)
{
	size_t length;

	(void)state;
	fill(PLANNED_SLOTS_MAX);
	length = plan_encode(bytes, sizeof(bytes), &plan);
	assert_in_range(length, 1, 60 * PLANNED_SLOTS_MAX);
	memset(&again, 0xa5, sizeof(again));
	assert_int_equal(plan_decode(&again, bytes, length), 0);
	assert_int_equal(again.number, 412);
	assert_string_equal(again.battery.text, "b1");
	assert_int_equal(again.made_at.ms, plan.made_at.ms);
	assert_int_equal(again.from.ms, plan.from.ms);
	assert_int_equal(again.valid_until.ms, plan.valid_until.ms);
	assert_true(again.slot_s == 900 && again.days_known == 23 && again.is_by_rule);
	assert_float_equal(again.bill, 1.2345f, 1e-6);
	assert_float_equal(again.saved, -0.4f, 1e-6);
	assert_float_equal(again.rule_bill[PLANNED_RULE_TOPUP], 1.41f, 1e-6);
	assert_true(again.is_by_log && !again.has_no_prices);
	assert_int_equal(again.cause, PLANNED_FOR_COMMAND);
	assert_float_equal(again.free_bill, 1.0123f, 1e-6);
	assert_true(isnan(again.free_self_use));
	assert_float_equal(again.bill_between.low, 0.9876f, 1e-6);
	assert_float_equal(again.bill_between.high, 1.5f, 1e-6);
	assert_true(isnan(again.saved_between.low) && isnan(again.saved_between.high));
	assert_memory_equal(&again.outside, &plan.outside, sizeof(plan.outside));
	assert_string_equal(again.currency, "GBP");
	assert_memory_equal(&again.limits, &plan.limits, sizeof(plan.limits));
	assert_int_equal(again.count, PLANNED_SLOTS_MAX);
	for (int i = 0; i < again.count; i++) {
		const struct planned_slot *slot = &again.slots[i];

		assert_int_equal(slot->mode, i % PLANNED_MODES);
		assert_int_equal(slot->level_bp, 8000 - i);
		assert_true(slot->is_known == (i % 2 == 0) && !slot->price_is_assumed);
		assert_float_equal(slot->buy, 0.3217f, 1e-6);
		assert_float_equal(slot->sell, -0.05f, 1e-6);
		assert_memory_equal(slot->load_w, plan.slots[i].load_w, sizeof(slot->load_w));
		assert_memory_equal(slot->pv_w, plan.slots[i].pv_w, sizeof(slot->pv_w));
		assert_memory_equal(slot->soc_bp, plan.slots[i].soc_bp, sizeof(slot->soc_bp));
		assert_true(slot->has_temp == (i % 3 == 0) && slot->temp_mc == 100 * i - 1000);
		assert_int_equal(slot->said_w, plan.slots[i].said_w);
		assert_true(isnan(slot->bill) && isnan(slot->more[PLANNED_DISCHARGE_TO]));
		assert_float_equal(slot->more[PLANNED_HOLD], 0.25f, 1e-6);
	}
}

static void what_is_cut_short_or_longer_is_none(void **state)
{
	size_t length;

	(void)state;
	fill(3);
	length = plan_encode(bytes, sizeof(bytes), &plan);
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(plan_decode(&again, bytes, cut), -EINVAL);
	assert_int_equal(plan_decode(&again, bytes, length + 1), -EINVAL);
	for (size_t size = 0; size < length; size++)
		assert_int_equal(plan_encode(bytes, size, &plan), 0);
}

/* As the first format wrote it: without what later ones know more. */
static void a_plan_of_the_first_format_is_read(void **state)
{
	static const uint8_t kept[] = {
	    1,    7,                                     /* format, number */
	    2,    'b',  '1',                             /* battery */
	    0xd0, 0x0f, 0xa0, 0x1f, 0xb0, 0x2e,          /* made at 1000, from 2000, until 2968 */
	    0x84, 0x07, 6,    0,                         /* 900 s, 3 days, not by a rule */
	    2,    4,    2,    4,    6,    8,             /* bills */
	    1,                                           /* one slot */
	    3,    0xc0, 0x0c, 0,    1,    2,    2,       /* charge to 8 %, known, prices */
	    2,    2,    2,    2,    2,    2,    2, 2, 2, /* load, PV, charge */
	    4,    2,    2,    2,    2,    2,             /* bill, what others cost more */
	};

	(void)state;
	memset(&again, 0xa5, sizeof(again));
	assert_int_equal(plan_decode(&again, kept, sizeof(kept)), 0);
	assert_int_equal(again.number, 7);
	assert_int_equal(again.slots[0].mode, PLANNED_CHARGE_TO);
	assert_int_equal(again.slots[0].level_bp, 800);
	assert_int_equal(again.slots[0].said_w, -1);
	assert_true(isnan(again.free_bill) && isnan(again.free_self_use));
	assert_true(isnan(again.bill_between.low) && isnan(again.saved_between.high));
	assert_int_equal(again.outside.sun, PLANNED_SUN_OWN);
	assert_true(again.currency[0] == '\0' && !again.limits.are_known);
}

static void another_format_and_slots_of_no_length_are_none(void **state)
{
	size_t length;

	(void)state;
	fill(1);
	length = plan_encode(bytes, sizeof(bytes), &plan);
	bytes[0] = 6;
	assert_int_equal(plan_decode(&again, bytes, length), -EINVAL);
	plan.slot_s = 0;
	assert_int_equal(plan_encode(bytes, sizeof(bytes), &plan), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_comes_back_as_it_was),
	    cmocka_unit_test(what_is_cut_short_or_longer_is_none),
	    cmocka_unit_test(a_plan_of_the_first_format_is_read),
	    cmocka_unit_test(another_format_and_slots_of_no_length_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
