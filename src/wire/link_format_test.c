/* Finding relays in /.well-known/core, whatever else stands there. */
#include "wire/link_format.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int find(char targets[][LINK_TARGET_MAX], size_t max, const char *answer)
{
	return links_find(targets, max, LINK_TYPE_RELAY, answer, strlen(answer));
}

static void links_of_a_type_are_found(void **state)
{
	static const struct {
		const char *answer;
		int count;
		const char *target;
	} rows[] = {
	    {"", 0, ""},
	    {"</relay>;rt=\"amphora.relay\";obs", 1, "/relay"},
	    {"</relay>;rt=amphora.relay", 1, "/relay"},
	    {"</t>;title=\"now, here; </relay>;rt=amphora.relay\",</r>;rt=\"amphora.relay\"", 1,
	     "/r"},
	    {"</relay>;rt=\"oic.r.switch amphora.relay core.a\"", 1, "/relay"},
	    {"</relay>;rt=\"amphora.relay2\"", 0, ""},
	    {"</relay>;rt=\"xamphora.relay\"", 0, ""},
	    {"</relay>;if=\"amphora.relay\"", 0, ""},
	    {"</relay>;rt=\"first\";rt=\"amphora.relay\"", 0, ""},
	    {"</a,b;c>;rt=\"amphora.relay\"", 1, "/a,b;c"},
	    {"</t>;title=\"a \\\" b\",\n </r>;rt=\"amphora.relay\"", 1, "/r"},
	    {"<coap://else.where/r>;rt=\"amphora.relay\"", 0, ""},
	    {"</a>;rt=\"amphora.relay\",</b>;rt=\"amphora.relay\"", 2, "/a"},
	    {"</.well-known/core>;ct=40,</r>;sz=3;rt=\"amphora.relay\";obs", 1, "/r"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		char targets[4][LINK_TARGET_MAX];

		assert_int_equal(find(targets, 4, rows[i].answer), rows[i].count);
		if (rows[i].count > 0)
			assert_string_equal(targets[0], rows[i].target);
	}
}

static void links_that_are_malformed_are_refused(void **state)
{
	static const char *const answers[] = {
	    "relay",
	    "</relay",
	    "</relay>x",
	    "</relay>;",
	    "</relay>;rt=\"open",
	    "</relay>;=",
	    "</relay>;rt=\"a\"b",
	    "</a>;rt=\"x\\",
	    "</a>,,</b>",
	    "</a>;rt=a\"",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
		char targets[4][LINK_TARGET_MAX];

		assert_int_equal(find(targets, 4, answers[i]), -EINVAL);
	}
}

static void links_are_bounded_in_number_and_length(void **state)
{
	static char answer[LINK_FORMAT_MAX + 2];
	char targets[2][LINK_TARGET_MAX];
	struct text text = text_in(answer, sizeof answer);
	(void)state;

	for (int i = 0; i < LINKS_MAX; i++)
		text_add(&text, "%s</%d>;rt=\"amphora.relay\"", i > 0 ? "," : "", i);
	assert_int_equal(find(targets, 2, answer), 2);
	text_add(&text, ",</one-more>");
	assert_int_equal(find(targets, 2, answer), -E2BIG);
	memset(answer, ' ', LINK_FORMAT_MAX + 1);
	answer[LINK_FORMAT_MAX + 1] = '\0';
	assert_int_equal(find(targets, 2, answer), -E2BIG);
}

static void link_tells_whether_it_can_be_observed(void **state)
{
	static const char answer[] = "</a>;obs;rt=\"x\",</b>;observed=1";
	struct link_cursor cursor = links_of(answer, strlen(answer));
	struct link link;
	(void)state;

	assert_int_equal(link_next(&cursor, &link), 0);
	assert_true(link.is_observable);
	assert_int_equal(link_next(&cursor, &link), 0);
	assert_false(link.is_observable);
	assert_int_equal(link_next(&cursor, &link), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(links_of_a_type_are_found),
	    cmocka_unit_test(links_that_are_malformed_are_refused),
	    cmocka_unit_test(links_are_bounded_in_number_and_length),
	    cmocka_unit_test(link_tells_whether_it_can_be_observed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
