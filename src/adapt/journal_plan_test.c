/* Plans are kept with their slots, found by battery and time, and go with age. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "adapt/journal_schema.h"
#include "adapt/journal_test_bench.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
#define NOON_MS INT64_C(1789905600000)

static struct planned plan;

static void make(const char *battery, uint32_t number, int64_t at_ms)
{
	memset(&plan, 0, sizeof(plan));
	(void)snprintf(plan.battery.text, sizeof(plan.battery.text), "%s", battery);
	plan.number = number;
	plan.made_at.ms = plan.from.ms = at_ms;
	plan.slot_s = 900;
	plan.count = PLANNED_SLOTS_MAX;
	for (int i = 0; i < plan.count; i++)
		plan.slots[i].load_w[PLANNED_P50] = 500 + i;
}

static void keep(struct bench *bench, const char *battery, uint32_t number, int64_t at_ms)
{
	struct record record = {
	    .kind = RECORD_PLAN, .wall = {at_ms}, .wall_is_trusted = true, .plan = &plan};

	make(battery, number, at_ms);
	append(bench, &record);
}

struct seen {
	int count;
	uint32_t number[8];
	int32_t last_load_w;
};

static bool see(void *user, const struct planned *kept)
{
	struct seen *seen = user;

	seen->number[seen->count++ % 8] = kept->number;
	seen->last_load_w = kept->slots[kept->count - 1].load_w[PLANNED_P50];
	return true;
}

static void plans_are_found_by_battery_and_time(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct seen seen = {0};
	uint32_t number = 99;

	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_plan_number(reader, &number), 0);
	assert_int_equal(number, 0);
	keep(bench, "b1", 1, NOON_MS);
	keep(bench, "b2", 2, NOON_MS + 1);
	keep(bench, "b1", 3, NOON_MS + 900000);
	bench_commit(bench);
	assert_int_equal(journal_read_plans(reader, "b1", bench_always, see, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_true(seen.number[0] == 1 && seen.number[1] == 3);
	assert_int_equal(seen.last_load_w, 500 + PLANNED_SLOTS_MAX - 1);
	assert_int_equal(journal_read_plan_number(reader, &number), 0);
	assert_int_equal(number, 3);
	seen.count = 0;
	assert_int_equal(
	    journal_read_plans(reader, "b1",
			       (struct journal_span){{NOON_MS + 1}, {NOON_MS + 900000}, 9, false},
			       see, &seen),
	    0);
	assert_int_equal(seen.count, 0);
	journal_reader_free(reader);
	bench_close(bench);
}

static void a_plan_that_cannot_be_read_is_passed_over(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct seen seen = {0};

	bench_open(bench);
	keep(bench, "b1", 1, NOON_MS);
	keep(bench, "b1", 2, NOON_MS + 1);
	bench_commit(bench);
	bench_close(bench);
	bench_sql(bench, "UPDATE plan SET data = x'0102' WHERE number = 1");
	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_plans(reader, "b1", bench_always, see, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.number[0], 2);
	journal_reader_free(reader);
	bench_close(bench);
}

static void a_journal_of_before_gets_room_for_plans(void **state)
{
	struct bench *bench = *state;

	bench_make_version_1(bench);
	bench_open(bench);
	assert_int_equal(bench->set_aside[0], '\0');
	keep(bench, "b1", 1, NOON_MS);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM plan"), 1);
	assert_int_equal(bench_number(bench, "PRAGMA user_version"), JOURNAL_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(plans_are_found_by_battery_and_time),
	    CASE(a_plan_that_cannot_be_read_is_passed_over),
	    CASE(a_journal_of_before_gets_room_for_plans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
