/* What is asked of a CoAP device, and what its answers say by code, order and age. */
#include "wire/coap_target.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/coap_answer.h"
#include "wire/source_read.h"

static void coap_target_is_a_method_a_path_and_a_query(void **state)
{
	static const struct {
		const char *text;
		int result;
		enum coap_method method;
		const char *path, *query;
	} rows[] = {
	    {"/sensors/sht11", 0, COAP_METHOD_PRESET, "sensors/sht11", ""},
	    {"/", 0, COAP_METHOD_PRESET, "", ""},
	    {"POST /actuators/leds?color=r", 0, COAP_METHOD_POST, "actuators/leds", "color=r"},
	    {"PUT /act?mode=1&x=2", 0, COAP_METHOD_PUT, "act", "mode=1&x=2"},
	    {"GET /a", 0, COAP_METHOD_GET, "a", ""},
	    {"/1/2/3/4/5/6/7/8", 0, COAP_METHOD_PRESET, "1/2/3/4/5/6/7/8", ""},
	    {"/1/2/3/4/5/6/7/8/9", -EINVAL, COAP_METHOD_PRESET, "", ""},
	    {"sensors", -EINVAL, COAP_METHOD_PRESET, "", ""},
	    {"DELETE /a", -EINVAL, COAP_METHOD_PRESET, "", ""},
	    {"/a b", -EINVAL, COAP_METHOD_PRESET, "", ""},
	    {"/a%20b", -EINVAL, COAP_METHOD_PRESET, "", ""},
	    {"/a#b", -EINVAL, COAP_METHOD_PRESET, "", ""},
	    {"", -EINVAL, COAP_METHOD_PRESET, "", ""},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct coap_target target;

		assert_int_equal(coap_target_parse(&target, rows[i].text), rows[i].result);
		if (rows[i].result != 0)
			continue;
		assert_int_equal(target.method, rows[i].method);
		assert_string_equal(target.path, rows[i].path);
		assert_string_equal(target.query, rows[i].query);
	}
}

static void coap_code_says_what_came_of_a_request(void **state)
{
	(void)state;
	assert_int_equal(coap_outcome_of_write(205), COAP_GOOD);
	assert_int_equal(coap_outcome_of_write(204), COAP_GOOD);
	assert_int_equal(coap_outcome_of_write(400), COAP_REFUSED);
	assert_int_equal(coap_outcome_of_write(0), COAP_REFUSED);
	assert_int_equal(coap_outcome_of_read(205), COAP_GOOD);
	assert_int_equal(coap_outcome_of_read(405), COAP_NO_READBACK);
	assert_int_equal(coap_outcome_of_read(406), COAP_ERROR);
	assert_int_equal(coap_outcome_of_read(503), COAP_ERROR);
}

static void notification_is_newer_within_half_of_the_numbers_or_after_two_minutes(void **state)
{
	const struct coap_order none = {0}, five = {true, 5, 1000}, last = {true, 16777215, 1000};
	(void)state;

	assert_true(coap_order_is_newer(&none, 0, 0));
	assert_true(coap_order_is_newer(&five, 6, 1001));
	assert_false(coap_order_is_newer(&five, 5, 1001));
	assert_false(coap_order_is_newer(&five, 4, 1001));
	assert_true(coap_order_is_newer(&five, 5 + (1 << 23) - 1, 1001));
	assert_false(coap_order_is_newer(&five, 5 + (1 << 23), 1001));
	assert_true(coap_order_is_newer(&last, 0, 1001));
	assert_false(coap_order_is_newer(&five, 4, 1000 + 128000));
	assert_true(coap_order_is_newer(&five, 4, 1001 + 128000));
}

static void device_is_read_again_before_its_answer_is_stale(void **state)
{
	(void)state;
	assert_int_equal(coap_fresh_for_ms(5, 15000), 5000);
	assert_int_equal(coap_fresh_for_ms(60, 15000), 15000);
	assert_int_equal(coap_read_again_ms(60, 90000), 55000);
	assert_int_equal(coap_read_again_ms(5, 15000), 2500);
	assert_int_equal(coap_read_again_ms(0, 15000), 1000);
}

/* The error of a source with that line in it, or "" where there is none. */
static const char *error_of(const char *line)
{
	static char words[2048];
	struct text errors = text_in(words, sizeof words);
	char file[1024];
	struct text text = text_in(file, sizeof file);
	struct sources *sources;

	text_add(&text, "sources:\n- id: a\n  transport: coap\n%s", line);
	if (sources_parse(&sources, "test", file, text.length, &source_shelf_built_in, &errors) !=
	    0)
		return words;
	sources_free(sources);
	return "";
}

static void source_refuses_what_toggles_or_is_the_nodes_own_supply(void **state)
{
	static const struct {
		const char *lines, *error;
	} rows[] = {
	    {"  write: {on: {path: /actuators/toggle, payload: x}, off: {path: /a, payload: off}, "
	     "confirm: none}\n",
	     "toggle-refused"},
	    {"  write: {on: {path: /a, query: cmd=toggle}, off: {path: /a, payload: off}, "
	     "confirm: none}\n",
	     "toggle-refused"},
	    {"  write: {on: {path: /a, payload: TOGGLE}, off: {path: /a, payload: off}, "
	     "confirm: none}\n",
	     "toggle-refused"},
	    {"  write: {on: {path: /a, payload: on}, off: {path: /a, payload: off}}\n",
	     "write needs read.state"},
	    {"  write: {on: {path: /a}, off: {path: /a, payload: off}, confirm: none}\n",
	     "needs path, and payload or query"},
	    {"  write: {on: {path: a, payload: on}, off: {path: /a, payload: off}, confirm: "
	     "none}\n",
	     "is not allowed: a path such as"},
	    {"  write: {on: {path: /a, payload: on}, off: {path: /a, payload: off}, confirm: "
	     "none}\n",
	     ""},
	    {"  read: {soc_pct: {path: /sensors/battery}}\n", "not-usable"},
	    {"  read: {soc_pct: {path: /sensors/level}}\n", ""},
	    {"  read: {soc_pct: {topic: a}}\n", "topic"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		const char *error = error_of(rows[i].lines);

		print_message("# %s%s\n", rows[i].lines, error);
		assert_int_equal(error[0] == '\0', rows[i].error[0] == '\0');
		assert_non_null(strstr(error, rows[i].error));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(coap_target_is_a_method_a_path_and_a_query),
	    cmocka_unit_test(coap_code_says_what_came_of_a_request),
	    cmocka_unit_test(notification_is_newer_within_half_of_the_numbers_or_after_two_minutes),
	    cmocka_unit_test(device_is_read_again_before_its_answer_is_stale),
	    cmocka_unit_test(source_refuses_what_toggles_or_is_the_nodes_own_supply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
