/* Readings of the past that come back: stored once, marked, and in nobody's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/journal_test_bench.h"
#include "adapt/redelivery.h"

static struct record imported_record(const char *node, int64_t ts_ms, uint32_t copies)
{
	struct record record = reading_record(node, 50, ts_ms);

	record.kind = RECORD_IMPORTED;
	record.reading.copies = copies;
	record.reading.message_id = 7; /* which counts for nothing */
	return record;
}

static void import_one(struct bench *bench, const char *node, int64_t ts_ms, uint32_t copies)
{
	struct record record = imported_record(node, ts_ms, copies);

	append(bench, &record);
}

static int count(struct bench *bench, struct seen_readings *seen)
{
	struct journal_reader *reader = reader_open(bench);

	*seen = (struct seen_readings){0};
	assert_int_equal(journal_read_readings(reader, NULL, bench_always, see_reading, seen), 0);
	journal_reader_free(reader);
	return seen->count;
}

static void imported_reading_keeps_its_time_and_is_passive(void **state)
{
	struct bench *bench = *state;
	struct record record = imported_record("b1", 1000, 1);
	struct seen_readings seen;

	record.wall_is_trusted = false;
	record.reading.quality = QUALITY_SUSPECT;
	record.reading.acts = true;
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	assert_int_equal(count(bench, &seen), 1);
	assert_int_equal(seen.reading[0].wall.ms, 1000);
	assert_false(seen.reading[0].wall_is_trusted);
	assert_false(seen.reading[0].has_mono);
	assert_false(seen.reading[0].acts);
	assert_int_equal(seen.reading[0].quality, QUALITY_SUSPECT);
	bench_close(bench);
}

static void imported_reading_is_stored_once_by_node_time_and_sequence(void **state)
{
	struct bench *bench = *state;
	struct record stored = reading_record("b1", 50, 1000);
	struct record numbered = imported_record("b1", 1000, 1);
	struct seen_readings seen;

	numbered.reading.reading.has_sequence = true;
	numbered.reading.reading.sequence = 3;
	bench_open(bench);
	append(bench, &stored);
	bench_commit(bench);
	for (int i = 0; i < 2; i++) {
		import_one(bench, "b1", 1000, 1); /* there already */
		import_one(bench, "b1", 1001, 1);
		import_one(bench, "b2", 1000, 1);
		append(bench, &numbered);
		bench_commit(bench);
		assert_int_equal(journal_imported(bench->journal), 3);
	}
	assert_int_equal(count(bench, &seen), 4);
	bench_close(bench);
}

static void equal_readings_are_all_stored_and_still_once(void **state)
{
	struct bench *bench = *state;
	struct seen_readings seen;

	bench_open(bench);
	for (int i = 0; i < 2; i++) {
		for (uint32_t copies = 1; copies <= 3; copies++)
			import_one(bench, "b1", 1000, copies);
		bench_commit(bench);
		assert_int_equal(count(bench, &seen), 3);
		assert_int_equal(journal_imported(bench->journal), 3);
	}
	bench_close(bench);
}

static void take_admission(void *user, const char *node, const char *text)
{
	(void)user;
	(void)node;
	(void)text;
}

static void take_setting(void *user, const char *battery, enum parameter_id parameter,
			 const struct parameter_value *value)
{
	(void)user;
	(void)battery;
	(void)parameter;
	(void)value;
}

static void take_unreadable(void *user, const char *battery, const char *name, const char *value)
{
	(void)user;
	(void)battery;
	(void)name;
	(void)value;
}

static void take_battery(void *user, const char *battery, const struct kept_battery *kept)
{
	(void)user;
	(void)battery;
	(void)kept;
}

static void take_relay(void *user, const char *relay, const struct kept_relay *kept)
{
	(void)user;
	(void)relay;
	(void)kept;
}

static void take_message(void *user, uint16_t id, uint64_t hash)
{
	redelivery_add(user, id, hash);
}

/* A kill after an import: what the broker sends again is known, whatever came in between. */
static void import_of_many_rows_forgets_no_message_that_may_come_again(void **state)
{
	static struct redelivery ring;
	struct bench *bench = *state;
	struct record session = {.kind = RECORD_SESSION};
	struct record live = reading_record("b1", 50, 2000000);
	struct journal_reader *reader;
	struct journal_restored restored;
	const struct journal_restore_visit visit = {&ring,           take_admission, take_setting,
						    take_unreadable, take_battery,   take_relay,
						    take_message};

	redelivery_init(&ring);
	live.reading.message_id = 5;
	live.reading.payload_hash = 99;
	bench_open(bench);
	append(bench, &session);
	append(bench, &live);
	bench_commit(bench);
	for (int64_t i = 0; i < 1500; i++) {
		import_one(bench, i % 2 ? "b1" : "b2", 1000 + i, 1);
		if (i % 300 == 299)
			bench_commit(bench);
	}
	reader = reader_open(bench);
	assert_int_equal(journal_restore(reader, &restored, &visit), 0);
	journal_reader_free(reader);
	bench_close(bench);
	assert_int_equal(ring.last_id, 5);
	assert_true(redelivery_is_known(&ring, 5, 99, true));
}

#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(imported_reading_keeps_its_time_and_is_passive),
	    CASE(imported_reading_is_stored_once_by_node_time_and_sequence),
	    CASE(equal_readings_are_all_stored_and_still_once),
	    CASE(import_of_many_rows_forgets_no_message_that_may_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
