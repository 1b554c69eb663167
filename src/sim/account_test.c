#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "model/relay.h"
#include "sim/account.h"

#define INTERVAL_MS 10000
#define STALE_MS 90000
#define GRACE_MS 120000 /* 2 s at a factor of 60 */

static const struct account_bounds BOUNDS = {STALE_MS, GRACE_MS};
static const struct account_truth INSIDE = {.soc_pct = 50, .temp_c = 20};
static const struct account_truth HOT = {.soc_pct = 50, .temp_c = 46};

static struct mono_time at(int64_t ms)
{
	return (struct mono_time){1000000 + ms};
}

/* Battery 0 with a reading at 0 and `role` closed since 0. */
static struct account *account_with(enum relay_role role)
{
	struct account *account = calloc(1, sizeof(*account));

	assert_non_null(account);
	account_init(account, 1, &chemistry_preset(CHEMISTRY_LFP)->usual, &BOUNDS);
	account_sent(account, 0, 1, INTERVAL_MS, at(0));
	account_switched(account, 0, role, true, at(0));
	return account;
}

/* Lets the truth stand from `from_ms` to `to_ms`, looked at every second of the house. */
static void stand(struct account *account, const struct account_truth *truth, int64_t from_ms,
		  int64_t to_ms)
{
	for (int64_t ms = from_ms; ms <= to_ms; ms += 1000) {
		account_observe(account, 0, truth, at(ms));
		account_observed(account, at(ms));
	}
}

static void account_counts_what_the_envelope_forbids(void **state)
{
	static const struct {
		enum relay_role role;
		double soc_pct, temp_c;
		unsigned int unsafe;
	} CASES[] = {
	    {RELAY_SOURCE, 50, 45, 0},  {RELAY_SOURCE, 50, 45.1, 1},  {RELAY_SOURCE, 50, 5, 0},
	    {RELAY_SOURCE, 50, 4.9, 1}, {RELAY_SOURCE, 94.99, 20, 0}, {RELAY_SOURCE, 95, 20, 1},
	    {RELAY_SOURCE, 5, 20, 0},   {RELAY_LOAD, 10.01, 20, 0},   {RELAY_LOAD, 10, 20, 1},
	    {RELAY_LOAD, 50, 50, 0},    {RELAY_LOAD, 50, 50.1, 1},    {RELAY_LOAD, 50, -20.1, 1},
	    {RELAY_LOAD, 99, -20, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct account *account = account_with(CASES[i].role);
		struct account_truth truth = {.soc_pct = CASES[i].soc_pct,
					      .temp_c = CASES[i].temp_c};

		stand(account, &truth, 0, 10 * STALE_MS);
		assert_int_equal(account->unsafe, CASES[i].unsafe);
		free(account);
	}
}

static void account_allows_what_the_sensor_cannot_resolve(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);
	struct account_truth truth = {.soc_pct = 95.004,
				      .temp_c = 45.05,
				      .soc_tolerance_pct = 0.005,
				      .temp_tolerance_c = 0.06};

	(void)state;
	stand(account, &truth, 0, 10 * STALE_MS);
	assert_int_equal(account->unsafe, 0);
	free(account);
}

static void account_allows_interval_and_two_seconds(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);

	(void)state;
	stand(account, &INSIDE, 0, 5000);
	stand(account, &HOT, 6000, 6000 + INTERVAL_MS + GRACE_MS);
	assert_int_equal(account->unsafe, 0);
	stand(account, &HOT, 7000 + INTERVAL_MS + GRACE_MS, 7000 + INTERVAL_MS + GRACE_MS);
	assert_int_equal(account->unsafe, 1);
	stand(account, &HOT, 8000 + INTERVAL_MS + GRACE_MS, 500000);
	assert_int_equal(account->unsafe, 1);
	free(account);
}

static void account_counts_a_second_episode(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);

	(void)state;
	stand(account, &HOT, 0, 200000);
	stand(account, &INSIDE, 201000, 202000);
	stand(account, &HOT, 203000, 400000);
	assert_int_equal(account->unsafe, 2);
	free(account);
}

static void account_is_content_with_a_relay_that_opened_in_time(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);

	(void)state;
	stand(account, &HOT, 0, INTERVAL_MS + GRACE_MS);
	account_switched(account, 0, RELAY_SOURCE, false, at(INTERVAL_MS + GRACE_MS + 500));
	stand(account, &HOT, INTERVAL_MS + GRACE_MS + 1000, 500000);
	assert_int_equal(account->unsafe, 0);
	assert_int_equal(account->relays[0][RELAY_SOURCE].on_ms, INTERVAL_MS + GRACE_MS + 500);
	free(account);
}

static void account_waits_for_a_silent_sensor_to_become_stale(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);
	struct account_truth truth = HOT;

	(void)state;
	truth.is_silent = true;
	stand(account, &truth, 0, STALE_MS + GRACE_MS);
	assert_int_equal(account->unsafe, 0);
	stand(account, &truth, STALE_MS + GRACE_MS + 1000, STALE_MS + GRACE_MS + 1000);
	assert_int_equal(account->unsafe, 1);
	free(account);
}

static void account_calls_unavoidable_what_nobody_outside_can_bound(void **state)
{
	struct account_truth frozen = HOT, broken = HOT;

	(void)state;
	frozen.is_frozen = true;
	broken.relay_is_broken[RELAY_SOURCE] = true;
	const struct account_truth *truths[] = {&frozen, &broken};

	for (size_t i = 0; i < ARRAY_LENGTH(truths); i++) {
		struct account *account = account_with(RELAY_SOURCE);

		stand(account, truths[i], 0, 10 * STALE_MS);
		assert_int_equal(account->unsafe, 0);
		assert_int_equal(account->unavoidable, 1);
		free(account);
	}
}

static void account_counts_both_paths_closed(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);

	(void)state;
	account_switched(account, 0, RELAY_LOAD, true, at(0));
	stand(account, &INSIDE, 0, INTERVAL_MS + GRACE_MS);
	assert_int_equal(account->unsafe, 0);
	stand(account, &INSIDE, INTERVAL_MS + GRACE_MS + 1000, 300000);
	assert_int_equal(account->unsafe, 2);
	free(account);
}

static void account_blames_nobody_while_the_house_itself_stood_still(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);

	(void)state;
	stand(account, &HOT, 0, 1000);
	stand(account, &HOT, 1000000, 1000000 + INTERVAL_MS + GRACE_MS - 1000);
	assert_int_equal(account->unsafe, 0);
	free(account);
}

static void account_knows_which_readings_were_acknowledged(void **state)
{
	struct account *account = account_with(RELAY_SOURCE);
	struct account_sensor *sensor = &account->sensors[0];

	(void)state;
	for (int64_t number = 2; number <= 3000; number++)
		account_sent(account, 0, number, INTERVAL_MS, at(number));
	account_acknowledged(account, 0, 1);
	account_acknowledged(account, 0, 3);
	assert_int_equal(sensor->acknowledged_through, 1);
	account_acknowledged(account, 0, 2);
	assert_int_equal(sensor->acknowledged_through, 3);
	account_acknowledged(account, 0, 2);
	assert_int_equal(sensor->acknowledged_through, 3);
	for (int64_t number = 4; number <= 3000; number++)
		account_acknowledged(account, 0, number);
	assert_int_equal(sensor->acknowledged_through, 3000);
	free(account);
}

static void account_is_written_whole(void **state)
{
	char directory[] = "/tmp/account-test-XXXXXX";
	char path[64];
	struct account *account = account_with(RELAY_SOURCE);

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/account.json", directory);
	account_acknowledged(account, 0, 1);
	account_sent(account, 0, 2, INTERVAL_MS, at(1));
	account_sent(account, 0, 3, INTERVAL_MS, at(2));
	account_acknowledged(account, 0, 3);
	account_ordered(account, 0, RELAY_SOURCE);
	assert_int_equal(account_write(account, path, 5, at(2000)), 0);

	json_t *json = json_load_file(path, 0, NULL);
	json_int_t sent, through, beyond, on_ms, from, to;

	assert_non_null(json);
	assert_int_equal(json_unpack(json, "{s:[{s:I, s:I, s:[I]}]}", "sensors", "sent", &sent,
				     "acknowledged_through", &through, "acknowledged_beyond",
				     &beyond),
			 0);
	assert_int_equal(sent, 3);
	assert_int_equal(through, 1);
	assert_int_equal(beyond, 3);
	json_t *relay = json_array_get(json_object_get(json, "relays"), 0);

	assert_int_equal(
	    json_unpack(relay, "{s:I, s:[[I,I]]}", "on_ms", &on_ms, "intervals_ms", &from, &to), 0);
	assert_int_equal(on_ms, 2000);
	assert_int_equal(from, at(5).ms);
	assert_int_equal(to, at(2005).ms);
	json_decref(json);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_not_equal(account_write(account, path, 0, at(0)), 0);
	free(account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(account_counts_what_the_envelope_forbids),
	    cmocka_unit_test(account_allows_what_the_sensor_cannot_resolve),
	    cmocka_unit_test(account_allows_interval_and_two_seconds),
	    cmocka_unit_test(account_counts_a_second_episode),
	    cmocka_unit_test(account_is_content_with_a_relay_that_opened_in_time),
	    cmocka_unit_test(account_waits_for_a_silent_sensor_to_become_stale),
	    cmocka_unit_test(account_calls_unavoidable_what_nobody_outside_can_bound),
	    cmocka_unit_test(account_counts_both_paths_closed),
	    cmocka_unit_test(account_blames_nobody_while_the_house_itself_stood_still),
	    cmocka_unit_test(account_knows_which_readings_were_acknowledged),
	    cmocka_unit_test(account_is_written_whole),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
