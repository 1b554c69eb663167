/* The words on how often a sensor sends. */
#include "model/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void an_interval_says_what_was_set_what_is_said_and_what_is_done(void **state)
{
	static const struct {
		struct sensor_interval interval;
		const char *words;
	} rows[] = {
	    {{0}, ""},
	    {{.says_ms = 10000}, ""},
	    {{.seen_ms = 10030}, "10 s"},
	    {{.says_ms = 10000, .seen_ms = 10049}, "10 s"},
	    {{.says_ms = 10000, .seen_ms = 12500}, "12.5 s"},
	    {{.says_ms = 10000, .seen_ms = 12501}, "says 10 s, sends every 12.5 s"},
	    {{.says_ms = 10000, .seen_ms = 60000}, "says 10 s, sends every 60 s"},
	    {{.set_ms = 5000}, "set to 5 s"},
	    {{.set_ms = 5000, .seen_ms = 10000}, "set to 5 s, sends every 10 s"},
	    {{.set_ms = 10000, .says_ms = 10000, .seen_ms = 60000},
	     "set to 10 s, says 10 s, sends every 60 s"},
	    {{.set_ms = 10000, .says_ms = 10000, .seen_ms = 10000, .is_confirmed = true},
	     "10 s, as set"},
	    {{.set_ms = 10000, .says_ms = 60000, .seen_ms = 10000, .is_confirmed = true},
	     "says 60 s, sends every 10 s"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		char buffer[128];
		struct text words = text_in(buffer, sizeof(buffer));

		sensor_interval_format(&rows[i].interval, &words);
		assert_string_equal(buffer, rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_interval_says_what_was_set_what_is_said_and_what_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
