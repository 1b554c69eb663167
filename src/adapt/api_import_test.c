/* Pieces of a CSV file at the API: what is handed over, what is named, where it goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "adapt/api_test_client.h"
#include "adapt/api_test_host.h"

#define HEAD "at,node,soc_pct,temp_c\n"
#define AT(ms) "2023-11-14T22:13:" ms "Z,b1,50,20\n" /* the fixture's now is 22:13:20 */

static struct client_answer import(struct fixture *fixture, const char *target, const char *body)
{
	return client_ask(&fixture->loop, fixture->path, "POST", target, body);
}

static json_int_t number(const struct client_answer *answer, const char *name)
{
	return json_integer_value(json_object_get(answer->body, name));
}

static void import_hands_over_what_is_past_and_names_what_is_to_come(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer =
	    import(fixture, "/api/v1/import?line=101", HEAD AT("19.999") AT("20") AT("20.001"));
	const json_t *error = json_array_get(json_object_get(answer.body, "errors"), 0);

	assert_int_equal(answer.status, 200);
	assert_int_equal(fixture->imports, 2);
	assert_int_equal(fixture->imported[0].kind, RECORD_IMPORTED);
	assert_int_equal(fixture->imported[0].wall.ms, 1699999999999);
	assert_int_equal(fixture->imported[1].wall.ms, 1700000000000);
	assert_int_equal(number(&answer, "rows"), 2);
	assert_int_equal(number(&answer, "bad"), 1);
	assert_int_equal(json_integer_value(json_object_get(error, "line")), 103);
	assert_string_equal(json_string_value(json_object_get(error, "column")), "at");
	assert_int_equal(number(&answer, "read_bytes"),
			 strlen(HEAD AT("19.999") AT("20") AT("20.001")));
	client_done(&answer);
}

static void import_says_how_many_were_new_once_they_are_durable(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer =
	    import(fixture, "/api/v1/import", HEAD AT("10") AT("11") AT("12"));

	assert_int_equal(fixture->stores, 1);
	assert_int_equal(number(&answer, "stored"), 1);
	assert_int_equal(number(&answer, "known"), 2);
	client_done(&answer);
}

static void equal_rows_of_one_time_are_counted(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer = import(
	    fixture, "/api/v1/import", HEAD AT("10") AT("10") AT("11") AT("11") AT("11") AT("10"));
	static const uint32_t COPIES[] = {1, 2, 1, 2, 3, 1};

	for (size_t i = 0; i < ARRAY_LENGTH(COPIES); i++)
		assert_int_equal(fixture->imported[i].reading.copies, COPIES[i]);
	client_done(&answer);
}

static void piece_that_has_no_room_goes_on_at_the_first_row_of_its_time(void **state)
{
	static const struct {
		const char *body, *read;
	} CASES[] = {
	    {HEAD AT("10") AT("11") AT("12"), HEAD AT("10") AT("11")},
	    {HEAD AT("10") AT("11") AT("11") AT("12"), HEAD AT("10")},
	    {HEAD AT("11") AT("11") AT("11"), HEAD AT("11") AT("11")}, /* or it would never end */
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer;

		fixture->imports = 0;
		fixture->import_room = 2;
		answer = import(fixture, "/api/v1/import", CASES[i].body);
		assert_int_equal(answer.status, 200);
		assert_int_equal(number(&answer, "rows"), 2);
		assert_int_equal(number(&answer, "read_bytes"), strlen(CASES[i].read));
		client_done(&answer);
	}
}

static void import_waits_for_a_clock_that_is_trusted(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer;

	fixture->now.wall_is_trusted = false;
	answer = import(fixture, "/api/v1/import", HEAD AT("10"));
	assert_int_equal(answer.status, 503);
	assert_int_equal(fixture->imports, 0);
	client_done(&answer);
}

static void head_that_is_not_understood_is_refused_whole(void **state)
{
	static const char *const BODIES[] = {"", "at,node\n", "at,node,soc_pct,temp_c,x\n" AT("10"),
					     "\"at\n"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(BODIES); i++) {
		struct client_answer answer = import(fixture, "/api/v1/import", BODIES[i]);

		assert_int_equal(answer.status, 400);
		assert_int_equal(fixture->imports, 0);
		client_done(&answer);
	}
}

#define CASE(rule) cmocka_unit_test_setup_teardown(rule, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(import_hands_over_what_is_past_and_names_what_is_to_come),
	    CASE(import_says_how_many_were_new_once_they_are_durable),
	    CASE(equal_rows_of_one_time_are_counted),
	    CASE(piece_that_has_no_room_goes_on_at_the_first_row_of_its_time),
	    CASE(import_waits_for_a_clock_that_is_trusted),
	    CASE(head_that_is_not_understood_is_refused_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
